"""No answer exceeds its budget: long texts are cut and marked, pages end, reads are refused."""

from __future__ import annotations

from typing import Any

import pytest
from django.conf import settings as django_settings
from django.contrib.auth.models import User
from django.test import override_settings
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import Settings

from data_tools.filtering import EVERYTHING, PageSpec
from data_tools.rows.pages import read_cell, read_page
from tests.support.reference_rows import Table
from tests.support.small_datasets import publish
from tests.support.stored_rows import stored
from tests.support.studio_client import STRUCTURED, Answer, Studio
from tests.support.studios import open_studio, studio_of
from tests.support.users import UserFactory

pytestmark = pytest.mark.django_db

MIB = 1 << 20
LONG = "é" * 30_000
COLUMNS = [("n", "integer"), ("text", "text"), ("other", "text")]


@pytest.fixture(autouse=True)
def _small_answers(settings: Settings) -> None:
    settings.BUDGETS = settings.BUDGETS | {"ANSWER_MAX_BYTES": MIB, "SHOWN_CELL_CHARACTERS": 1_000}


def long_studio(user: User, rows: list[list[Any]] | None = None) -> Studio:
    rows = rows or [[1, "short", None], [2, LONG, "x"], [3, None, "y" * 1_001], [4, "z", "z"]]
    return open_studio(user, publish(user, COLUMNS, rows), headers=STRUCTURED)


def marks(answer: Answer) -> list[tuple[int, str, int]]:
    shortened = answer.body.get("shortened_cells", [])
    return [(mark["row"], mark["column"], mark["characters"]) for mark in shortened]


def test_a_long_text_is_cut_and_marked(user: User) -> None:
    answer = long_studio(user).get("data/")

    assert marks(answer) == [(2, "text", 30_000), (3, "other", 1_001)]
    shown = [(row["text"], row["other"]) for row in answer.body["data"]]
    assert shown == [("short", None), ("é" * 1_000, "x"), (None, "y" * 1_000), ("z", "z")]


def test_an_answer_without_a_long_text_says_nothing_of_it(user: User) -> None:
    answer = open_studio(user).get("data/")

    assert {"shortened_cells", "rows_left_out"} & set(answer.body) == set()


@pytest.mark.parametrize("sort", ["-n", "text"])
def test_a_mark_names_the_row_by_its_place_among_all_rows_that_are_shown(
    user: User, sort: str
) -> None:
    studio = long_studio(user)
    query = {"sort": sort, "page_number": 2, "page_size": 2}

    answer = studio.get("data/", query)

    for row, column, characters in marks(answer):
        cell = studio.get("data/cell/", {"row": row, "column": column, "sort": sort}).body
        shown = answer.body["data"][row - 1 - 2][column]
        assert len(cell["value"]) == characters
        assert cell["value"].startswith(shown)
    assert marks(answer)


def test_every_answer_with_rows_cuts_and_marks(user: User) -> None:
    studio = long_studio(user)
    expected = [(2, "text", 30_000), (3, "other", 1_001)]
    version = studio.get("session/status/").body["version"]

    answers = [
        studio.get("session/status/"),
        studio.get("data/", {"at_version": version}),
        studio.get("session/status/", {"at_version": version}),
        studio.get(f"/tools/api/get_data/{studio.datasource_id}/"),
        studio.post("session/rename-column/", {"old_name": "n", "new_name": "m"}),
        studio.post("session/undo/"),
        studio.post("session/initialize/"),
        studio.post("session/recover/", {"strategy": "auto"}),
    ]

    assert [marks(answer) for answer in answers] == [expected] * len(answers)


def test_texts_that_exceed_the_share_of_their_row_are_cut_in_the_database(user: User) -> None:
    studio = long_studio(user, [[n, "a" * 400_000 if n % 2 else "b", None] for n in range(30)])

    answer = studio.get("data/", {"page_size": 30})

    assert len(answer.content) < 100_000
    assert marks(answer) == [(n + 1, "text", 400_000) for n in range(1, 30, 2)]
    assert [len(row["text"]) for row in answer.body["data"]] == [1, 1_000] * 15


def wide_studio(user: User, *, columns: int = 300, rows: int = 60) -> Studio:
    """A table whose rows have no long text and about 900 characters for each column."""
    names = [(f"column {at}", "text") for at in range(columns)]
    dataset = publish(user, names, [["v" * 300] * columns for _ in range(rows)])
    return studio_of(user, dataset, headers=STRUCTURED)


