"""How the columns of a Parquet file become columns of a dataset."""

from __future__ import annotations

import base64
import datetime as dt
import decimal
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from pyarrow import parquet
from pyarrow.parquet import encryption

from data_tools.columns import ColumnType
from data_tools.ingest.exceptions import (
    BrokenParquet,
    BrokenText,
    CellTooLarge,
    EncryptedFile,
    NulCharacter,
    OptionNotApplicable,
    RecordTooLong,
    TooManyColumns,
    TooManyRows,
    UnfoldsTooLarge,
    UnsupportedColumn,
)
from data_tools.ingest.formats import sandbox_process
from data_tools.ingest.formats.opening import open_table
from data_tools.ingest.options import ReadingOptions
from data_tools.ingest.table import ColumnReport, Example
from data_tools.sandbox import parquet as sandbox_parquet
from data_tools.sandbox.parquet_types import is_storable
from tests.support.table_reading import read_without_sandbox

D = decimal.Decimal


@pytest.fixture(autouse=True)
def reader(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if "process" not in request.fixturenames:
        monkeypatch.setattr(sandbox_process, "read_in_sandbox", read_without_sandbox)


@pytest.fixture
def process() -> None:
    """Have the file read in the sandbox, as in the service."""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "table.parquet"


def settle(path: Path, array: pa.Array) -> tuple[ColumnReport, list[object]]:
    """Return the report and the stored values of a column that is read from a file."""
    parquet.write_table(pa.table({"x": array}), path, store_schema=True)
    table = open_table(path)
    (column,) = table.columns
    for batch in table.batches():
        column.observe(batch.column(0))
    column.conclude()
    texts = [
        text for batch in table.batches() for text in column.json_texts(batch.column(0)).to_pylist()
    ]
    return column.report, [None if text is None else orjson.loads(text) for text in texts]


NOON = dt.datetime(2013, 1, 31, 12, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("array", "type_", "stored"),
    [
        (pa.array([1, None, -(2**63), 2**63 - 1]), "integer", [1, None, -(2**63), 2**63 - 1]),
        (pa.array([1, 255, None], pa.uint8()), "integer", [1, 255, None]),
        (pa.array([2**63 - 1], pa.uint64()), "integer", [2**63 - 1]),
        (pa.array([1, 2**64 - 1], pa.uint64()), "text", ["1", "18446744073709551615"]),
        (pa.array([0.1, None, 1e300, 5e-324]), "float", [0.1, None, 1e300, 5e-324]),
        (pa.array([0.5, 0.1], pa.float32()), "float", [0.5, 0.10000000149011612]),
        (pa.array([0.5, None], pa.float16()), "float", [0.5, None]),
        (pa.array([True, False, None]), "boolean", [True, False, None]),
        (pa.array([dt.date(2013, 1, 31), None]), "date", ["2013-01-31", None]),
        (pa.array([dt.date(2013, 1, 31)], pa.date64()), "date", ["2013-01-31"]),
        (pa.array([3_000_000], pa.int32()).cast(pa.date32()), "text", ["10183-09-21"]),
        (pa.array([NOON], pa.timestamp("ms")), "datetime", ["2013-01-31T12:00:00"]),
        (pa.array([NOON], pa.timestamp("us", "UTC")), "datetime", ["2013-01-31T12:00:00Z"]),
        (pa.array([NOON], pa.timestamp("us", "Asia/Tokyo")), "datetime", ["2013-01-31T12:00:00Z"]),
        (pa.array([NOON, NOON.replace(microsecond=5)], pa.timestamp("us")), "datetime",
         ["2013-01-31T12:00:00.000000", "2013-01-31T12:00:00.000005"]),
        (pa.array([1_000], pa.timestamp("ns")), "datetime", ["1970-01-01T00:00:00.000001"]),
        (pa.array([1, None], pa.timestamp("ns", "UTC")), "text",
         ["1970-01-01T00:00:00.000000001Z", None]),
        (pa.array([300_000_000_000], pa.timestamp("s")), "text", ["11476-08-15T05:20:00"]),
        (pa.array([2**40, None, -(2**40)], pa.timestamp("s")), "text",
         ["36812-02-20T00:36:16", None, "-32873-11-12T23:23:44"]),
        (pa.array([2**62], pa.timestamp("us")), "text", ["148108-07-06T14:00:27.387904"]),
        (pa.array([2**50, 0], pa.timestamp("ms", "Asia/Tokyo")), "text",
         ["37648-05-06T22:07:22.624Z", "1970-01-01T00:00:00.000Z"]),
        (pa.array([2**31 - 1, 0], pa.int32()).cast(pa.date32()), "text",
         ["5881580-07-11", "1970-01-01"]),
        (pa.array([[2**62]], pa.list_(pa.timestamp("us"))), "text",
         ['["148108-07-06T14:00:27.387904"]']),
        (pa.array([[2**31 - 1]], pa.list_(pa.int32())).cast(pa.list_(pa.date32())), "text",
         ['["5881580-07-11"]']),
        (pa.array(["007", "", None, 'q"\\\n']), "text", ["007", "", None, 'q"\\\n']),
        (pa.array(["x"], pa.large_string()), "text", ["x"]),
        (pa.array(["x", "y", "x", None]).dictionary_encode(), "text", ["x", "y", "x", None]),
        (pa.array([None, None]), "text", [None, None]),
        (pa.array([D("12"), None], pa.decimal128(20, 0)), "integer", [12, None]),
        (pa.array([D("12345678901234567890")], pa.decimal128(20, 0)), "text",
         ["12345678901234567890"]),
        (pa.array([D("1.50"), None], pa.decimal128(10, 2)), "float", [1.5, None]),
        (pa.array([D("12.00"), D("-0.01")], pa.decimal32(5, 2)), "float", [12, -0.01]),
        (pa.array([D("0.1"), D("79228162514264337593543950335.9")], pa.decimal256(40, 1)), "float",
         [0.1, 7.922816251426434e28]),
        (pa.array([dt.time(5, 30)]), "text", ["05:30:00.000000"]),
    ],
)  # fmt: skip
def test_values_keep_their_meaning(
    path: Path, array: pa.Array, type_: str, stored: list[object]
) -> None:
    report, values = settle(path, array)

    assert report.type == type_
    assert values == stored
    assert report.missing_count == stored.count(None)


def test_nan_and_infinities_become_missing_and_are_counted(path: Path) -> None:
    nan, inf = float("nan"), float("inf")

    report, values = settle(path, pa.array([1.5, nan, inf, -inf, None, -0.0]))

    assert values == [1.5, None, None, None, None, 0]
    assert (report.missing_count, report.nan_count, report.infinity_count) == (4, 1, 2)
    assert report.negative_zero_count == 1


def test_null_tokens_stay_text_and_are_counted(path: Path) -> None:
    report, values = settle(path, pa.array(["NA", "x", "", None]))

    assert values == ["NA", "x", "", None]
    assert dict(report.kept_spellings) == {"NA": 1}


@pytest.mark.parametrize(
    "array",
    [
        pa.array([1], pa.uint64()).cast(pa.uint64()),
        pa.array([D("12345678901234567890")]),
        pa.array([1], pa.timestamp("ns")),
        pa.array([3_000_000], pa.int32()).cast(pa.date32()),
    ],
)
def test_a_column_kept_as_text_says_why(path: Path, array: pa.Array) -> None:
    report, _ = settle(path, array)

    assert (report.type == ColumnType.TEXT) == bool(report.notes)


def test_a_decimal_with_more_digits_than_a_double_keeps_is_counted(path: Path) -> None:
    long = D("12345678901234567.89")

    report, values = settle(path, pa.array([D("0.10"), None, long, long], pa.decimal128(20, 2)))

    assert values == [0.1, None, 12345678901234568.0, 12345678901234568.0]
    assert report.rounded_values == report.respelled.count == 2
    assert report.first_rounded_value == Example(
        row=3, written="12345678901234567.89", stored="1.2345678901234568e+16"
    )


def test_decimals_of_which_all_digits_are_kept_are_counted_nowhere(path: Path) -> None:
    report, values = settle(path, pa.array([D("3.10"), D("12345678901234.50")]))

    assert values == [3.1, 12345678901234.5]
    assert (report.rounded_values, report.respelled.count) == (0, 0)


NESTED_TYPE = pa.struct({"n": pa.int64(), "l": pa.list_(pa.float64())})


@pytest.mark.parametrize(
    ("array", "stored"),
    [
        (pa.array([["x", None, "é\""], [], None]), ['["x",null,"é\\""]', "[]", None]),
        (pa.array([[1, 2]], pa.large_list(pa.int8())), ["[1,2]"]),
        (pa.array([[1, 2], None, [3, 4]], pa.list_(pa.int64(), 2)), ["[1,2]", None, "[3,4]"]),
        (pa.array([[1], [2, 3]], pa.list_view(pa.int64())), ["[1]", "[2,3]"]),
        (pa.array([[[1], None, []]]), ["[[1],null,[]]"]),
        (pa.array([{"n": 1, "l": [0.5]}, None, {"n": None, "l": None}], NESTED_TYPE),
         ['{"n":1,"l":[0.5]}', None, '{"n":null,"l":null}']),
        (pa.array([[{"a": True}, None]]), ['[{"a":true},null]']),
        (pa.array([[("k", 1), ("é", None)], None, []], pa.map_(pa.string(), pa.int64())),
         ['{"k":1,"é":null}', None, "{}"]),
        (pa.array([[("k", 1), ("k", 2)]], pa.map_(pa.string(), pa.int64())),
         ['[["k",1],["k",2]]']),
        (pa.array([[(7, "x")]], pa.map_(pa.int64(), pa.string())), ['[[7,"x"]]']),
        (pa.array([[D("1.50"), D("-0.01")]]), ["[1.50,-0.01]"]),
        (pa.array([[2**64 - 1]], pa.list_(pa.uint64())), ["[18446744073709551615]"]),
        (pa.array([[1e300, 0.1]]), ["[1e+300,0.1]"]),
        (pa.array([[dt.date(2013, 1, 31)]]), ['["2013-01-31"]']),
        (pa.array([[NOON]], pa.list_(pa.timestamp("us", "Asia/Tokyo"))),
         ['["2013-01-31T12:00:00Z"]']),
        (pa.array([[1]], pa.list_(pa.timestamp("ns"))), ['["1970-01-01T00:00:00.000000001"]']),
        (pa.array([[dt.time(5, 30, 0, 500_000)]]), ['["05:30:00.5"]']),
        (pa.array([[dt.timedelta(hours=26, minutes=15)]]), ['["26:15:00"]']),
        (pa.array([[b"abc", None]]), ['["abc",null]']),
        (pa.array([["x", "y"]], pa.list_(pa.dictionary(pa.int8(), pa.string()))), ['["x","y"]']),
        (pa.array([[None]], pa.list_(pa.null())), ["[null]"]),
    ],
)  # fmt: skip
def test_lists_structs_and_maps_are_kept_as_json(
    path: Path, array: pa.Array, stored: list[str | None]
) -> None:
    report, values = settle(path, array)

    assert (report.type, values) == ("text", stored)
    assert report.missing_count == stored.count(None)
    assert report.notes == ["Kept as text: lists, structs or maps, as JSON."]


def test_numbers_inside_lists_that_are_none_become_null_and_are_counted(path: Path) -> None:
    nan, inf = float("nan"), float("inf")

    report, values = settle(path, pa.array([[1.5, nan], None, [inf, -inf, nan]]))

    assert values == ["[1.5,null]", None, "[null,null,null]"]
    assert (report.nan_count, report.infinity_count, report.missing_count) == (2, 2, 1)
    assert report.notes[0].startswith("4 numbers are NaN or infinite inside")


def test_what_lies_under_a_missing_struct_is_missing(path: Path) -> None:
    hidden = pa.StructArray.from_arrays(
        [pa.array([1.5, float("nan")])], ["a"], mask=pa.array([False, True])
    )

    report, values = settle(path, hidden)

    assert values == ['{"a":1.5}', None]
    assert report.nan_count == 0


def test_a_struct_with_one_key_twice_is_pairs(path: Path) -> None:
    twice = pa.StructArray.from_arrays([pa.array([1]), pa.array([2])], ["k", "k"])

    assert settle(path, twice)[1] == ['[["k",1],["k",2]]']


def test_a_long_nested_column_is_read_in_the_same_order(path: Path) -> None:
    report, values = settle(path, pa.array([[n, n + 1] if n % 3 else None for n in range(20_000)]))

    assert values == [f"[{n},{n + 1}]" if n % 3 else None for n in range(20_000)]
    assert report.missing_count == 6667


@pytest.mark.parametrize(
    ("array", "stored"),
    [
        (pa.array([dt.timedelta(hours=26, minutes=15), None]), ["26:15:00", None]),
        (pa.array([dt.timedelta(hours=-2)]), ["-2:00:00"]),
        (pa.array([1_500], pa.duration("ms")), ["0:00:01.5"]),
        (pa.array([1], pa.duration("ns")), ["0:00:00.000000001"]),
        (pa.array([400 * 86_400], pa.duration("s")), ["9600:00:00"]),
    ],
)
def test_durations_are_text_in_the_spelling_of_workbooks(
    path: Path, array: pa.Array, stored: list[str | None]
) -> None:
    report, values = settle(path, array)

    assert (report.type, values) == ("text", stored)
    assert report.notes == ["Kept as text: durations."]


@pytest.mark.parametrize(
    "array",
    [
        pa.array(["é".encode(), b"x\ty", None]),
        pa.array(["é".encode(), b"x\ty", None], pa.large_binary()),
        pa.array(["é".encode(), b"x\ty", None], pa.binary_view()),
        pa.array(["é".encode(), b"x\ty", None]).dictionary_encode(),
    ],
)
def test_bytes_that_are_utf8_are_text_but_not_for_sure(path: Path, array: pa.Array) -> None:
    report, values = settle(path, array)

    assert (report.type, values) == ("text", ["é", "x\ty", None])
    assert (report.certainty, report.notes) == ("likely", [])


@pytest.mark.parametrize(
    ("array", "stored"),
    [
        (pa.array([b"ab", b"\xff", None]), ["6162", "ff", None]),
        (pa.array([b"\x00\x01"]), ["0001"]),
        (pa.array([b"\x01\x02"], pa.binary(2)), ["0102"]),
        (pa.array([b"ok", b"\x7fELF\x02"]), ["6f6b", "7f454c4602"]),
        (pa.array([b"\xed\xa0\x80"]), ["eda080"]),
    ],
)
def test_bytes_that_are_no_text_are_hexadecimal_digits(
    path: Path, array: pa.Array, stored: list[str | None]
) -> None:
    report, values = settle(path, array)

    assert (report.type, values) == ("text", stored)
    assert "no UTF-8 text, as hexadecimal digits" in report.notes[0]


def test_bytes_that_take_too_much_as_digits_are_refused(path: Path, settings: Any) -> None:
    settings.UPLOADS = settings.UPLOADS | {"MAX_CELL_BYTES": 10}

    settle(path, pa.array([b"123456"]))
    with pytest.raises(CellTooLarge, match="row 2 of column “x” holds 12 bytes"):
        settle(path, pa.array([b"a", b"\xff23456"]))


def test_a_uuid_is_written_as_people_write_it(path: Path) -> None:
    ids = [uuid.UUID(int=1), uuid.UUID(int=2**127)]

    _, values = settle(path, pa.array([*(one.bytes for one in ids), None], pa.uuid()))

    assert values == [str(ids[0]), str(ids[1]), None]
    inside = pa.ListArray.from_arrays([0, 1], pa.array([ids[0].bytes], pa.uuid()))
    assert settle(path, inside)[1] == [f'["{ids[0]}"]']


def test_a_column_of_json_is_its_text(path: Path) -> None:
    _, values = settle(path, pa.array(['{"a": 1}', None], pa.json_()))

    assert values == ['{"a": 1}', None]


def int96(path: Path, *moments: str) -> list[object]:
    """Return what is stored of timestamps that are written in 96 bits."""
    unit = "ns" if any(len(moment) > 26 for moment in moments) else "us"
    array = pa.array(moments).cast(pa.timestamp(unit))
    parquet.write_table(pa.table({"x": array}), path, use_deprecated_int96_timestamps=True)
    table = open_table(path)
    (column,) = table.columns
    for batch in table.batches():
        column.observe(batch.column(0))
    column.conclude()
    texts = [
        text for one in table.batches() for text in column.json_texts(one.column(0)).to_pylist()
    ]
    return [orjson.loads(text) for text in texts]


def test_timestamps_of_96_bits_are_right_in_any_year(path: Path) -> None:
    moments = ["9999-12-31T23:59:59.999999", "0001-01-01T00:00:00.000000"]

    assert int96(path, *moments, "2020-01-01T00:00:00") == [*moments, "2020-01-01T00:00:00.000000"]


def test_timestamps_of_96_bits_keep_their_nanoseconds(path: Path) -> None:
    moments = ["2020-01-01T00:00:00.000000001", "1969-12-31T23:59:59.123456789"]

    assert int96(path, *moments) == moments


END = dt.datetime.fromisoformat("9999-12-31T23:00:00")


@pytest.mark.parametrize(
    ("array", "stored"),
    [
        (pa.array([[END, None], None, []]), ['["9999-12-31T23:00:00",null]', None, "[]"]),
        (pa.array([{"a": END}, None]), ['{"a":"9999-12-31T23:00:00"}', None]),
        (pa.array([[{"a": END.replace(year=1)}]]), ['[{"a":"0001-12-31T23:00:00"}]']),
        (pa.array([[("k", END)]], pa.map_(pa.string(), pa.timestamp("us"))),
         ['{"k":"9999-12-31T23:00:00"}']),
        (pa.array([[END]], pa.list_(pa.timestamp("us"), 1)), ['["9999-12-31T23:00:00"]']),
        (pa.array([[1]], pa.list_(pa.timestamp("ns"))), ['["1970-01-01T00:00:00.000000001"]']),
    ],
)  # fmt: skip
def test_timestamps_of_96_bits_are_right_inside_lists_and_structs(
    path: Path, array: pa.Array, stored: list[str | None]
) -> None:
    parquet.write_table(pa.table({"x": array}), path, use_deprecated_int96_timestamps=True)

    assert [row for batch in open_table(path).batches() for row in batch[0].to_pylist()] == stored


def test_a_fine_timestamp_of_96_bits_in_a_list_beside_a_far_one_is_refused(path: Path) -> None:
    fine = pa.array([[1]], pa.list_(pa.timestamp("ns")))
    table = pa.table({"x": pa.array([END]), "y": fine})
    parquet.write_table(table, path, use_deprecated_int96_timestamps=True)

    with pytest.raises(UnsupportedColumn, match="finer than a microsecond"):
        open_table(path)


def test_a_point_in_the_name_of_a_column_of_96_bits_is_no_path(path: Path) -> None:
    table = pa.table({"a.b": pa.array([END]), "a": pa.array([{"b": END.replace(year=2024)}])})
    parquet.write_table(table, path, use_deprecated_int96_timestamps=True)

    (batch,) = open_table(path).batches()

    assert batch.to_pylist() == [{"0": END, "1": '{"b":"2024-12-31T23:00:00"}'}]


def test_bytes_inside_lists_that_are_no_text_are_refused_by_column_and_row(path: Path) -> None:
    with pytest.raises(UnsupportedColumn, match=r"Column “x” holds bytes .* in row 9,002"):
        settle(path, pa.array([[b"a"]] * 9001 + [[b"a", b"\xff"]]))


def test_a_type_that_a_dataset_cannot_store_is_found_wherever_it_is() -> None:
    interval = pa.month_day_nano_interval()

    for type_ in (interval, pa.list_(interval), pa.struct({"a": interval}), pa.list_(pa.string())):
        assert is_storable(type_) is (type_ == pa.list_(pa.string()))


def test_options_of_other_formats_are_refused_by_name(path: Path) -> None:
    parquet.write_table(pa.table({"x": [1]}), path)

    with pytest.raises(OptionNotApplicable, match="Parquet file, .* “delimiter”, “trim” do not"):
        open_table(path, options=ReadingOptions(delimiter=";", trims=True))


def test_a_nul_in_a_text_is_refused_by_column_and_row(path: Path) -> None:
    with pytest.raises(NulCharacter, match="row 9,?002 of column “x”"):
        settle(path, pa.array(["a"] * 9001 + ["b\0"]))


def test_text_that_is_not_utf8_is_refused(path: Path) -> None:
    broken = pa.StringArray.from_buffers(
        1, pa.array([0, 1], pa.int32()).buffers()[1], pa.py_buffer(b"\xff")
    )

    with pytest.raises(BrokenText, match="Column “x”"):
        settle(path, broken)


def test_a_damaged_file_is_refused(path: Path) -> None:
    parquet.write_table(pa.table({"x": list(range(1000))}), path)
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])

    with pytest.raises(BrokenParquet):
        open_table(path)


