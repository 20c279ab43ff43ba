"""Columns that are looked at together settle as each would by itself."""

from __future__ import annotations

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data_tools.columns import ColumnType
from data_tools.ingest.options import ColumnOptions, ReadingOptions
from data_tools.ingest.stored_rows import json_texts
from data_tools.ingest.typed_columns import side_by_side
from data_tools.ingest.typed_columns.inferred_column import InferredColumn

PLAIN = ("1.5", "-0.25", "3", "0.001", "-7", "123456789.125", "99999")
ODD = (
    "-0",
    "1000000000000000",
    "1e-7",
    "1.50",
    "5E1",
    "1e+22",
    "9007199254740993",
    "0.1000000000000000055511",
)
OTHER = ("NA", "inf", "x", "", "007", "+1", "true", "2013-01-01")
FLOATS = st.sampled_from(PLAIN) | st.none()
PIECES = st.one_of(
    st.lists(FLOATS, min_size=3, max_size=3),
    st.lists(FLOATS | st.sampled_from(ODD), min_size=3, max_size=3),
    st.lists(FLOATS | st.sampled_from(ODD + OTHER), min_size=3, max_size=3),
)
# With the first, a column knows that it is one of floats; with the others, not all it has to.
BEGINNINGS = (["-1.5", "0.25", "12.5"], ["5E1", "7", "8"], ["3.10", "3.9", "4.5"], ["1.234"] * 3)


def as_alone(pieces: list[list[str | None]], options: ReadingOptions) -> tuple[object, list[str]]:
    column = InferredColumn("x")
    column.follow(options, ColumnOptions())
    for piece in pieces:
        column.observe(pa.array(piece, pa.string()))
    column.conclude()
    return column.report.as_json(), [
        column.json_texts(pa.array(piece, pa.string())).to_pylist() for piece in pieces
    ]


@settings(max_examples=300)
@given(
    columns=st.lists(st.lists(PIECES, min_size=3, max_size=3), min_size=1, max_size=5),
    beginning=st.sampled_from(BEGINNINGS),
    decimal=st.sampled_from((".", ".", ",")),
)
def test_columns_together_are_what_each_is_alone(
    columns: list[list[list[str | None]]], beginning: list[str], decimal: str
) -> None:
    options = ReadingOptions(decimal=decimal, thousands="")
    columns = [[beginning, *pieces] for pieces in columns]
    together = [InferredColumn("x") for _ in columns]
    for column in together:
        column.follow(options, ColumnOptions())
    batches = [
        [pa.array(piece, pa.string()) for piece in pieces] for pieces in zip(*columns, strict=True)
    ]

    for batch in batches:
        side_by_side.observe(together, batch)
    for column in together:
        column.conclude()
    texts = [side_by_side.json_texts(together, batch) for batch in batches]

    for at, pieces in enumerate(columns):
        report, expected = as_alone(pieces, options)
        assert together[at].report.as_json() == report
        assert [of_batch[at].to_pylist() for of_batch in texts] == expected


@pytest.mark.parametrize("odd", [*ODD, *OTHER])
def test_only_columns_of_nothing_but_plain_floats_are_told(odd: str) -> None:
    arrays = [
        pa.array(texts, pa.string())
        for texts in (PLAIN[:3], (PLAIN[3], odd, None), (None, None, None), PLAIN[4:7])
    ]

    assert side_by_side.are_plain_floats(arrays) == [True, False, True, True]


@pytest.mark.parametrize("number", [*PLAIN, *ODD])
def test_floats_are_written_in_the_shortest_form_whatever_the_file_has(number: str) -> None:
    values = pa.array(["0.5", number], pa.string())
    column = InferredColumn("x")

    side_by_side.observe([column], [values])
    column.conclude()

    if column.report.type is ColumnType.FLOAT:
        expected = json_texts.unquoted(values.cast(pa.float64()))
        assert side_by_side.json_texts([column], [values]) == [expected]


def test_floats_that_are_written_as_their_json_need_no_second_form() -> None:
    values = pa.array(["-1.5", "0.25", None], pa.string())
    column = InferredColumn("x")

    column.observe(values)
    column.conclude()

    assert column.json_texts(values) is values
