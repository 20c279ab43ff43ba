"""A column's values as blocks: exactly those of the JSON texts that rows are stored as."""

from __future__ import annotations

import datetime as dt
import math
import tracemalloc
import uuid
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from data_tools.column_blocks import cutting, writing
from data_tools.column_blocks.binary_copy import TupleReceiver, copies
from data_tools.column_blocks.cutting import BlockCutter, Cut, as_chunks
from data_tools.column_blocks.json_values import ColumnReader, values_of
from data_tools.column_blocks.packing import packed, unpacked
from data_tools.column_blocks.writing import BaseColumnsWriter
from data_tools.columns import ColumnType
from data_tools.exporting.arrow_rows import ARROW_TYPES, json_arrays
from data_tools.ingest.stored_rows import json_texts
from session_events.events import Column

texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=6)
dates = st.dates()
datetimes = st.datetimes()


def json_of(values: list[Any], column_type: ColumnType) -> pa.StringArray:
    """The JSON texts of a column's values, as ingest stores them."""
    array = pa.array(values, ARROW_TYPES.get(column_type, pa.string()))
    [written] = json_arrays([array], [Column(key="b0", name="x", type=column_type)])
    return written


def with_gaps(values: st.SearchStrategy[Any]) -> st.SearchStrategy[list[Any]]:
    return st.lists(st.none() | values, min_size=1, max_size=20)


@given(with_gaps(st.integers(-(2**63), 2**63 - 1)))
def test_integers_are_those_of_the_texts(values: list[int | None]) -> None:
    read = values_of(json_of(values, ColumnType.INTEGER), ColumnType.INTEGER)

    assert unpacked(packed(read)).to_pylist() == values


@given(with_gaps(st.floats(allow_nan=False, allow_infinity=False)))
def test_floats_are_those_of_the_texts_bit_by_bit(values: list[float | None]) -> None:
    read = values_of(json_of(values, ColumnType.FLOAT), ColumnType.FLOAT)

    back = unpacked(packed(read)).to_pylist()
    assert [None if value is None else value.hex() for value in back] == [
        None if value is None else (value + 0.0).hex() for value in values
    ]


@given(with_gaps(texts))
def test_texts_are_codes_into_a_sorted_dictionary_of_the_block(values: list[str | None]) -> None:
    read = values_of(json_of(values, ColumnType.TEXT), ColumnType.TEXT)

    block = unpacked(packed(read))
    assert block.to_pylist() == values
    if any(value is not None for value in values):
        different = {value for value in values if value is not None}
        assert block.dictionary.to_pylist() == sorted(different)


@given(with_gaps(st.booleans()))
def test_booleans_are_those_of_the_texts(values: list[bool | None]) -> None:
    read = values_of(json_of(values, ColumnType.BOOLEAN), ColumnType.BOOLEAN)

    assert unpacked(packed(read)).to_pylist() == values


@given(with_gaps(dates))
def test_dates_give_their_texts_back(values: list[dt.date | None]) -> None:
    written = json_texts.quoted(pa.array(values, pa.date32()))

    block = unpacked(packed(values_of(written, ColumnType.DATE)))

    assert json_texts.quoted(block.cast(pa.date32())).equals(written)


@given(with_gaps(datetimes), st.sampled_from(["s", "ms", "us"]), st.sampled_from([None, "UTC"]))
def test_datetimes_give_their_texts_back(
    values: list[dt.datetime | None], unit: str, zone: str | None
) -> None:
    times = pa.array(values, pa.timestamp("us")).cast(pa.timestamp(unit), safe=False)
    written = json_texts.quoted(json_texts.iso_datetimes(times.cast(pa.timestamp(unit, zone))))

    block = unpacked(packed(values_of(written, ColumnType.DATETIME)))

    if block.null_count < len(block):
        assert block.type == pa.timestamp(unit, zone)
        assert json_texts.quoted(json_texts.iso_datetimes(block)).equals(written)