def test_a_page_that_has_no_room_is_refused_and_says_how_many_rows_have(user: User) -> None:
    studio = wide_studio(user)
    studio.post("session/initialize/")

    refused = studio.get("data/", {"page_size": 50})

    assert (refused.status, refused.error["code"]) == (400, "ANSWER_TOO_LARGE")
    fit = refused.error["details"]["rows_that_fit"]
    assert 1 <= fit < 50
    assert str(fit) in refused.error["message"]
    page = studio.get("data/", {"page_size": fit})
    assert len(page.body["data"]) == fit
    assert len(page.content) <= MIB
    assert studio.get("data/", {"page_size": fit + 1}).status == 400


def test_rows_that_nobody_asked_for_by_the_page_end_where_room_ends(user: User) -> None:
    studio = wide_studio(user)
    studio.post("session/initialize/")

    status = studio.get("session/status/")

    shown = len(status.body["data_preview"])
    assert 1 <= shown < 60
    assert status.body["rows_left_out"] == 60 - shown
    assert len(status.content) <= MIB


def test_a_command_whose_page_has_no_room_says_that_it_took_effect(user: User) -> None:
    studio = wide_studio(user)
    studio.post("session/initialize/")

    answer = studio.post(
        "operations/",
        {
            "operation": "rename_column",
            "parameters": {"old_name": "column 0", "new_name": "first"},
            "page_number": 1,
            "page_size": 60,
        },
    )

    assert answer.status == 200
    assert "took effect" in answer.body["page_error"]
    assert answer.body["column_info"][0] == "first"
    assert studio.get("session/status/").body["version"] == answer.body["version"]


def test_one_row_always_has_room_however_many_columns_of_text_there_are(user: User) -> None:
    names = [(f"c{at}", "text") for at in range(2_000)]
    dataset = publish(user, names, [["\x01" * 999] * 2_000, ["b"] * 2_000])
    studio = studio_of(user, dataset, headers=STRUCTURED)

    page = studio.get("data/", {"page_size": 1})

    assert page.status == 200, page
    assert len(page.content) <= MIB
    assert {mark["characters"] for mark in page.body["shortened_cells"]} == {999}
    whole = studio.get("data/cell/", {"row": 1, "column": "c7"})
    assert whole.body["value"] == "\x01" * 999


def test_any_other_answer_that_is_too_large_is_refused_or_says_what_took_effect(
    user: User, settings: Settings
) -> None:
    long_names = [(f"{at} {'n' * 250}", "integer") for at in range(100)]
    studio = open_studio(user, publish(user, long_names, [[1] * 100]), headers=STRUCTURED)
    body = {"operation": "duplicate", "columns": [name for name, _ in long_names]}
    settings.BUDGETS = settings.BUDGETS | {"ANSWER_MAX_BYTES": 20_000}

    read = studio.get("session/column-statistics/")
    command = studio.post("transform/columns/", body)

    assert (read.status, read.error["code"]) == (400, "ANSWER_TOO_LARGE")
    assert command.status == 200
    assert command.body["success"] is True
    assert "took effect" in command.body["page_error"]
    assert command.body["version"] == 2


def test_columns_can_be_described_some_at_a_time(user: User) -> None:
    names = [(f"c{at}", "text") for at in range(60)]
    rows = [[f"{n}-{'ü' * 450}"] * 60 for n in range(20)]
    studio = studio_of(user, publish(user, names, rows), headers=STRUCTURED)

    refused = studio.get("columns/")
    fit = refused.error["details"]["columns_that_fit"]
    pages = [studio.get("columns/", {"offset": at, "limit": fit}) for at in range(0, 60, fit)]

    assert (refused.status, refused.error["code"]) == (400, "ANSWER_TOO_LARGE")
    described = [column["name"] for page in pages for column in page.body["columns"]]
    assert described == [name for name, _ in names]
    assert {page.body["total_columns"] for page in pages} == {60}