def test_a_page_damaged_inside_is_refused(path: Path) -> None:
    parquet.write_table(pa.table({"x": [str(n) for n in range(5000)]}), path)
    content = bytearray(path.read_bytes())
    content[40:400] = bytes(360)
    path.write_bytes(content)

    with pytest.raises(BrokenParquet):
        list(open_table(path).batches())


def test_a_file_with_fewer_rows_than_it_says_is_refused(path: Path) -> None:
    parquet.write_table(pa.table({"x": list(range(1000))}), path)
    content = path.read_bytes()
    thousand, one_more = b"\x16\xd0\x0f", b"\x16\xd2\x0f"
    assert thousand in content
    path.write_bytes(content.replace(thousand, one_more, 1))

    with pytest.raises(BrokenParquet):
        open_table(path)


def test_rows_and_columns_are_refused_before_they_are_read(path: Path, settings: Any) -> None:
    parquet.write_table(pa.table({"x": [1, 2, 3], "y": [1, 2, 3]}), path)

    settings.UPLOADS = settings.UPLOADS | {"MAX_ROWS": 2}
    with pytest.raises(TooManyRows, match="3 rows; at most 2"):
        open_table(path)
    settings.UPLOADS = settings.UPLOADS | {"MAX_COLUMNS": 1}
    with pytest.raises(TooManyColumns, match="2 columns; at most 1"):
        open_table(path)