@pytest.mark.parametrize(
    ("column_type", "written"),
    [
        (ColumnType.INTEGER, ["1.5"]),
        (ColumnType.INTEGER, ["9223372036854775808"]),
        (ColumnType.FLOAT, ["1e400"]),
        (ColumnType.FLOAT, ['"1"']),
        (ColumnType.BOOLEAN, ["true", "1"]),
        (ColumnType.DATE, ['"0000-12-31"']),
        (ColumnType.DATE, ['"10000-01-01"']),
        (ColumnType.DATE, ['"2013-02-29"']),
        (ColumnType.DATETIME, ['"2013-01-31T05:00:00"', '"2013-01-31T05:00:00Z"']),
        (ColumnType.DATETIME, ['"2013-01-31T05:00:00"', '"2013-01-31T05:00:00.5"']),
        (ColumnType.DATETIME, ['"2013-01-31T05:00:00.000"', '"2013-01-31T05:00:00"']),
        (ColumnType.DATETIME, ['"2013-01-31 05:00:00"']),
        (ColumnType.DATETIME, ['"2013-01-31T05:00+01"']),
        (ColumnType.DATETIME, ['"0000-12-31T23:59:59"']),
    ],
)
def test_a_column_whose_texts_do_not_follow_from_values_has_none(
    column_type: ColumnType, written: list[str]
) -> None:
    assert values_of(pa.array(written), column_type) is None


@pytest.mark.parametrize("column_type", ColumnType)
def test_missing_values_alone_take_no_room(column_type: ColumnType) -> None:
    missing = values_of(pa.nulls(65_536, pa.string()), column_type)

    block = packed(missing)

    assert len(block) < 300
    assert (len(unpacked(block)), unpacked(block).null_count) == (65_536, 65_536)


def test_a_dictionary_holds_no_text_that_its_block_does_not() -> None:
    values = pa.array(["b", "a", "c", "a"]).dictionary_encode().slice(2)

    assert unpacked(packed(values)).dictionary.to_pylist() == ["a", "c"]


@given(st.lists(st.floats(allow_nan=False) | st.integers(0, 9).map(float), min_size=1), st.data())
def test_blocks_of_numbers_are_streams_of_arrow_byte_by_byte(
    numbers: list[float], data: st.DataObject
) -> None:
    first = data.draw(st.integers(0, len(numbers) - 1))
    type_ = data.draw(st.sampled_from((pa.float64(), pa.int64())))
    values = pa.array([x if type_ == pa.float64() else hash(x) for x in numbers], type_)
    sink = pa.BufferOutputStream()
    batch = pa.RecordBatch.from_arrays([values[first:]], ["v"])
    with pa.ipc.new_stream(sink, batch.schema) as stream:
        stream.write_batch(batch)

    block = packed(values[first:])

    assert block == sink.getvalue().to_pybytes()
    assert unpacked(block).equals(values[first:])


FLOAT_TEXTS = st.none() | st.sampled_from(("1.5", "-0.0", "0", "-7.25e300"))


