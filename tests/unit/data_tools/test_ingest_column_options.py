"""What the owner of a file asks of its columns is done, or refuses the file by name."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pyarrow as pa
import pytest

from data_tools.cells import Kind
from data_tools.columns import ColumnType
from data_tools.ingest.exceptions import (
    ColumnNotFound,
    DuplicateColumn,
    IngestError,
    ValueNotOfType,
)
from data_tools.ingest.options import ColumnOptions
from data_tools.ingest.typed_columns.cell_column import CellColumn
from tests.support.settled_column import Values, settle
from tests.support.table_reading import ReadTable, read_table

INTEGER, FLOAT, TEXT = ColumnType.INTEGER, ColumnType.FLOAT, ColumnType.TEXT
BOOLEAN, DATE, DATETIME = ColumnType.BOOLEAN, ColumnType.DATE, ColumnType.DATETIME


def read(tmp_path: Path, content: str, *, name: str = "t.csv", **options: Any) -> ReadTable:
    path = tmp_path / name
    path.write_text(content, encoding="utf-8")
    columns = MappingProxyType(
        {column: ColumnOptions(**asked) for column, asked in options.pop("columns", {}).items()}
    )
    return read_table(path, columns=columns, **options)


@pytest.mark.parametrize(
    ("written", "options", "stored"),
    [
        (["1.234,5", "7"], {"decimal": ",", "thousands": "."}, [1234.5, 7]),
        (["-1.234.567,25", ",5"], {"decimal": ",", "thousands": "."}, [-1234567.25, 0.5]),
        (["1,234", "12,345,678"], {"thousands": ","}, [1234, 12345678]),
        (["1,234.50", "999"], {"thousands": ","}, [1234.5, 999]),
        (["1 234,5", "2\u00a0345,5", "3\u202f456,5"], {"decimal": ",", "thousands": " "},
         [1234.5, 2345.5, 3456.5]),
        (["1'234.5", "1'000'000"], {"thousands": "'"}, [1234.5, 1000000]),
        (["1,5", "2,5e3", "NA"], {"decimal": ","}, [1.5, 2500, None]),
        (["1·5"], {"decimal": "·"}, [1.5]),
        (["9007199254740993,5"], {"decimal": ","}, [9007199254740994]),
    ],
)  # fmt: skip
def test_numbers_are_read_in_the_notation_of_the_options(
    written: Values, options: dict[str, str], stored: list[Any]
) -> None:
    report, values = settle(written, **options)

    assert report.type in (INTEGER, FLOAT)
    assert values == stored


@pytest.mark.parametrize(
    ("text", "options"),
    [
        ("1,23", {"thousands": ","}),
        ("1,2345", {"thousands": ","}),
        ("1234,567", {"thousands": ","}),
        ("1,234,", {"thousands": ","}),
        (",234", {"thousands": ","}),
        ("1,,234", {"thousands": ","}),
        ("0,123", {"thousands": ","}),
        ("1.5", {"decimal": ","}),
        ("1.234,5", {"decimal": ","}),
        ("1.5", {"decimal": ",", "thousands": "."}),
        ("1,5,5", {"decimal": ","}),
        ("1.234.5", {"thousands": ","}),
        ("1,234 567", {"thousands": ","}),
    ],
)
def test_a_number_in_another_notation_is_none(text: str, options: dict[str, str]) -> None:
    report, values = settle(["7", text], **options)

    assert report.type == TEXT
    assert values == ["7", text]


@pytest.mark.parametrize(
    ("written", "null_values", "type_", "stored"),
    [
        (["-", "1"], ("-",), INTEGER, [None, 1]),
        (["-", "a"], ("-",), TEXT, [None, "a"]),
        (["NA", "1"], ("-",), TEXT, ["NA", "1"]),
        (["999", "1"], ("999",), INTEGER, [None, 1]),
        (["", "1"], ("",), INTEGER, [None, 1]),
        (["", "x"], (), TEXT, ["", "x"]),
        (["n/a", "N/A", "true"], ("n/a", "N/A"), BOOLEAN, [None, None, True]),
        (["?", "?"], ("?",), TEXT, [None, None]),
    ],
)
def test_null_values_are_missing_in_every_column_and_replace_the_usual_ones(
    written: Values, null_values: tuple[str, ...], type_: ColumnType, stored: list[Any]
) -> None:
    report, values = settle(written, null_values=null_values)

    assert (report.type, values) == (type_, stored)
    assert report.missing_count == report.missing_spellings.total() == stored.count(None)


def test_trimming_comes_before_everything_else() -> None:
    report, values = settle([" 1 ", "\t2", " NA ", "\u00a03"], trims=True)

    assert (report.type, values) == (INTEGER, [1, 2, None, 3])
    assert report.respelled.count == 3
    assert settle([" a", "  "], trims=True)[1] == ["a", ""]


@pytest.mark.parametrize(
    ("type_", "written", "stored"),
    [
        (TEXT, ["5", "NA", "2024-01-31"], ["5", "NA", "2024-01-31"]),
        (INTEGER, ["007", "+5", "-0", "NA"], [7, 5, 0, None]),
        (FLOAT, ["5E1", "07.50", "inf", "3"], [50, 7.5, None, 3]),
        (FLOAT, ["9007199254740993"], [9007199254740992]),
        (BOOLEAN, ["1", "0", "Yes", "no", "T", "false"], [True, False, True, False, True, False]),
        (DATE, ["2024-01-31", "2024-02-01T00:00:00"], ["2024-01-31", "2024-02-01"]),
        (DATETIME, ["2024-01-31", "2024-02-01 05:00"],
         ["2024-01-31T00:00:00", "2024-02-01T05:00:00"]),
        (INTEGER, [None, "NA"], [None, None]),
    ],
)  # fmt: skip
def test_a_column_gets_the_type_that_is_asked_for(
    type_: ColumnType, written: Values, stored: list[Any]
) -> None:
    report, values = settle(written, asked=ColumnOptions(type=type_))

    assert (report.type, values) == (type_, stored)
    assert (report.certainty, report.why) == ("certain", "The options say so.")


@pytest.mark.parametrize(
    ("type_", "misfit"),
    [
        (INTEGER, "1.5"),
        (INTEGER, "9223372036854775808"),
        (INTEGER, "x"),
        (INTEGER, "1e3"),
        (FLOAT, "1,5"),
        (FLOAT, "1e400"),
        (BOOLEAN, "2"),
        (BOOLEAN, "maybe"),
        (DATE, "31/01/2024"),
        (DATE, "2024-02-30"),
        (DATE, "2024-01-31T10:00:00"),
        (DATETIME, "10:00"),
        (DATETIME, "2024-01-31T10:00:00.123456789"),
    ],
)
def test_a_value_that_is_not_of_the_type_refuses_the_file_with_its_row(
    type_: ColumnType, misfit: str
) -> None:
    with pytest.raises(ValueNotOfType) as refusal:
        settle([None], ["NA", None, misfit, "x"], asked=ColumnOptions(type=type_))

    assert f"“{misfit}” in row 4 of column “x” is not a" in refusal.value.reason
    assert refusal.value.report == {"column": "x", "row": 4, "value": misfit}


@pytest.mark.parametrize(
    ("date_format", "written", "type_", "stored"),
    [
        ("%d/%m/%Y", ["31/01/2024", "1/2/2024", "NA"], DATE, ["2024-01-31", "2024-02-01", None]),
        ("%m/%d/%Y", ["01/31/2024", "1/2/2024"], DATE, ["2024-01-31", "2024-01-02"]),
        ("%d.%m.%y", ["31.12.68", "31.12.69"], DATE, ["2068-12-31", "1969-12-31"]),
        ("%Y%m%d", ["20240131", "20240229"], DATE, ["2024-01-31", "2024-02-29"]),
        ("%d %b %Y", ["5 may 2024", "06 JUN 2024"], DATE, ["2024-05-05", "2024-06-06"]),
        ("%B %d, %Y", ["May 5, 2024", "September 30, 1999"], DATE, ["2024-05-05", "1999-09-30"]),
        ("%d/%m/%Y %H:%M", ["31/01/2024 5:07"], DATETIME, ["2024-01-31T05:07:00"]),
        ("%d/%m/%Y %I:%M %p", ["31/01/2024 12:07 AM", "31/01/2024 12:07 pm"], DATETIME,
         ["2024-01-31T00:07:00", "2024-01-31T12:07:00"]),
        ("%d/%m/%Y %H:%M:%S.%f", ["31/01/2024 05:07:09.5"], DATETIME, ["2024-01-31T05:07:09.500"]),
        ("%d/%m/%Y %H:%M%z", ["31/01/2024 05:07+0530", "31/01/2024 05:07Z"], DATETIME,
         ["2024-01-30T23:37:00Z", "2024-01-31T05:07:00Z"]),
        ("100%% %d-%m-%Y", ["100% 31-01-2024"], DATE, ["2024-01-31"]),
    ],
)  # fmt: skip
def test_dates_are_read_in_the_format_that_is_given(
    date_format: str, written: Values, type_: ColumnType, stored: list[Any]
) -> None:
    report, values = settle(written, asked=ColumnOptions(date_format=date_format))

    assert (report.type, values) == (type_, stored)


@pytest.mark.parametrize(
    ("date_format", "misfit"),
    [
        ("%d/%m/%Y", "01/31/2024"),
        ("%d/%m/%Y", "29/02/2023"),
        ("%d/%m/%Y", "31/01/24"),
        ("%d/%m/%Y", "31/01/2024 "),
        ("%d/%m/%Y", "31/01/20240"),
        ("%d/%m/%Y", "2024-01-31"),
        ("%d/%m/%Y", "00/01/2024"),
        ("%d/%m/%Y", "01/01/0000"),
        ("%d/%m/%Y\u00a0%H:%M", "31/01/2024 10:00"),
        ("%d/%m/%Y %H:%M", "31/01/2024 24:00"),
        ("%d/%m/%Y %H:%M:%S", "31/01/2024 10:00:60"),
        ("%d/%m/%Y %I:%M %p", "31/01/2024 13:00 PM"),
        ("%d/%m/%Y %I:%M %p", "31/01/2024 0:00 AM"),
        ("%d/%m/%Y %H:%M%z", "31/01/2024 10:00"),
        ("%d/%m/%Y %H:%M%z", "31/01/2024 10:00+24:00"),
        ("%d %b %Y", "31 January 2024"),
        ("%d%m%Y", "1012024"),
    ],
)
def test_a_date_format_is_strict(date_format: str, misfit: str) -> None:
    with pytest.raises(ValueNotOfType, match=f"in the format “{date_format}”") as refusal:
        settle([misfit], asked=ColumnOptions(date_format=date_format))

    assert f"“{misfit}” in row 1" in refusal.value.reason


def test_a_type_and_a_format_may_differ_in_the_time_of_day() -> None:
    as_datetime = ColumnOptions(type=DATETIME, date_format="%d/%m/%Y")
    as_date = ColumnOptions(type=DATE, date_format="%d/%m/%Y %H:%M")

    assert settle(["31/01/2024"], asked=as_datetime)[1] == ["2024-01-31T00:00:00"]
    assert settle(["31/01/2024 0:00"], asked=as_date)[1] == ["2024-01-31"]
    with pytest.raises(ValueNotOfType):
        settle(["31/01/2024 10:00"], asked=as_date)


def test_columns_of_a_file_are_renamed_typed_and_trimmed(tmp_path: Path) -> None:
    table = read(
        tmp_path,
        " id ,when,n\n001,31/01/2024, 5\n",
        trims=True,
        columns={
            "id": {"name": "key", "type": INTEGER},
            "when": {"date_format": "%d/%m/%Y"},
        },
    )

    assert table.types == {"key": "integer", "when": "date", "n": "integer"}
    assert table.rows == [[1, "2024-01-31", 5]]


def test_two_columns_may_swap_their_names(tmp_path: Path) -> None:
    columns = {"a": {"name": "b"}, "b": {"name": "a"}}

    table = read(tmp_path, "a,b\n1,x\n", columns=columns)

    assert table.types == {"b": "integer", "a": "text"}


@pytest.mark.parametrize(
    ("columns", "error", "sentence"),
    [
        ({"c": {"name": "x"}}, ColumnNotFound,
         "The file has no column “c”, of which the options say how to read it. "
         "Its columns are “a”, “b”."),
        ({"A": {}, "c": {}}, ColumnNotFound, "no column “A”, “c”"),
        ({"a": {"name": "b"}}, DuplicateColumn, "two columns are called “b”"),
        ({"a": {"name": "x"}, "b": {"name": "x"}}, DuplicateColumn, "two columns are called “x”"),
        ({"a": {"type": BOOLEAN}}, ValueNotOfType, "“7” in row 1 of column “a”"),
        ({"a": {"type": DATE, "name": "x"}}, ValueNotOfType, "“7” in row 1 of column “x”"),
    ],
)  # fmt: skip
def test_columns_that_are_not_as_asked_refuse_the_file(
    tmp_path: Path, columns: dict[str, Any], error: type[IngestError], sentence: str
) -> None:
    with pytest.raises(error) as refusal:
        read(tmp_path, "a,b\n7,8\n", columns=columns)

    assert sentence in refusal.value.reason


def test_texts_of_json_become_what_is_asked_and_null_values_leave_its_numbers(
    tmp_path: Path,
) -> None:
    content = '[{"d": "31/01/2024", "n": 5, "m": "x", "t": 3.10}, {"d": "-", "n": "-", "m": "-"}]'

    table = read(
        tmp_path,
        content,
        name="t.json",
        null_values=("-",),
        columns={"d": {"date_format": "%d/%m/%Y"}},
    )

    assert table.types == {"d": "date", "n": "integer", "m": "text", "t": "float"}
    assert table.rows == [["2024-01-31", 5, "x", 3.1], [None, None, None, None]]
    assert table.columns["t"]["respelled"] == {
        "count": 1,
        "first": {"row": 1, "written": "3.10", "stored": "3.1"},
    }


def test_a_text_of_json_beside_numbers_keeps_them_text_unless_it_is_a_null_value(
    tmp_path: Path,
) -> None:
    content = '[{"n": 5}, {"n": "-"}, {"n": "x"}]'

    table = read(tmp_path, content, name="t.json", null_values=("-",))

    assert table.types == {"n": "text"}
    assert table.rows == [["5"], [None], ["x"]]
    assert table.columns["n"]["why"] == "The column holds numbers (1), texts (2)."


def test_the_type_of_a_json_number_is_certain_since_the_file_says_so(tmp_path: Path) -> None:
    table = read(tmp_path, '[{"n": 1, "f": 3.10, "e": 5E1, "b": true, "t": "5E1"}]', name="t.json")

    assert table.types == {"n": "integer", "f": "float", "e": "float", "b": "boolean", "t": "text"}
    assert {column["certainty"] for column in table.columns.values()} == {"certain"}
    assert all(column["why"] for column in table.columns.values())


def test_texts_of_a_workbook_offer_date_formats_wherever_the_first_one_is() -> None:
    column = CellColumn("x", Counter({Kind.TEXT: 2}))
    for cells in ([None], [Kind.TEXT + "31/01/2024"], [None, Kind.TEXT + "1/2/2024"]):
        column.observe(pa.array(cells, pa.string()))
    column.conclude()

    assert column.report.date_formats == ["%d/%m/%Y"]
    assert (column.report.type, column.report.certainty) == ("text", "guess")
