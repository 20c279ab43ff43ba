"""A column's name and a cell's text are never anything else, whatever they spell, at any endpoint.

Each request goes to two datasets that differ only in their columns' names, and must find the same.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import openpyxl
import orjson
import pytest
from django.contrib.auth.models import User
from pyarrow import parquet

from data_tools.operations import OPERATIONS
from tests.support.small_datasets import publish
from tests.support.studio_client import Answer, Studio
from tests.support.studios import open_studio

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.no_cover,  # the same lines, very often
]

HOSTILE = (
    *("2024", "-1", "a__b", 'x"; drop', "'; DROP TABLE data_tools_datarow; --", "%", "%s"),
    *("%(x)s", "", "n" * 10_000, "größe 日本 🙂", "a,b", "[", "new\nline", "/", "../..", "\\"),
    *("{}", "$1", "</script>", "row_number", "values", '["x"]', '{"column": "a"}', "?&=#", " "),
)
PLAIN = tuple(f"plain {at}" for at in range(len(HOSTILE)))
TEXTS = tuple(name[:200] for name in HOSTILE)  # a longer category is no column's name
ROLES = ("float", "text", "datetime")
NO_PATH = ("", "new\nline", "../..")  # a path cannot hold these; the query can


@dataclass(frozen=True, slots=True)
class Names:
    """The names of the columns, by what the columns hold."""

    all: tuple[str, ...]
    shift: int

    def of(self, role: str) -> list[str]:
        return [name for at, name in enumerate(self.all) if self.role(at) == role]

    def role(self, at: int) -> str:
        return ROLES[(at + self.shift) % len(ROLES)]


def rows_of(names: Names) -> list[list[Any]]:
    """Return numbers with gaps, hostile texts and times; each text once in each text column."""
    return [
        [
            {
                "float": None if (row + at) % 7 == 0 else row + at / 4,
                "text": TEXTS[(row + at) % len(TEXTS)],
                "datetime": f"2013-01-{row + 1:02}T{at % 24:02}:00:00",
            }[names.role(at)]
            for at in range(len(names.all))
        ]
        for row in range(len(HOSTILE))
    ]


def pair(user: User, shift: int) -> list[tuple[Studio, Names]]:
    """Return a session on each of the two datasets."""
    made = []
    for spelled in (PLAIN, HOSTILE):
        names = Names(spelled, shift)
        columns = [(name, names.role(at)) for at, name in enumerate(spelled)]
        studio = open_studio(user, publish(user, columns, rows_of(names)))
        made.append((studio, names))
    return made


def requests_of(names: Names) -> dict[str, dict[str, Any]]:
    """Return a request for every operation, on as many columns as it takes."""
    numbers, texts, times = (names.of(role) for role in ROLES)
    nulls = {"on_error": "null"}
    chosen: dict[str, dict[str, Any]] = {
        "rename_column": {"old_name": numbers[0], "new_name": "x' || %s; --"},
        "column_operation_rename": {"new_names": {name: f"{name[:99]}'" for name in texts}},
        "column_operation_drop": {"columns": texts},
        "column_operation_duplicate": {"columns": list(names.all)},
        "reorder_columns": {"columns": list(reversed(names.all))},
        "keep_columns": {"columns": numbers},
        "change_column_type": {"column_name": times[0], "new_type": "text"},
        "fill_missing_values": {"columns": numbers, "strategy": "forward_fill"},
        "find_and_replace": {"columns": texts, "find": "%", "replace_with": "'\\1%s\""},
        "regex_replace": {"columns": texts, "pattern": "(.)(%|'|$)", "replacement": r"\2'\\\1%s"},
        "join_columns": {"columns": list(names.all), "separator": "'%s", "new_name": "'; --"},
        "first_row_as_header": {},
        "trim_text": {"columns": texts},
        "change_case": {"columns": texts, "case": "upper"},
        "split_column": {"column": texts[0], "separator": "%", "maximum_parts": 2},
        "extract_date_parts": {"column": times[0], "parts": ["day", "hour"]},
        "bin_column": {"column": numbers[0], "bins": 3},
        "calculate_column": {
            "left_column": numbers[0],
            "operator": "add",
            "right_column": numbers[1],
            "new_name": "'; --",
        },
        "drop_missing_rows": {"columns": numbers[:2]},
        "drop_duplicate_rows": {"columns": numbers},
        "filter_rows": {"filter": [{"column": texts[0], "op": "ne", "value": "%s"}]},
        "quick_nan_cleaning": {"remove_nan_rows": True, "remove_nan_columns": False},
        "missing_data_imputation_constant": {"columns": texts, "constant_value": "'; --"},
    }
    for name in OPERATIONS:
        if name in chosen:
            continue
        if name.startswith("feature_encoding"):
            chosen[name] = {"columns": texts}
        elif name.startswith("feature_engineering_relative"):
            chosen[name] = {"columns": numbers[:2], "reference_columns": numbers[2:4]} | nulls
        elif name.startswith("feature_engineering"):
            chosen[name] = {"columns": numbers[:3]} | nulls
        elif name.startswith("feature_scaling"):
            chosen[name] = {"columns": numbers} | nulls
        else:
            chosen[name] = {"columns": numbers}
    return chosen


def cells(studio: Studio, query: Mapping[str, str] | None = None) -> list[list[Any]]:
    answer = studio.get("data/", {"page_size": "1000", **(query or {})})
    assert answer.status == 200, answer
    return [list(row.values()) for row in answer.body["data"]]


SHIFTS = pytest.mark.parametrize("shift", range(len(ROLES)))


@SHIFTS
def test_every_operation_does_to_a_column_what_it_does_to_one_of_another_name(
    user: User, shift: int
) -> None:
    (plain, plain_names), (hostile, hostile_names) = pair(user, shift)
    before = cells(plain)
    for operation, parameters in requests_of(plain_names).items():
        requests = (
            (plain, parameters),
            (hostile, requests_of(hostile_names)[operation]),
        )
        answers = [
            studio.post("operations/", {"operation": operation, "parameters": asked})
            for studio, asked in requests
        ]

        assert [answer.status for answer in answers] == [200, 200], (operation, answers)
        assert answers[0].body["cells_changed"] == answers[1].body["cells_changed"]
        assert cells(plain) == cells(hostile), operation
        for studio, _ in requests:
            assert studio.post("session/undo/").status == 200
        assert cells(plain) == cells(hostile) == before, operation


def reads(names: Names) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield reads that name each column, and texts of all kinds."""
    for at, name in enumerate(names.all):
        order = orjson.dumps([{"column": name, "descending": at % 2 == 0}]).decode()
        condition = {"column": name, "op": "is_null"}
        not_null = orjson.dumps([{"not": condition}, {"column": name, "op": "not_null"}]).decode()
        yield "data/", {"sort": order, "filter": not_null}
        if names.role(at) == "text":
            by_language = {"column": name, "locale": "de", "ignore_case": True}
            yield "data/", {"sort": orjson.dumps([by_language]).decode()}
        if HOSTILE[at]:  # for existing clients an empty name means no sort
            yield "data/", {"sortField": name, "sortOrder": "desc"}
        yield "columns/values/", {"column": name}
        if HOSTILE[at] not in NO_PATH:
            yield f"columns/{quote(name, safe='')}/values/", {"filter": not_null}
            if names.role(at) != "text":
                yield f"columns/{quote(name, safe='')}/histogram/", {"filter": not_null}
        for file_format in ("csv", "jsonl", "parquet", "xlsx"):
            if at % 6 == 0:
                yield "export/", {"format": file_format, "sort": order, "filter": not_null}
    text = names.of("text")[0]
    for value in TEXTS[names.shift :: len(ROLES)]:  # the other shifts have the others
        for op in ("eq", "ne", "contains", "starts_with", "ends_with"):
            condition = {"column": text, "op": op, "value": value}
            yield "data/", {"filter": orjson.dumps([condition]).decode()}
        yield "columns/values/", {"column": text, "q": value}
    for path in ("session/status/", "columns/", "session/column-statistics/", "nan/analysis/"):
        yield path, {}
    for path in ("session/recipe/", "session/events/", "operations/"):
        yield path, {}
    yield "session/changes/", {"from_version": "1"}