@given(
    st.lists(st.lists(FLOAT_TEXTS, min_size=6, max_size=6), min_size=1, max_size=9),
    st.lists(st.sampled_from(("1e999", "x")), max_size=1),
    st.integers(6, 60),
)
def test_columns_of_floats_read_together_are_those_read_alone(
    columns: list[list[str | None]], unreadable: list[str], values_together: int
) -> None:
    columns[-1] = [*columns[-1][:2], *(unreadable or columns[-1][2:3]), *columns[-1][3:]]
    columns.insert(len(columns) // 2, ["1", None, "2", "3", "4", "5"])
    types = ["float"] * len(columns)
    types[(len(columns) - 1) // 2] = "integer"
    [cut] = cut_up(*columns, batch_rows=4)
    base = [Column(key=f"b{at}", name=f"c{at}", type=type_) for at, type_ in enumerate(types)]
    alone = [
        ColumnReader(ColumnType(column.type)).read(texts)
        for column, texts in zip(base, columns_of(cut), strict=True)
    ]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(writing, "_VALUES_TOGETHER", values_together)
        found = list(BaseColumnsWriter(uuid.uuid4(), 1, base)._blocks_of(cut))

    assert [(key, values.type, values.to_pylist()) for key, _, values in found] == [
        (column.key, values.type, values.to_pylist())
        for column, values in zip(base, alone, strict=True)
        if values is not None
    ]


def cut_up(*columns: list[str | None], batch_rows: int) -> list[Cut]:
    """Cut columns of JSON texts that come in batches of so many rows."""
    cutter = BlockCutter(len(columns))
    cuts: list[Cut] = []
    for start in range(0, len(columns[0]), batch_rows):
        batch = [pa.array(texts[start : start + batch_rows], pa.string()) for texts in columns]
        cuts += cutter.add(batch)
    cuts += cutter.rest()
    assert cutter.row_count == len(columns[0])
    return cuts


def columns_of(cut: Cut) -> list[pa.StringArray]:
    return [cut.texts_of([at]) for at in range(cut.batches[0].num_columns)]


@given(with_gaps(texts), st.integers(1, 9), st.integers(1, 9))
def test_blocks_put_together_are_the_columns_however_they_are_cut(
    written: list[str | None], batch_rows: int, block_rows: int
) -> None:
    numbers = [str(number) for number in range(len(written))]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cutting, "BLOCK_ROWS", block_rows)

        cuts = cut_up(written, numbers, batch_rows=batch_rows)

    whole = [
        pa.chunked_array(pieces, pa.string()).to_pylist()
        for pieces in zip(*(columns_of(cut) for cut in cuts), strict=True)
    ]
    assert whole == [written, numbers]
    assert [cut.block for cut in cuts] == list(range(math.ceil(len(written) / block_rows)))


def test_blocks_of_many_bytes_have_fewer_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cutting, "MOST_CUT_BYTES", 100)

    cuts = cut_up(["1234"] * 40, batch_rows=4)

    assert [len(texts) for cut in cuts for texts in columns_of(cut)] == [16, 16, 8]


def test_a_column_that_changes_its_form_is_readable_no_longer() -> None:
    reader = ColumnReader(ColumnType.DATETIME)
    times = ('"2013-01-31T05:00:00.500Z"', None), ('"2013-01-31T05:00:00"', None), (None, None)

    read = [reader.read(pa.array(part, pa.string())) for part in times]

    assert [values is None for values in read] == [False, True, True]
    assert not reader.is_readable


def test_parts_without_a_value_fit_into_a_column_of_any_form() -> None:
    reader = ColumnReader(ColumnType.DATETIME)
    times = (None, None), ('"2013-01-31T05:00:00.500Z"', None), (None, None)

    read = [reader.read(pa.array(part, pa.string())) for part in times]

    column = as_chunks([values for values in read if values is not None])
    assert column.type == pa.timestamp("ms", "UTC")
    assert (reader.is_readable, len(column), column.null_count) == (True, 6, 5)


@given(st.lists(st.lists(st.binary(max_size=9), min_size=1, max_size=3)), st.integers(1, 20))
def test_tuples_arrive_as_they_were_sent_in_whatever_pieces(
    tuples: list[list[bytes]], piece_bytes: int
) -> None:
    received: list[list[bytes]] = []
    receiver = TupleReceiver(received.append)

    sent = b"".join(copies(tuples))
    for start in range(0, len(sent), piece_bytes):
        receiver.write(sent[start : start + piece_bytes])

    assert received == tuples


def test_blocks_on_their_way_to_the_database_take_a_few_megabytes() -> None:
    block = bytes(100_000)
    tracemalloc.start()
    sent = sum(map(len, copies([block] for _ in range(200))))
    _, peak_bytes = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert sent > 200 * len(block)
    assert peak_bytes < 6 << 20