@pytest.mark.parametrize("footer_too", [True, False])
def test_an_encrypted_file_is_refused(path: Path, footer_too: bool) -> None:
    write_encrypted(path, footer_too=footer_too)

    with pytest.raises(EncryptedFile, match="Parquet file is encrypted"):
        open_table(path)


class KeysOfNobody(encryption.KmsClient):
    """Wraps a key by writing it down."""

    def __init__(self, _: encryption.KmsConnectionConfig) -> None:
        super().__init__()

    def wrap_key(self, key_bytes: bytes, master_key_identifier: str) -> bytes:
        return base64.b64encode(key_bytes)


def write_encrypted(path: Path, *, footer_too: bool) -> None:
    how = encryption.EncryptionConfiguration(
        footer_key="f", column_keys={"c": ["x"]}, plaintext_footer=not footer_too
    )
    table = pa.table({"x": [1]})
    keys = encryption.CryptoFactory(KeysOfNobody)
    properties = keys.file_encryption_properties(encryption.KmsConnectionConfig(), how)
    with parquet.ParquetWriter(path, table.schema, encryption_properties=properties) as writer:
        writer.write_table(table)


def test_a_file_without_columns_is_refused(path: Path) -> None:
    parquet.write_table(pa.table({}), path)

    with pytest.raises(UnsupportedColumn):
        open_table(path)