def without_names(path: str, query: Mapping[str, str], answer: Answer) -> Any:
    """Return the answer without the columns' names, where they can be told apart from the rest."""
    if path == "export/":
        content = io.BytesIO(answer.content)
        match query["format"]:
            case "csv":
                text = io.StringIO(answer.content.decode(), newline="")
                return list(csv.reader(text, strict=True))[1:]
            case "xlsx":
                [sheet] = openpyxl.load_workbook(content).worksheets
                return [list(row) for row in sheet.iter_rows(min_row=2, values_only=True)]
            case "jsonl":
                return [list(orjson.loads(line).values()) for line in content]
            case _:
                return [column.to_pylist() for column in parquet.read_table(content).columns]
    body = answer.body
    if path == "data/":
        return [list(row.values()) for row in body["data"]]
    if path.endswith("/values/"):
        return body["values"]
    if path == "columns/":
        return [{**column, "name": ""} for column in body["columns"]]
    return sorted(body)


@SHIFTS
def test_every_read_finds_in_a_column_what_it_finds_in_one_of_another_name(
    user: User, shift: int
) -> None:
    on_plain, on_hostile = (
        [without_names(path, query, got(studio, path, query)) for path, query in reads(names)]
        for studio, names in pair(user, shift)
    )

    assert on_plain == on_hostile


