"""What an operation makes is limited: columns, cells, and the table as a whole."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from pytest_django import Settings

from data_tools.exceptions import RequestRejected
from data_tools.operations.exceptions import SessionTooComplex
from data_tools.rows import session_rows
from data_tools.rows.session_rows import SessionRows
from tests.support.reference_rows import Table
from tests.support.small_datasets import COLUMNS, publish, replace_rows
from tests.support.stored_rows import stored
from tests.support.studio_client import STRUCTURED, Studio
from tests.support.studios import open_studio

pytestmark = pytest.mark.django_db

MIB = 1 << 20
SetBudgets = Callable[..., None]


@pytest.fixture
def set_budgets(settings: Settings) -> SetBudgets:
    def set_budgets(**budgets: int) -> None:
        settings.BUDGETS = settings.BUDGETS | budgets

    return set_budgets


def table(**columns: tuple[str, list[Any]]) -> SessionRows:
    names = list(columns)
    types = [column_type for column_type, _ in columns.values()]
    rows = [list(row) for row in zip(*(values for _, values in columns.values()), strict=True)]
    return stored(Table(names=names, types=types, rows=rows))


def refusal(rows: SessionRows, name: str, **parameters: Any) -> RequestRejected:
    with pytest.raises(RequestRejected) as refused:
        rows.prepare(name, parameters)
    return refused.value


def done(rows: SessionRows, name: str, **parameters: Any) -> SessionRows:
    return rows.after(rows.prepare(name, parameters))


def letters(studio: Studio, find: str, replace_with: str) -> Any:
    parameters = {"columns": ["x"], "find": find, "replace_with": replace_with}
    return studio.post("operations/", {"operation": "find_and_replace", "parameters": parameters})


class TestTheWholeTable:
    def test_it_does_not_become_a_gigabyte_by_one_operation(self, user: User) -> None:
        """1,000 rows of 100 letters, each of which becomes 10,000."""
        dataset = publish(user, [("x", "text")], [["a" * 100]] * 1_000)
        studio = open_studio(user, dataset, headers=STRUCTURED)
        version = studio.get("session/status/").body["version"]

        refused = letters(studio, "a", "b" * 10_000)

        assert (refused.status, refused.error["code"]) == (400, "TABLE_TOO_LARGE")
        assert refused.error["details"]["bytes_after"] > 900 * MIB
        assert studio.get("session/status/").body["version"] == version
        assert letters(studio, "a", "c").status == 200
        assert studio.post("session/undo/").status == 200
        assert studio.get("data/").body["data"][0] == {"x": "a" * 100}

    def test_a_small_table_grows_as_it_likes(self) -> None:
        rows = table(x=("text", ["a" * 10] * 100))

        rows.prepare("find_and_replace", {"columns": ["x"], "find": "a", "replace_with": "b" * 500})

    @pytest.mark.parametrize(
        ("name", "parameters"),
        [
            ("find_and_replace", {"find": "a", "replace_with": "b" * 10_000}),
            ("find_and_replace", {"find": "a", "replace_with": "b" * 10_000, "match": "cell"}),
            ("find_and_replace", {"find": "A", "replace_with": "b" * 10_000, "ignore_case": True}),
            ("regex_replace", {"pattern": "a", "replacement": "b" * 10_000}),
            ("fill_missing_values", {"strategy": "constant", "fill_value": "c" * 10_000}),
        ],
    )
    def test_every_way_to_write_long_texts_is_measured(
        self, set_budgets: SetBudgets, name: str, parameters: dict[str, Any]
    ) -> None:
        set_budgets(SESSION_FREE_GROWTH_BYTES=MIB)
        rows = table(x=("text", ["a", None] * 1_000))

        refused = refusal(rows, name, columns=["x"], **parameters)

        assert refused.code == "TABLE_TOO_LARGE"

    @pytest.mark.parametrize("strategy", ["forward_fill", "backward_fill", "mode"])
    def test_a_long_text_does_not_fill_many_cells(
        self, set_budgets: SetBudgets, strategy: str
    ) -> None:
        set_budgets(SESSION_FREE_GROWTH_BYTES=MIB)
        rows = table(x=("text", [None] * 500 + ["a" * 100_000] + [None] * 500))

        refused = refusal(rows, "fill_missing_values", columns=["x"], strategy=strategy)

        assert refused.code == "TABLE_TOO_LARGE"
        assert refused.details["bytes_after"] > 500 * 100_000

    @pytest.mark.parametrize("strategy", ["forward_fill", "backward_fill"])
    def test_what_fills_is_measured_by_the_gaps_that_each_text_fills(
        self, set_budgets: SetBudgets, strategy: str
    ) -> None:
        """The long text stands where no gap follows, and none comes before."""
        set_budgets(SESSION_FREE_GROWTH_BYTES=MIB)
        rows = table(
            x=("text", ["s", "a" * 100_000, "s", *[None] * 1_000, "s", "a" * 100_000, "s"])
        )

        done(rows, "fill_missing_values", columns=["x"], strategy=strategy)

    def test_columns_joined_again_and_again_are_bounded_by_the_dataset(
        self, set_budgets: SetBudgets
    ) -> None:
        """Each step makes the table less than ten times as large, and all of them more."""
        set_budgets(SESSION_FREE_GROWTH_BYTES=MIB)
        rows = table(x=("text", ["a" * 2_000] * 2_000), y=("text", ["b"] * 2_000))

        def join_again_and_again() -> None:
            nonlocal rows
            for step in range(8):
                last = rows.columns[-1].name
                rows = done(rows, "join_columns", columns=["x", last], new_name=f"j{step}")

        with pytest.raises(RequestRejected) as refused:
            join_again_and_again()

        assert refused.value.code == "TABLE_TOO_LARGE"
        assert refused.value.details["bytes_before"] < refused.value.details["maximum_bytes"]

    def test_numbers_of_many_new_columns_count(self, set_budgets: SetBudgets) -> None:
        set_budgets(SESSION_FREE_GROWTH_BYTES=MIB)
        rows = table(x=("text", [chr(0x100 + n % 190) for n in range(6_000)]))

        refused = refusal(rows, "feature_encoding_onehot", columns=["x"])

        assert refused.code == "TABLE_TOO_LARGE"

    def test_a_recipe_leaves_out_the_step_that_makes_too_much(self, user: User) -> None:
        dataset = publish(user, [("x", "text")], [["a" * 100]] * 1_000)
        studio = open_studio(user, dataset, headers=STRUCTURED)
        large = {"columns": ["x"], "find": "a", "replace_with": "b" * 10_000}
        steps = [
            {"operation": "find_and_replace", "parameters": large},
            {"operation": "rename_column", "parameters": {"old_name": "x", "new_name": "y"}},
        ]
        recipe = {"format": "data-studio-recipe", "format_version": 1, "operations": steps}

        answer = studio.post("session/apply-recipe/", {"recipe": recipe})

        assert answer.status == 200, answer
        codes = [(step.get("error") or {}).get("code") for step in answer.body["report"]]
        assert codes == ["TABLE_TOO_LARGE", None]


class TestCells:
    @pytest.mark.parametrize(
        ("name", "parameters"),
        [
            ("find_and_replace", {"columns": ["x"], "find": "a", "replace_with": "é" * 10}),
            ("regex_replace", {"columns": ["x"], "pattern": "a", "replacement": "é" * 10}),
            ("join_columns", {"columns": ["x", "y"], "new_name": "z", "separator": "é" * 3_000}),
        ],
    )
    def test_one_that_would_be_too_long_is_refused(
        self, set_budgets: SetBudgets, name: str, parameters: dict[str, Any]
    ) -> None:
        set_budgets(CELL_MAX_BYTES=5_000)
        rows = table(x=("text", ["b", "a" * 300, "b"]), y=("text", [None, "y", None]))

        refused = refusal(rows, name, **parameters)

        assert refused.code == "CELL_TOO_LARGE"
        assert refused.details["row_numbers"] == [2]
        assert refused.details["count"] == 1
        assert refused.details["longest_bytes"] > 5_000

    def test_a_long_one_that_was_loaded_may_become_shorter(self, set_budgets: SetBudgets) -> None:
        set_budgets(CELL_MAX_BYTES=100)
        rows = table(x=("text", [" " + "a" * 300]))

        rows = done(rows, "trim_text", columns=["x"])
        rows = done(rows, "change_case", columns=["x"], case="upper")

        assert rows.operations


class TestColumns:
    @pytest.mark.parametrize(
        ("name", "parameters"),
        [
            ("column_operation_duplicate", {"columns": ["x", "y"]}),
            ("feature_encoding_onehot", {"columns": ["x"]}),
            ("split_column", {"column": "x", "separator": ","}),
            ("calculate_column", {"left_column": "y", "operator": "add", "value": 1}),
        ],
    )
    def test_more_than_a_session_holds_are_refused(
        self, set_budgets: SetBudgets, name: str, parameters: dict[str, Any]
    ) -> None:
        set_budgets(SESSION_MAX_COLUMNS=2)
        rows = table(x=("text", ["a,b,c", "d", "e", "f"]), y=("integer", [1, 2, 3, 4]))
        if name == "calculate_column":
            parameters = parameters | {"new_name": "z"}

        refused = refusal(rows, name, **parameters)

        assert refused.code == "TOO_MANY_COLUMNS"
        assert refused.details["maximum"] == 2

    def test_a_table_that_has_more_may_lose_some(self, set_budgets: SetBudgets) -> None:
        rows = done(table(x=("integer", [1])), "column_operation_duplicate", columns=["x"])
        set_budgets(SESSION_MAX_COLUMNS=1)

        assert len(done(rows, "column_operation_drop", columns=["x"]).columns) == 1

    def test_all_columns_duplicated_again_and_again_end_at_the_limit(self, user: User) -> None:
        studio = open_studio(user, headers=STRUCTURED)
        for _ in range(14):
            names = studio.get("session/status/").body["column_info"]
            body = {"operation": "duplicate", "columns": names}
            answer = studio.post("transform/columns/", body)
            if answer.status != 200:
                break

        assert (answer.status, answer.error["code"]) == (400, "TOO_MANY_COLUMNS")
        status = studio.get("session/status/")
        assert status.status == 200
        assert len(status.body["column_info"]) == len(COLUMNS) * 2**10
        assert len(status.content) <= 16 * MIB
        assert studio.post("session/undo/").status == 200


class TestWorkThatIsThere:
    def test_too_large_work_of_before_can_be_looked_at_and_undone(
        self, user: User, set_budgets: SetBudgets
    ) -> None:
        set_budgets(SESSION_MAX_GROWTH=10_000)
        dataset = publish(user, [("x", "text")], [["a" * 100]] * 50)
        studio = open_studio(user, dataset, headers=STRUCTURED)
        assert letters(studio, "a", "b" * 10_000).status == 200
        set_budgets(SESSION_MAX_GROWTH=10, CELL_MAX_BYTES=100_000, SESSION_FREE_GROWTH_BYTES=MIB)

        page = studio.get("data/", {"page_size": 50})
        undone = studio.post("session/undo/")
        again = studio.post("session/redo/")

        assert len(page.content) < MIB
        assert {mark["characters"] for mark in page.body["shortened_cells"]} == {1_000_000}
        assert (undone.status, again.status) == (200, 200)

    def test_a_recovery_onto_another_file_gives_up_what_would_become_too_large(
        self, user: User, set_budgets: SetBudgets
    ) -> None:
        dataset = publish(user, [("x", "text")], [["a"]])
        studio = open_studio(user, dataset, headers=STRUCTURED)
        letters(studio, "a", "b" * 100)
        replace_rows(dataset, [["a" * 1_000]], [("x", "text")])
        set_budgets(CELL_MAX_BYTES=50_000)

        answer = studio.post("session/recover/", {"strategy": "auto"})

        assert answer.status == 200, answer
        assert answer.body["operations_count"] == 0


def test_operations_together_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session_rows, "MAX_DEFINING_BYTES", 1_000)
    rows = table(x=("integer", [1]), y=("integer", [2]))

    def rename_again_and_again() -> None:
        nonlocal rows
        for step in range(20):
            old = rows.columns[0].name
            rows = done(rows, "rename_column", old_name=old, new_name=f"name {step}")

    with pytest.raises(SessionTooComplex) as refused:
        rename_again_and_again()

    assert refused.value.details["limit"] == "bytes of operations"