def test_duplicate_names_are_made_unique(path: Path) -> None:
    table = pa.Table.from_arrays([pa.array([1]), pa.array([2])], names=["a", "a"])
    parquet.write_table(table, path)

    opened = open_table(path)

    assert opened.names == ("a", "a_2")
    assert [batch.num_columns for batch in opened.batches()] == [2]


def test_names_that_cannot_be_stored_are_refused(path: Path) -> None:
    for name, refusal in (("a\0b", NulCharacter), ("a" * (1 << 20), RecordTooLong)):
        parquet.write_table(pa.table({name: [1], "b": [2]}), path)

        with pytest.raises(refusal, match=r"[Tt]he names? of"):
            open_table(path)


def test_wide_rows_come_in_small_batches(path: Path) -> None:
    texts = [str(n).zfill(10) * 2000 for n in range(2000)]
    parquet.write_table(pa.table({"x": texts}), path, use_dictionary=False)

    assert max(len(batch) for batch in open_table(path).batches()) <= 256


@pytest.mark.parametrize("value", [None, False, 0.5])
def test_many_columns_come_in_small_batches_however_little_they_take_in_the_file(
    path: Path, value: object
) -> None:
    column = pa.repeat(value, 3000)
    parquet.write_table(pa.table({str(position): column for position in range(500)}), path)

    assert max(batch.num_rows * 500 for batch in open_table(path).batches()) <= 1 << 19