def got(studio: Studio, path: str, query: Mapping[str, str]) -> Answer:
    answer = studio.get(path, query)
    assert answer.status == 200, (path, query, answer)
    return answer


def existing_requests(names: Names) -> list[tuple[str, dict[str, Any]]]:
    """Return a request for every endpoint that applies one kind of operation."""
    numbers, texts, times = (names.of(role) for role in ROLES)
    nulls = {"on_error": "null"}
    return [
        ("session/rename-column/", {"old_name": texts[0], "new_name": "x' || %s; --"}),
        ("session/change-column-type/", {"column_name": times[0], "new_type": "string"}),
        ("session/fill-missing-values/", {"columns": numbers, "strategy": "median"}),
        ("transform/columns/", {"operation": "drop", "columns": texts[1:]}),
        ("transform/columns/", {"operation": "duplicate", "columns": list(names.all)}),
        ("transform/columns/", {"operation": "rename", "new_names": {numbers[0]: "%d; --"}}),
        ("transform/imputation/", {"method": "mean", "columns": numbers}),
        ("transform/encoding/", {"method": "ordinal", "columns": texts}),
        ("transform/scaling/", {"method": "robust", "columns": numbers} | nulls),
        ("transform/outliers/", {"method": "winsorize", "columns": numbers, "tail": "both"}),
        ("transform/outliers/", {"method": "trim", "columns": numbers[:2], "fold": 0.5}),
        (
            "transform/engineering/",
            {"method": "math", "operation": "sum", "columns": numbers[:3]} | nulls,
        ),
        ("nan/quick-clean/", {"remove_nan_rows": True}),
    ]


@SHIFTS
def test_every_older_endpoint_does_to_a_column_what_it_does_to_one_of_another_name(
    user: User, shift: int
) -> None:
    (plain, plain_names), (hostile, hostile_names) = pair(user, shift)
    before = cells(plain)

    for asked, other in zip(
        existing_requests(plain_names), existing_requests(hostile_names), strict=True
    ):
        for studio, (path, body) in ((plain, asked), (hostile, other)):
            answer = studio.post(path, body)
            assert (answer.status, answer.body["success"]) == (200, True), (path, answer)
        assert cells(plain) == cells(hostile), asked
        for studio in (plain, hostile):
            assert studio.post("session/undo/").status == 200
        assert cells(plain) == cells(hostile) == before, asked


def lived_through(studio: Studio, names: Names) -> list[Any]:
    """Return the cells seen in a session's whole life: read, lost, recovered, forked, saved."""
    numbers, texts, _ = (names.of(role) for role in ROLES)
    seen: list[Any] = []

    def done(path: str, body: Mapping[str, Any], on: Studio = studio) -> Any:
        answer = on.post(path, body)
        assert answer.status == 200, (path, answer)
        return answer.body

    order = [{"column": numbers[0], "descending": True}]
    view = {
        "page_number": 1,
        "page_size": 50,
        "sort": [f"-{numbers[0]}"],
        "filter": [{"column": texts[0], "op": "not_null"}],
        "hidden_columns": texts,
        "column_order": list(reversed(names.all)),
    }
    item = {"client_operation_id": str(uuid4()), "type": "view_changed", "view": view}
    [recorded] = done("session/activity/", {"items": [item]})["results"]
    seen.append(recorded["status"])
    done("session/fill-missing-values/", {"columns": numbers[:2], "strategy": "median"})
    done("session/clear/", {})
    pending = {
        "client_operation_id": str(uuid4()),
        "operation": "trim_text",
        "parameters": {"columns": texts},
    }
    recovered = done("session/recover/", {"pending_operations": [pending]})
    seen.append([each["status"] for each in recovered["pending_operations"]])
    seen.append([list(row.values()) for row in recovered["data"]])
    seen.append(cells(studio, {"sort": orjson.dumps(order).decode()}))
    recipe = studio.get("session/recipe/").body["recipe"]
    done("session/fork/", {"from_version": 1})
    seen.append(cells(studio))
    seen.append(done("session/apply-recipe/", {"recipe": recipe})["fits"])
    seen.append(cells(studio))
    saved = done("session/save/", {"name": names.all[0][:255] or "no name"})["new_datasource"]
    of_saved = replace(studio, datasource_id=saved["id"])
    done("session/initialize/", {}, of_saved)
    seen.append(cells(of_saved))
    return seen


@SHIFTS
def test_a_session_lives_as_well_with_names_of_any_kind(user: User, shift: int) -> None:
    plain, hostile = (lived_through(studio, names) for studio, names in pair(user, shift))

    assert plain == hostile
