"""Filters, sorts and removed rows over HTTP."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from django.contrib.auth.models import User

from data_tools.models import DataSource
from session_events.events import OperationApplied
from session_events.models import SessionEvent
from tests.support.clock import Clock
from tests.support.small_datasets import ROWS, publish
from tests.support.studio_client import STRUCTURED, Answer, Studio
from tests.support.studios import UNDO, open_studio, rename

pytestmark = pytest.mark.django_db

LATE = [{"column": "delay", "op": "gte", "value": 0}]


@pytest.fixture
def studio(user: User, datasource: DataSource) -> Studio:
    return open_studio(user, datasource, headers=STRUCTURED)


def ids(answer: Answer) -> list[int]:
    assert answer.status == 200, answer
    return [row["id"] for row in answer.body["data"]]


def apply(studio: Studio, name: str, **parameters: Any) -> Answer:
    step = {"operation": name, "parameters": parameters}
    recipe = {"format": "data-studio-recipe", "format_version": 1, "operations": [step]}
    answer = studio.post("session/apply-recipe/", {"recipe": recipe})
    assert answer.body["report"][0]["fits"], answer
    return answer


def test_a_filtered_page_has_its_own_totals_beside_all_rows(studio: Studio) -> None:
    answer = studio.get(
        "data/", {"filter": json.dumps(LATE), "sort": "-delay", "page": 2, "pageSize": 3}
    )

    assert ids(answer) == [7]
    assert answer.body["pagination"] == {
        "page_number": 2,
        "page_size": 3,
        "total_rows": 7,
        "filtered_rows": 4,
        "total_pages": 2,
        "has_next": False,
        "has_previous": True,
    }
    # What older grids page by.
    assert (answer.body["totalRows"], answer.body["totalPages"]) == (4, 2)


@pytest.mark.parametrize(
    ("condition", "expected_ids"),
    [
        ({"column": "carrier", "op": "eq", "value": "uA", "ignore_case": True}, [1, 6]),
        ({"column": "carrier", "op": "eq", "value": "ua"}, []),
        ({"column": "carrier", "op": "eq", "value": ""}, [3]),
        ({"column": "carrier", "op": "ne", "value": "UA"}, [2, 3, 4, 5, 7]),
        ({"column": "carrier", "op": "in", "value": ["DL", "007"]}, [5, 7]),
        ({"column": "id", "op": "eq", "value": 2**53 + 1}, [1]),
        ({"column": "id", "op": "eq", "value": 2**53}, []),
        ({"column": "id", "op": "lt", "value": 2.5}, [2]),
        ({"column": "carrier", "op": "in", "value": ["uA", "Dl"], "ignore_case": True}, [1, 6, 7]),
        ({"column": "delay", "op": "between", "value": [0, 4]}, [1, 3, 7]),
        ({"column": "delay", "op": "between", "value": [4, 4]}, [3]),
        ({"column": "cancelled", "op": "eq", "value": False}, [1, 3, 5, 6]),
        ({"column": "cancelled", "op": "is_null"}, [4]),
        ({"column": "day", "op": "gt", "value": "2013-01-02"}, [6, 7]),
        ({"column": "seen_at", "op": "eq", "value": "2013-01-01T06:40+01:00"}, [3]),
        ({"column": "seen_at", "op": "lt", "value": "2013-01-02"}, [1, 3]),
        ({"not": {"column": "delay", "op": "gte", "value": 0}}, [2, 4, 5]),
    ],
)
def test_a_condition_finds_its_rows(
    studio: Studio, condition: Any, expected_ids: list[int]
) -> None:
    read = ids(studio.get("data/", {"filter": json.dumps(condition)}))

    assert [1 if number > 7 else number for number in read] == expected_ids


def test_rows_are_ordered_by_several_columns_missing_last(studio: Studio) -> None:
    answer = studio.get("data/", {"sort": "cancelled,-carrier"})

    assert [1 if number > 7 else number for number in ids(answer)] == [1, 6, 5, 3, 7, 2, 4]


# Endpoints that answer rows among other things

ANSWERS_WITH_ROWS: tuple[tuple[str, str, Any], ...] = (
    ("GET", "session/status/", {}),
    ("GET", "session/status/", {"at_version": 1}),
    ("POST", "session/initialize/", {}),
    ("POST", "session/undo/", {}),
    ("POST", "session/redo/", {}),
    ("POST", "session/reset/", {}),
    ("POST", "session/resume/", {}),
    ("POST", "session/rename-column/", {"old_name": "day", "new_name": "date"}),
    ("POST", "session/fork/", {"from_version": 1}),
    ("POST", "session/recover/", {"strategy": "auto"}),
    (
        "POST",
        "operations/",
        {"operation": "trim_text", "parameters": {"columns": ["carrier"]}},
    ),
    (
        "POST",
        "session/apply-recipe/",
        {"recipe": {"format": "data-studio-recipe", "format_version": 1, "operations": []}},
    ),
)


def asked_for(studio: Studio, method: str, path: str, sent: Any, **query: Any) -> Answer:
    if method == "GET":
        return studio.get(path, sent | query)
    return studio.post(path, sent, query=query)


@pytest.fixture
def worked_in(studio: Studio) -> Studio:
    """A session with something to undo, to redo and, for `resume`, paused."""
    return studio.take(rename("seen_at", "seen"), rename("seen", "at"), UNDO)


@pytest.mark.parametrize(("method", "path", "sent"), ANSWERS_WITH_ROWS)
def test_every_answer_with_rows_shows_the_filtered_rows_in_order(
    worked_in: Studio, method: str, path: str, sent: Any
) -> None:
    if path == "session/resume/":
        worked_in.post("session/pause/")

    answer = asked_for(
        worked_in, method, path, sent, filter=json.dumps(LATE), sort="-delay", page_size=3
    )

    assert answer.status == 200, answer
    shown = answer.body.get("data_preview", answer.body.get("data"))
    assert [row["id"] for row in shown] == [6, 3, ROWS[0][0]]
    assert answer.body["pagination"]["filtered_rows"] == 4


def test_a_filter_alone_shows_its_first_hundred_rows_and_counts_them(studio: Studio) -> None:
    answer = studio.get("session/status/", {"filter": json.dumps(LATE)})

    assert len(answer.body["data_preview"]) == 4
    assert answer.body["pagination"]["page_size"] == 100
    assert answer.body["pagination"]["filtered_rows"] == 4


@pytest.mark.parametrize(
    ("query", "code"), [({"filter": "[5]"}, "INVALID_FILTER"), ({"sort": "id,id"}, "INVALID_SORT")]
)
@pytest.mark.parametrize(
    ("method", "path", "sent"), [answer for answer in ANSWERS_WITH_ROWS if answer[0] == "POST"]
)
def test_a_command_with_an_impossible_selection_does_nothing(
    worked_in: Studio, method: str, path: str, sent: Any, query: Any, code: str
) -> None:
    before = worked_in.get("session/status/").body

    answer = asked_for(worked_in, method, path, sent, **query)

    assert (answer.status, answer.error["code"]) == (400, code)
    assert worked_in.get("session/status/").body == before


@pytest.mark.parametrize(
    "query", [{"filter": '[{"column": "day", "op": "is_null"}]'}, {"sort": "-day"}]
)
def test_a_command_that_took_effect_says_so_even_if_the_selected_column_is_gone(
    studio: Studio, query: Any
) -> None:
    answer = asked_for(
        studio, "POST", "session/rename-column/", {"old_name": "day", "new_name": "d"}, **query
    )

    assert answer.status == 200, answer
    assert answer.body["data_preview"] is None
    assert "took effect" in answer.body["page_error"]
    assert "d" in studio.get("session/status/").body["column_info"]


def test_a_dry_run_does_not_say_that_it_took_effect(studio: Studio) -> None:
    recipe = {"format": "data-studio-recipe", "format_version": 1, "operations": []}
    dry_run = {"recipe": recipe, "dry_run": True}

    answer = asked_for(studio, "POST", "session/apply-recipe/", dry_run, sort="nowhere")

    assert (answer.status, answer.error["code"]) == (400, "COLUMN_NOT_FOUND")


def test_a_recovery_shows_the_requested_rows_instead_of_the_last_view(studio: Studio) -> None:
    studio.get("data/", {"sort": "-id", "page_number": 3, "page_size": 2})

    answer = asked_for(
        studio, "POST", "session/recover/", {"strategy": "auto"}, filter=json.dumps(LATE)
    )

    assert ids(answer) == [ROWS[0][0], 3, 6, 7]
    assert answer.body["pagination"]["page_number"] == 1


# The last view is restored


def looked_again(studio: Studio) -> Answer:
    return studio.post("session/recover/", {"strategy": "auto"})


def test_recovery_shows_the_filtered_and_sorted_page_again(studio: Studio) -> None:
    query = {"filter": json.dumps(LATE), "sort": "-delay,id", "page_number": 2, "page_size": 2}
    seen = studio.get("data/", query)
    studio.post("session/clear/")

    recovered = looked_again(studio)

    view = recovered.body["view"]
    assert (view["page_number"], view["page_size"]) == (2, 2)
    assert (view["sort"], view["filter"]) == (["-delay", "id"], LATE)
    assert recovered.body["data"] == seen.body["data"] != []
    assert recovered.body["pagination"] == seen.body["pagination"]


def test_a_filter_on_a_column_that_is_gone_is_dropped_and_page_1_is_shown(studio: Studio) -> None:
    query = {"filter": json.dumps(LATE), "sort": "-delay,-id", "page_number": 2, "page_size": 2}
    studio.get("data/", query)
    studio.post("session/rename-column/", {"old_name": "delay", "new_name": "late"})

    recovered = looked_again(studio)

    assert ids(recovered) == [2**53 + 1, 7]
    assert recovered.body["pagination"]["filtered_rows"] == 7


@pytest.mark.parametrize("name", ["-id", "+id", "a,b", "[x"])
def test_an_order_by_a_column_of_any_name_comes_back(
    studio: Studio, name: str, clock: Clock
) -> None:
    studio.post("session/rename-column/", {"old_name": "id", "new_name": name})
    seen = studio.get("data/", {"sort": json.dumps([{"column": name}]), "page_size": 3})

    recovered = looked_again(studio)

    assert [row[name] for row in seen.body["data"]] == [2, 3, 4]
    assert recovered.body["data"] == seen.body["data"]


# The order of a language

WORDS = ["z", "Ä", "a", "Z", None, "ä"]
BY_LANGUAGE = {
    "de": ["a", "ä", "Ä", "z", "Z", None],
    "sv": ["a", "z", "Z", "ä", "Ä", None],
}


@pytest.fixture
def words(user: User) -> Studio:
    dataset = publish(user, [("word", "text"), ("n", "integer")], [[w, 1] for w in WORDS])
    return open_studio(user, dataset, headers=STRUCTURED)


def order_of(locale: str | None, **options: Any) -> str:
    return json.dumps([{"column": "word", "locale": locale, **options}])


@pytest.mark.parametrize("locale", BY_LANGUAGE)
def test_every_answer_with_rows_is_in_the_order_of_a_language_on_request(
    words: Studio, locale: str
) -> None:
    sort = order_of(locale)
    pages = [words.get("data/", {"sort": sort, "page_size": 4, "page_number": n}) for n in (1, 2)]
    exported = words.get("export/", {"format": "jsonl", "sort": sort})
    status = words.get("session/status/", {"sort": sort})

    expected = BY_LANGUAGE[locale]
    assert [row["word"] for page in pages for row in page.body["data"]] == expected
    assert [json.loads(line)["word"] for line in exported.content.splitlines()] == expected
    assert [row["word"] or None for row in status.body["data_preview"]] == expected


def test_pages_in_another_order_have_another_tag(words: Studio) -> None:
    sorts = [order_of(None), order_of("de"), order_of("sv"), order_of(None, ignore_case=True)]

    tags = [words.get("data/", {"sort": sort}).headers["ETag"] for sort in sorts]

    assert len(set(tags)) == len(sorts)


def test_a_recovery_shows_the_order_of_a_language_again(words: Studio) -> None:
    seen = words.get("data/", {"sort": order_of("sv", descending=True, ignore_case=True)})
    words.post("session/clear/")

    recovered = looked_again(words)

    assert recovered.body["data"] == seen.body["data"]
    [recorded] = recovered.body["view"]["sort"]
    assert json.loads(recorded) == {
        "column": "word",
        "descending": True,
        "locale": "sv",
        "ignore_case": True,
    }


@pytest.mark.parametrize(
    ("sort", "named"),
    [
        ([{"column": "word", "locale": "tlh"}], {"path": "sort[0].locale"}),
        ([{"column": "n", "locale": "de"}], {"column": "n", "option": "locale"}),
        ([{"column": "n", "ignore_case": True}], {"column": "n", "option": "ignore_case"}),
        ([{"column": "word", "collate": "de"}], {"path": "sort[0].collate"}),
    ],
)
@pytest.mark.parametrize("path", ["data/", "export/", "session/status/"])
def test_an_order_that_is_not_possible_is_refused_by_name(
    words: Studio, path: str, sort: Any, named: dict[str, Any]
) -> None:
    answer = words.get(
        path, {"sort": json.dumps(sort)} | ({"format": "csv"} if "exp" in path else {})
    )

    assert (answer.status, answer.error["code"]) == (400, "INVALID_SORT")
    assert named.items() <= answer.error["details"].items()


# Removed rows


def test_undo_brings_removed_rows_back_and_redo_removes_them_again(studio: Studio) -> None:
    before = studio.get("data/").body["data"]

    removed = apply(studio, "drop_missing_rows", columns=["delay"])
    after = studio.get("data/").body["data"]

    assert removed.body["session_info"]["current_shape"] == [5, 6]
    assert [row["delay"] for row in after] == [2.5, 4.0, -1.0, 33.25, 0.0]
    studio.post("session/undo/")
    assert studio.get("data/").body["data"] == before
    studio.post("session/redo/")
    assert studio.get("data/").body["data"] == after


def test_an_event_holds_the_proof_of_the_rows_and_not_the_rows(studio: Studio) -> None:
    apply(studio, "filter_rows", filter=LATE)

    [event] = SessionEvent.objects.filter(wire_name=OperationApplied.wire_name)
    payload = json.loads(event.payload)
    assert payload["fitted"]["kept"]["count"] == payload["rows_after"] == 4
    assert len(payload["fitted"]["kept"]["sha256"]) == 64


def test_a_filter_operation_is_a_recipe_that_needs_its_columns(studio: Studio, user: User) -> None:
    apply(studio, "filter_rows", filter={"any": [*LATE, {"column": "id", "op": "eq", "value": 2}]})
    recipe = studio.get("session/recipe/").body["recipe"]
    other = publish(user, rows=ROWS[3:], name="others")
    elsewhere = replace(studio, datasource_id=other.pk)
    elsewhere.post("session/initialize/")

    applied = elsewhere.post("session/apply-recipe/", {"recipe": recipe})

    assert {column["name"] for column in recipe["source"]["columns"]} == {"id", "delay"}
    assert applied.body["report"][0]["fits"], applied
    assert ids(elsewhere.get("data/")) == [6, 7]


@pytest.mark.parametrize("how", ["json", "form", "multipart"])
def test_quick_cleaning_answers_in_the_existing_envelope(user: User, how: str) -> None:
    rows = [[1, None, "x"], [None, None, "y"], [3, None, "z"]]
    dataset = publish(user, [("a", "integer"), ("e", "float"), ("t", "text")], rows, name="gaps")
    studio = open_studio(user, dataset)
    part = '--x\r\nContent-Disposition: form-data; name="remove_nan_rows"\r\n\r\ntrue\r\n--x--\r\n'
    content, content_type = {
        "json": (b'{"remove_nan_rows": true}', "application/json"),
        "form": (
            b"remove_nan_rows=true&remove_nan_columns=true&csrfmiddlewaretoken=x",
            "application/x-www-form-urlencoded",
        ),
        "multipart": (part.encode(), "multipart/form-data; boundary=x"),
    }[how]

    answer = studio.request(
        "POST", "nan/quick-clean/", content=content, headers={"Content-Type": content_type}
    )

    assert answer.status == 200, answer
    assert answer.body["data"] == {
        "message": "Removed 1 row, 2 left",
        "summary": {
            "original_rows": 3,
            "original_columns": 3,
            "rows_removed": 1,
            "columns_removed": 1,
            "columns_dropped": ["e"],
            "operations_performed": [
                {"operation": "remove_nan_columns", "columns_removed": 1, "column_names": ["e"]},
                {"operation": "remove_nan_rows", "rows_removed": 1},
            ],
            "final_rows": 2,
            "final_columns": 2,
        },
        "data_changed": True,
        "new_shape": [2, 2],
        "original_shape": [3, 3],
    }
    assert studio.get("data/").body["data"] == [{"a": 1, "t": "x"}, {"a": 3, "t": "z"}]


def test_quick_cleaning_of_rows_alone_removes_all_if_none_is_complete(studio: Studio) -> None:
    apply(studio, "filter_rows", filter=[{"column": "delay", "op": "is_null"}])

    answer = studio.post("nan/quick-clean/", {"remove_nan_columns": False})

    assert answer.body["data"]["new_shape"] == [0, 6]
    assert studio.post("session/undo/").body["session_info"]["current_shape"] == [2, 6]


def test_quick_cleaning_sent_again_is_answered_but_not_repeated(studio: Studio) -> None:
    command = {"client_operation_id": "00000000-0000-4000-8000-000000000009"}
    first = studio.post("nan/quick-clean/", command)

    again = studio.post("nan/quick-clean/", command)

    assert (first.body["repeated"], again.body["repeated"]) == (False, True)
    assert again.body["data"]["summary"] == first.body["data"]["summary"]
    assert again.body["version"] == first.body["version"]