def repeated(path: Path, texts: list[str], rows: int, columns: int = 1) -> None:
    """Write a file that stores each text once and repeats them in every row of each column."""
    indices = pa.array([n % len(texts) for n in range(rows)], pa.int32())
    array = pa.DictionaryArray.from_arrays(indices, pa.array(texts))
    table = pa.table({f"c{position}": array for position in range(columns)})
    parquet.write_table(table, path, compression="zstd")


def test_repeated_texts_are_expanded_in_pieces_of_bounded_size(path: Path) -> None:
    repeated(path, ["x" * (1 << 20), "y"], rows=400)
    assert path.stat().st_size < 10_000
    pool = pa.default_memory_pool()
    before, peak, rows = pool.bytes_allocated(), 0, 0

    table = open_table(path)
    (column,) = table.columns
    for batch in table.batches():
        column.observe(batch.column(0))
        peak = max(peak, pool.bytes_allocated() - before)
        rows += len(batch)
    column.conclude()

    assert rows == 400
    assert peak < 64 << 20
    first = next(iter(table.batches()))
    assert column.json_texts(first.column(0))[1].as_py() == '"y"'


def limit_memory(settings: Any, mebibytes: int) -> None:
    settings.UPLOADS = settings.UPLOADS | {"PARQUET_MAX_MEMORY_BYTES": mebibytes << 20}


