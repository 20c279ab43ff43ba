"""The first row's values as the names of the columns."""

from __future__ import annotations

from typing import Any

import pytest

from data_tools.exceptions import RequestRejected
from data_tools.rows.session_rows import SessionRows
from tests.support.reference_rows import Table
from tests.support.stored_rows import all_rows, stored

pytestmark = pytest.mark.django_db


def texts(*rows: list[Any]) -> SessionRows:
    names = [f"column_{at}" for at in range(1, len(rows[0]) + 1)]
    return stored(Table(names, ["text"] * len(names), list(rows)))


def after(rows: SessionRows, name: str = "first_row_as_header", **request: Any) -> SessionRows:
    return rows.after(rows.prepare(name, request))


def names_of(rows: SessionRows) -> list[str]:
    return [column.name for column in rows.columns]


@pytest.mark.parametrize(
    ("first_row", "names"),
    [
        (["id", "price"], ["id", "price"]),
        (["price", "price"], ["price", "price_2"]),
        (["price", "price_2", "price"], ["price", "price_2", "price_3"]),
        (["price", "price", "price_2"], ["price", "price_3", "price_2"]),
        ([None, "", " \t"], ["column_1", "column_2", "column_3"]),
        ([None, "column_1"], ["column_1_2", "column_1"]),
        (["column_2", "column_1"], ["column_2", "column_1"]),
        (["größe 日本", "'; DROP TABLE x; --", "%s"], ["größe 日本", "'; DROP TABLE x; --", "%s"]),
        (["x" * 300, "y"], ["x" * 255, "y"]),
    ],
)
def test_the_first_row_names_the_columns_and_goes(
    first_row: list[str | None], names: list[str]
) -> None:
    rows = texts(first_row, ["1"] * len(first_row), [None] * len(first_row))

    named = after(rows)

    assert names_of(named) == names
    assert all_rows(named) == [["1"] * len(names), [None] * len(names)]
    assert {column.type for column in named.columns} == {"text"}


def test_the_message_says_that_types_stay() -> None:
    prepared = texts(["id"], ["1"]).prepare("first_row_as_header", {})

    assert prepared.message == (
        "Named 1 column after the first row and took it away; the types stay as they were"
    )
    assert (prepared.rows_before, prepared.rows_after) == (2, 1)


def test_values_of_other_types_name_columns_as_text_spells_them() -> None:
    types = ["integer", "float", "boolean", "date", "datetime"]
    values = [2**53 + 1, 1e16, True, "2024-01-31", "2024-01-31T10:00:00Z"]
    rows = stored(Table(list("abcde"), types, [values, [None] * 5]))

    named = after(rows)

    assert names_of(named) == [
        *("9007199254740993", "1e+16", "true", "2024-01-31", "2024-01-31T10:00:00Z")
    ]
    assert [column.type for column in named.columns] == types


def test_the_first_row_is_the_first_of_those_that_are_left() -> None:
    rows = texts(["title", None], [None, None], ["id", "price"], ["1", "2"])
    without_title = after(rows, "filter_rows", filter=[{"column": "column_2", "op": "not_null"}])

    named = after(without_title)

    assert names_of(named) == ["id", "price"]
    assert all_rows(named) == [["1", "2"]]


def test_names_can_be_taken_from_rows_again_and_again() -> None:
    rows = texts(["a", "b"], ["c", "d"], ["e", "f"])

    named = after(after(rows))

    assert names_of(named) == ["c", "d"]
    assert all_rows(named) == [["e", "f"]]
    assert all_rows(after(named)) == []


def test_columns_get_types_afterwards() -> None:
    named = after(texts(["id", "day"], ["7", "31/01/2024"]))
    typed = after(named, "change_column_type", column_name="id", new_type="integer")
    typed = after(
        typed,
        "change_column_type",
        column_name="day",
        new_type="date",
        date_format="%d/%m/%Y",
    )

    assert all_rows(typed) == [[7, "2024-01-31"]]


def test_two_thousand_columns_are_named() -> None:
    rows = texts([f"n{at}" for at in range(2_000)], [str(at) for at in range(2_000)])

    assert names_of(after(rows)) == [f"n{at}" for at in range(2_000)]


def test_without_a_row_there_are_no_names() -> None:
    with pytest.raises(RequestRejected) as refused:
        stored(Table(["a"], ["text"], [])).prepare("first_row_as_header", {})

    assert refused.value.code == "NOTHING_TO_FIT"