class TestCells:
    def test_it_is_whole(self, user: User) -> None:
        cell = long_studio(user).get("data/cell/", {"row": 2, "column": "text"})

        assert cell.body["value"] == LONG
        assert (cell.body["row"], cell.body["column"], cell.body["type"]) == (2, "text", "text")

    def test_its_column_may_be_given_by_key(self, user: User) -> None:
        cell = long_studio(user).get("data/cell/", {"row": 3, "key": "b2"})

        assert cell.body["value"] == "y" * 1_001

    def test_it_is_found_by_filter_and_order(self, user: User) -> None:
        query = {
            "row": 1,
            "column": "text",
            "filter": '[{"column": "n", "op": "lte", "value": 2}]',
            "sort": "-n",
        }

        assert long_studio(user).get("data/cell/", query).body["value"] == LONG

    def test_it_is_of_a_version(self, user: User) -> None:
        studio = long_studio(user)
        studio.post(
            "operations/",
            {
                "operation": "find_and_replace",
                "parameters": {"columns": ["text"], "find": "é", "replace_with": "e"},
            },
        )

        now = studio.get("data/cell/", {"row": 2, "column": "text"}).body
        before = studio.get("data/cell/", {"row": 2, "column": "text", "at_version": 1}).body

        assert (now["value"], now["version"]) == ("e" * 30_000, 2)
        assert (before["value"], before["version"], before["read_only"]) == (LONG, 1, True)

    def test_a_missing_one_is_null(self, user: User) -> None:
        assert (
            long_studio(user).get("data/cell/", {"row": 3, "column": "text"}).body["value"] is None
        )

    def test_one_of_a_float_stays_a_float(self, user: User) -> None:
        studio = studio_of(user, publish(user, [("x", "float")], [[1e16]]))

        assert b'"value":1e+16' in studio.get("data/cell/", {"row": 1, "column": "x"}).content

    def test_one_beyond_the_last_row_is_refused(self, user: User) -> None:
        refused = long_studio(user).get("data/cell/", {"row": 5, "column": "text"})

        assert (refused.status, refused.error["code"]) == (400, "INVALID_PARAMETER")
        assert refused.error["details"]["rows"] == 4

    def test_one_without_room_is_refused(self, user: User) -> None:
        studio = long_studio(user, [[1, "x" * MIB, None]])

        refused = studio.get("data/cell/", {"row": 1, "column": "text"})

        assert (refused.status, refused.error["code"]) == (400, "ANSWER_TOO_LARGE")

    def test_it_is_nobody_elses(self, user: User) -> None:
        studio = long_studio(user)
        stranger = studio_of(UserFactory(), studio.datasource_id, headers=STRUCTURED)

        answer = stranger.get("data/cell/", {"row": 2, "column": "text"})

        assert (answer.status, answer.error["code"]) == (404, "DATASOURCE_NOT_FOUND")

    def test_it_records_nothing(self, user: User) -> None:
        studio = long_studio(user)
        version = studio.get("session/status/").body["version"]

        cell = studio.get("data/cell/", {"row": 2, "column": "text", "sort": "n"})

        assert cell.body["version"] == version
        assert studio.get("session/status/").body["version"] == version


TEXTS = st.one_of(
    st.none(),
    st.text(st.sampled_from('ab"\\\x01é🙂'), max_size=40),
    st.integers(6, 13).map(lambda n: "é🙂\\" * n),
)


@given(rows=st.lists(st.tuples(TEXTS, st.integers(), TEXTS), min_size=1, max_size=8))
def test_a_page_is_the_whole_page_but_for_the_texts_that_it_marks(
    rows: list[tuple[str | None, int, str | None]],
) -> None:
    whole = [[first, number % 1_000, second] for first, number, second in rows]
    types = ["text", "integer", "text"]
    table = stored(Table(names=["first", "number", "second"], types=types, rows=whole))
    # The second is so small that long rows are cut in the database.
    for room in (MIB, 2_000):
        budgets = django_settings.BUDGETS | {
            "ANSWER_MAX_BYTES": room,
            "SHOWN_CELL_CHARACTERS": 20,
        }
        with override_settings(BUDGETS=budgets):
            page = read_page(table, PageSpec(page_size=len(whole)))
            marked = {(cut.row, cut.column): cut.characters for cut in page.cut_texts}
            assert marked == {
                (row, column.name): len(value)
                for row, values in enumerate(whole, start=1)
                for column, value in zip(table.columns, values, strict=True)
                if isinstance(value, str) and len(value) > 20
            }
            assert page.rows == [
                [value[:20] if isinstance(value, str) else value for value in values]
                for values in whole
            ]
            for row, name in marked:
                at = [column.name for column in table.columns].index(name)
                assert read_cell(table, EVERYTHING, row, table.columns[at]) == whole[row - 1][at]
