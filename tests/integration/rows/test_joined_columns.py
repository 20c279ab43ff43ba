"""Columns joined into one of text."""

from __future__ import annotations

from typing import Any

import pytest

from data_tools.exceptions import RequestRejected
from data_tools.rows.session_rows import SessionRows
from tests.support.reference_rows import Table
from tests.support.stored_rows import all_rows, stored

pytestmark = pytest.mark.django_db

TABLE = Table(
    names=["first", "last", "age", "share", "is new", "born"],
    types=["text", "text", "integer", "float", "boolean", "date"],
    rows=[
        ["Ada", "Lovelace", 36, 0.5, True, "1815-12-10"],
        ["Alan", None, 2**53 + 1, 1e16, False, None],
        [None, None, None, None, None, None],
        ["", "%s", -1, 3.0, None, "0001-01-01"],
    ],
)


def joined(columns: list[str], **parameters: Any) -> list[Any]:
    rows = stored(TABLE)
    request = {"columns": columns, "new_name": "all", **parameters}
    after = rows.after(rows.prepare("join_columns", request))
    assert after.columns[-1].name == "all"
    assert after.columns[-1].type == "text"
    return [row[-1] for row in all_rows(after)]


def refusal(rows: SessionRows | None = None, **parameters: Any) -> RequestRejected:
    request = {"columns": ["first", "last"], "new_name": "all", **parameters}
    with pytest.raises(RequestRejected) as refused:
        (rows or stored(TABLE)).prepare("join_columns", request)
    return refused.value


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, ["Ada Lovelace", "Alan", None, " %s"]),
        ({"separator": ""}, ["AdaLovelace", "Alan", None, "%s"]),
        ({"separator": "', '"}, ["Ada', 'Lovelace", "Alan", None, "', '%s"]),
        ({"missing": "missing"}, ["Ada Lovelace", None, None, " %s"]),
        ({"missing": "text"}, ["Ada Lovelace", "Alan ", " ", " %s"]),
        (
            {"missing": "text", "missing_text": "n/a"},
            ["Ada Lovelace", "Alan n/a", "n/a n/a", " %s"],
        ),
        ({"columns": ["last", "first"]}, ["Lovelace Ada", "Alan", None, "%s "]),
    ],
)
def test_texts_are_joined_with_what_is_asked_for_missing_ones(
    options: dict[str, Any], expected: list[str | None]
) -> None:
    assert joined(**({"columns": ["first", "last"]} | options)) == expected


def test_values_of_any_type_are_joined_as_they_would_become_text() -> None:
    columns = ["age", "share", "is new", "born"]

    assert joined(columns, separator="|") == [
        "36|0.5|true|1815-12-10",
        "9007199254740993|1e+16|false",
        None,
        "-1|3|0001-01-01",
    ]


def test_joined_columns_can_be_taken_away_and_their_name_be_given_again() -> None:
    rows = stored(TABLE)
    request = {"columns": ["first", "last"], "new_name": "first", "drop_columns": True}

    after = rows.after(rows.prepare("join_columns", request))

    assert [column.name for column in after.columns] == ["age", "share", "is new", "born", "first"]
    assert all_rows(after)[0] == [36, 0.5, True, "1815-12-10", "Ada Lovelace"]


@pytest.mark.parametrize(
    ("parameters", "code"),
    [
        ({"new_name": "first"}, "COLUMN_EXISTS"),
        ({"new_name": "age", "drop_columns": True}, "COLUMN_EXISTS"),
        ({"new_name": " "}, "INVALID_PARAMETER"),
        ({"new_name": None}, "INVALID_PARAMETER"),
        ({"columns": ["first"]}, "INVALID_PARAMETER"),
        ({"columns": ["first", "first"]}, "INVALID_PARAMETER"),
        ({"columns": ["first", "nowhere"]}, "COLUMN_NOT_FOUND"),
        ({"missing": "ignore"}, "INVALID_PARAMETER"),
        ({"separator": 5}, "INVALID_PARAMETER"),
        ({"separator": "x" * 10_001}, "INVALID_PARAMETER"),
    ],
)
def test_what_cannot_be_joined_is_refused(parameters: dict[str, Any], code: str) -> None:
    assert refusal(**parameters).code == code


def test_more_than_a_million_characters_are_refused() -> None:
    rows = stored(Table(["a", "b"], ["text", "text"], [["x", "y"], ["x" * 995_000, "y"]]))

    refused = refusal(rows, columns=["a", "b"], separator="-" * 5_000)

    assert refused.code == "VALUES_DO_NOT_FIT"
    assert refused.details["row_numbers"] == [2]