@pytest.mark.usefixtures("process")
def test_a_small_file_that_repeats_too_much_is_refused_before_it_is_expanded(
    path: Path, settings: Any
) -> None:
    limit_memory(settings, 512)
    settings.UPLOADS = settings.UPLOADS | {"PARQUET_MAX_UNFOLDED_BYTES": 1 << 28}
    repeated(path, ["x" * (1 << 20)], rows=5_000)

    with pytest.raises(UnfoldsTooLarge, match="more than 256 MiB, in row 241 or shortly after"):
        list(open_table(path).batches())


def test_a_row_of_repeated_texts_that_is_too_long_is_refused(path: Path) -> None:
    repeated(path, ["x", "x" * (4 << 20)], rows=2, columns=20)

    with pytest.raises(RecordTooLong, match="Row 2 is longer than 64 MiB; .* in column “c0”"):
        list(open_table(path).batches())


@pytest.mark.usefixtures("process")
def test_texts_that_share_a_prefix_are_read_in_small_batches_when_memory_runs_out(
    path: Path, settings: Any
) -> None:
    limit_memory(settings, 512)
    texts = pa.array(["x" * (128 << 10)] * 2_000)
    parquet.write_table(
        pa.table({"n": list(range(2_000)), "x": texts}),
        path,
        compression="zstd",
        use_dictionary=False,
        column_encoding={"n": "PLAIN", "x": "DELTA_BYTE_ARRAY"},
    )
    assert path.stat().st_size < 50_000

    batches = list(open_table(path).batches())

    assert [n for batch in batches for n in batch.column(0).to_pylist()] == list(range(2_000))
    assert sum(pc.sum(pc.binary_length(batch.column(1))).as_py() for batch in batches) == 250 << 20


