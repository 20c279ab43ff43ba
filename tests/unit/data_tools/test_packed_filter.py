"""Conditions on packed columns find what the reference in plain Python finds."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data_tools.column_blocks.cutting import as_chunks
from data_tools.column_blocks.json_values import ARROW_TYPES, values_of
from data_tools.column_blocks.packing import packed, unpacked
from data_tools.columns import ColumnType
from data_tools.exceptions import TookTooLong
from data_tools.filtering.filters import filter_from_json
from data_tools.rows.lists.found import FilteredRows
from data_tools.rows.lists.packed_filter import mask_where
from data_tools.sql.conditions import conditions_on
from data_tools.under_way.requests import under_way
from session_events.events import Column
from tests.support.random_stacks import filters, tables
from tests.support.reference_rows import Table
from tests.support.stored_blocks import json_texts


def packed_column(values: list[Any], column_type: str, *, block_rows: int = 4) -> pa.ChunkedArray:
    blocks = []
    for first in range(0, len(values), block_rows):
        block = values_of(json_texts(values[first : first + block_rows]), ColumnType(column_type))
        assert block is not None, values
        blocks.append(unpacked(packed(block)))
    chunks = as_chunks(blocks)
    arrow_type = ARROW_TYPES[ColumnType(column_type)]
    return chunks.cast(arrow_type) if pa.types.is_null(chunks.type) else chunks


def filtered(table: Table, condition: Any, *, block_rows: int = 4) -> FilteredRows:
    columns = [
        Column(key=f"b{at}", name=name, type=column_type)
        for at, (name, column_type) in enumerate(zip(table.names, table.types, strict=True))
    ]
    conditions = conditions_on(columns, filter_from_json(condition))
    values = {
        column.key: packed_column(table.column(at), column.type, block_rows=block_rows)
        for at, column in enumerate(columns)
    }
    is_met = mask_where(conditions, values)
    assert is_met is not None
    return FilteredRows(is_met, None)


def found(table: Table, condition: Any) -> list[int]:
    rows = filtered(table, condition)
    return rows.places(0, rows.row_count).tolist()


def of(values: list[Any], column_type: str) -> Table:
    return Table(names=["x"], types=[column_type], rows=[[value] for value in values])


def without_case(condition: Any) -> Any:
    """What only the database can say is left to it."""
    if isinstance(condition, list):
        return [without_case(part) for part in condition]
    if "column" in condition:
        return {name: part for name, part in condition.items() if name != "ignore_case"}
    return {name: without_case(part) for name, part in condition.items()}


@settings(max_examples=400)
@given(data=st.data())
def test_any_filter_finds_the_rows_of_the_reference(data: st.DataObject) -> None:
    table = data.draw(tables(most_rows=14, times_of_one_form=True))
    condition = without_case(data.draw(filters(table)))

    rows = filtered(table, condition, block_rows=data.draw(st.integers(1, 15)))

    expected = [at for at, row in enumerate(table.rows, start=1) if table.holds(condition, row)]
    assert rows.row_count == len(expected)
    assert rows.whole().tolist() == expected
    first, last = sorted(data.draw(st.tuples(*[st.integers(0, len(expected))] * 2)))
    assert rows.between(first, last).tolist() == expected[first:last]


INTEGERS = [2**63 - 1, -(2**63), 2**53 + 1, 2**53, 0, -1, None]


@pytest.mark.parametrize(
    ("operator", "value", "expected"),
    [
        ("eq", 2**53 + 1, [2]),
        ("eq", float(2**53), [3]),
        ("eq", 0.5, []),
        ("eq", 2**63, []),
        ("eq", -(2**63), [1]),
        ("ne", 0.5, [0, 1, 2, 3, 4, 5, 6]),
        ("ne", 2**63, [0, 1, 2, 3, 4, 5, 6]),
        ("ne", 0, [0, 1, 2, 3, 5, 6]),
        ("lt", -0.5, [1, 5]),
        ("lte", -1, [1, 5]),
        ("lt", -1, [1]),
        ("gt", -0.5, [0, 2, 3, 4]),
        ("gte", -0.0, [0, 2, 3, 4]),
        ("gt", 2**63 - 1, []),
        ("gte", 1e300, []),
        ("lte", 1e300, [0, 1, 2, 3, 4, 5]),
        ("gt", -1e300, [0, 1, 2, 3, 4, 5]),
        ("lt", -(2**63), []),
        ("lt", -1e300, []),
        ("between", [-0.5, 2.0**53], [3, 4]),
        ("between", [-1e300, 1e300], [0, 1, 2, 3, 4, 5]),
        ("between", [0.1, 0.9], []),
        ("in", [0.5, 2**63, 2**53 + 1, -1.0], [2, 5]),
    ],
)
def test_integers_are_compared_with_any_number_to_the_last_digit(
    operator: str, value: Any, expected: list[int]
) -> None:
    assert found(of(INTEGERS, "integer"), [{"column": "x", "op": operator, "value": value}]) == (
        expected
    )


def test_zero_is_zero_under_any_sign() -> None:
    table = of([0.0, -0.0, 1.0, None], "float")

    for value in (0, -0.0, 0.0):
        assert found(table, [{"column": "x", "op": "in", "value": [value]}]) == [0, 1]
        assert found(table, [{"column": "x", "op": "eq", "value": value}]) == [0, 1]


@pytest.mark.parametrize(
    ("values", "value", "expected"),
    [
        (["2013-01-31T05:00:00", "2013-01-31T05:00:01"], "2013-01-31T05:00:00.000001", [0]),
        (
            ["2013-01-31T05:00:00.001Z", "2013-01-31T05:00:00.002Z"],
            "2013-01-31T06:00:00.002+01",
            [0],
        ),
        (["0001-01-01T00:00:00.000000", "9999-12-31T23:59:59.999999"], "2013-01-31", [0]),
    ],
)
def test_instants_are_compared_to_the_microsecond_however_they_are_written(
    values: list[str], value: str, expected: list[int]
) -> None:
    table = of([*values, None], "datetime")

    assert found(table, [{"column": "x", "op": "lt", "value": value}]) == expected
    assert found(table, [{"column": "x", "op": "in", "value": [value]}]) == [
        at for at, text in enumerate(values) if text == "2013-01-31T05:00:00.002Z"
    ]


def test_an_empty_part_is_in_every_text() -> None:
    table = of(["", "a", None], "text")

    for operator in ("contains", "starts_with", "ends_with"):
        assert found(table, [{"column": "x", "op": operator, "value": ""}]) == [0, 1]


def test_a_filter_stops_when_the_time_of_its_request_is_over() -> None:
    with under_way(-1), pytest.raises(TookTooLong):
        found(of([1], "integer"), [{"column": "x", "op": "eq", "value": 1}])
