"""Which rows stay, told by columns as blocks hold them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from data_tools.figures.row_flags import complete_rows, distinct_rows

MOMENTS = st.sampled_from(("0001-01-01", "1970-01-01", "2013-01-31")).map(dt.datetime.fromisoformat)
VALUES: list[tuple[pa.DataType, st.SearchStrategy[Any]]] = [
    (pa.int64(), st.sampled_from((0, 1, 2, -(2**63), 2**63 - 1))),
    (pa.int64(), st.integers(-3, 3)),
    (pa.float64(), st.sampled_from((0.0, -0.0, 1.0, 0.1, 1e300, 5e-324))),
    (pa.bool_(), st.booleans()),
    (pa.date32(), MOMENTS.map(dt.datetime.date)),
    (pa.timestamp("s"), MOMENTS),
    (pa.timestamp("us", "UTC"), MOMENTS),
    (pa.dictionary(pa.int32(), pa.string()), st.sampled_from(("", "a", "A", "é", "e\u0301", "ab"))),
]


def column_of(values: list[Any], type_: pa.DataType, chunk_rows: int) -> pa.ChunkedArray:
    """Return values in chunks of so many, each of texts with its own dictionary, as blocks are."""
    chunks = [values[first : first + chunk_rows] for first in range(0, len(values), chunk_rows)]
    return pa.chunked_array([chunk_of(chunk, type_) for chunk in chunks], type_)


def chunk_of(values: list[Any], type_: pa.DataType) -> pa.Array:
    if not pa.types.is_dictionary(type_):
        return pa.array(values, type_)
    texts = sorted({value for value in values if value is not None})
    codes = [None if value is None else texts.index(value) for value in values]
    return pa.DictionaryArray.from_arrays(pa.array(codes, pa.int32()), pa.array(texts, pa.string()))


@st.composite
def tables(draw: st.DrawFn) -> tuple[list[pa.ChunkedArray], list[tuple[Any, ...]]]:
    """Draw columns, and their rows."""
    types = draw(st.lists(st.sampled_from(VALUES), min_size=1, max_size=4))
    few = [draw(st.lists(st.none() | values, min_size=1, max_size=4)) for _, values in types]
    rows = draw(st.lists(st.tuples(*map(st.sampled_from, few)), min_size=1, max_size=30))
    columns = [
        column_of(list(values), type_, draw(st.integers(1, 31)))
        for (type_, _), values in zip(types, zip(*rows, strict=True), strict=True)
    ]
    return columns, rows


@given(table=tables(), keeps_first=st.booleans())
def test_of_rows_with_the_same_values_one_stays(
    table: tuple[list[pa.ChunkedArray], list[tuple[Any, ...]]], keeps_first: bool
) -> None:
    columns, rows = table
    chosen: dict[tuple[Any, ...], int] = {}
    for at, row in enumerate(rows):
        if not keeps_first or row not in chosen:
            chosen[row] = at

    flags = distinct_rows(columns, len(rows), keeps_first=keeps_first)

    assert flags is not None
    assert [at for at, stays in enumerate(flags) if stays] == sorted(chosen.values())


@given(table=tables(), needs_all=st.booleans())
def test_rows_with_values_stay(
    table: tuple[list[pa.ChunkedArray], list[tuple[Any, ...]]], needs_all: bool
) -> None:
    columns, rows = table
    holds = all if needs_all else any

    flags = complete_rows(columns, len(rows), needs_all=needs_all)

    assert flags is not None
    assert flags.tolist() == [holds(value is not None for value in row) for row in rows]


def test_minus_zero_is_the_same_as_zero() -> None:
    flags = distinct_rows([pa.chunked_array([[0.0, -0.0, 5e-324]])], 3, keeps_first=True)

    assert flags is not None
    assert flags.tolist() == [True, False, True]


def test_columns_are_read_until_all_rows_differ() -> None:
    ones, numbers = pa.chunked_array([[1, 1, 1]]), pa.chunked_array([[3, None, 5]])
    columns = iter([ones, numbers, None, ones])

    flags = distinct_rows(columns, 3, keeps_first=True)

    assert flags is not None
    assert flags.all()
    assert list(columns) == [None, ones]


@pytest.mark.parametrize(
    ("needs_all", "certain"), [(True, [None, None, None]), (False, [1, 2, 3])], ids=str
)
def test_columns_are_read_until_it_is_certain_which_rows_have_values(
    needs_all: bool, certain: list[int | None]
) -> None:
    def columns() -> Iterator[pa.ChunkedArray | None]:
        yield pa.chunked_array([[1, None, 3]])
        yield pa.chunked_array([certain], pa.int64())
        raise AssertionError("read on")

    flags = complete_rows(columns(), 3, needs_all=needs_all)

    assert flags is not None
    assert set(flags.tolist()) == {not needs_all}


def test_without_a_column_nobody_can_tell() -> None:
    columns = [pa.chunked_array([[1, 1, 2]]), None]

    assert distinct_rows(columns, 3, keeps_first=True) is None
    assert complete_rows(columns, 3, needs_all=True) is None