def test_no_row_is_lost_or_doubled_when_memory_runs_out_halfway(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    parquet.write_table(pa.table({"n": range(100)}), path, row_group_size=40)
    monkeypatch.setattr(sandbox_parquet, "_LARGEST_BATCH_ROWS", 25)
    read = parquet.ParquetFile.iter_batches

    def until_memory_runs_out(file: Any, batch_rows: int, **how: Any) -> Iterator[Any]:
        batches = read(file, batch_rows, **how)
        if batch_rows == 25:
            yield next(batches)
            raise MemoryError
        yield from batches

    monkeypatch.setattr(parquet.ParquetFile, "iter_batches", until_memory_runs_out)

    batches = list(open_table(path).batches())

    assert [n for batch in batches for n in batch.column(0).to_pylist()] == list(range(100))
    assert len(batches) > 4


@pytest.mark.usefixtures("process")
def test_a_cell_that_takes_all_memory_kills_no_process_and_is_refused_with_the_place(
    path: Path, settings: Any
) -> None:
    limit_memory(settings, 512)
    with parquet.ParquetWriter(
        path, pa.schema({"a": pa.string(), "b": pa.string()}), use_dictionary=False
    ) as writer:
        writer.write_table(pa.table({"a": ["x"] * 20, "b": ["x"] * 20}))
        writer.write_table(pa.table({"a": ["x"], "b": ["x" * (200 << 20)]}))

    with pytest.raises(UnfoldsTooLarge, match="Row 21 .* in row group 2, in column “b”, takes mor"):
        open_table(path)
