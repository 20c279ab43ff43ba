"""Numbers in a workbook's formats of dates, times and durations, and numbers beyond 2^53."""

from __future__ import annotations

import datetime as dt
import io
import re
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import xlwt
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from data_tools.ingest.exceptions import BrokenWorkbook
from data_tools.ingest.formats import sandbox_process
from data_tools.sandbox.durations import parse_iso, spelled
from data_tools.sandbox.number_formats import Shown, shown_by
from data_tools.sandbox.sheet_xml import reference_of
from tests.support.table_reading import ReadTable, read_table, read_without_sandbox
from tests.support.workbooks import ods, raw_xlsx, sheet_xml, xlsb

Read = Callable[..., ReadTable]


@pytest.fixture
def read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Read:
    monkeypatch.setattr(sandbox_process, "read_in_sandbox", read_without_sandbox)

    def read(content: bytes, **options: Any) -> ReadTable:
        path = tmp_path / "table"
        path.write_bytes(content)
        return read_table(path, **options)

    return read


def xlsx_column(code: str, numbers: Sequence[float], *, from_1904: bool = False) -> bytes:
    """Return an .xlsx with these numbers in the column x, in a number format."""
    workbook = openpyxl.Workbook()
    if from_1904:
        workbook.epoch = CALENDAR_MAC_1904
    sheet = workbook.worksheets[0]
    for row in [["x"], *([number] for number in numbers)]:
        sheet.append(row)
        sheet.cell(sheet.max_row, 1).number_format = code
    file = io.BytesIO()
    workbook.save(file)
    return file.getvalue()


def xls_column(code: str, numbers: Sequence[float], *, from_1904: bool = False) -> bytes:
    workbook = xlwt.Workbook()
    workbook.dates_1904 = from_1904
    sheet = workbook.add_sheet("Data")
    sheet.write(0, 0, "x")
    for row, number in enumerate(numbers, start=1):
        sheet.write(row, 0, number, xlwt.easyxf(num_format_str=code))
    file = io.BytesIO()
    workbook.save(file)
    return file.getvalue()


def xlsb_column(code: str, numbers: Sequence[float], *, from_1904: bool = False) -> bytes:
    rows = [["x"], *([number] for number in numbers)]
    return xlsb(rows, number_format=code, counts_from_1904=from_1904)


WRITERS = [xlsx_column, xls_column, xlsb_column]


@pytest.mark.parametrize("column", WRITERS)
@pytest.mark.parametrize(
    ("code", "numbers", "stored"),
    [
        ("yyyy-mm-dd", [45000, -1, 0], ["2023-03-15", "-1", "0"]),
        ("yyyy-mm-dd", [45000, -0.5, 0.25], ["2023-03-15", "-0.5", "0.25"]),
        ("dd/mm/yy hh:mm", [45000.5, 0.75, -2.5], ["2023-03-15T12:00:00", "0.75", "-2.5"]),
        ("mmm-yy", [1, 59, 60, 61], ["1900-01-01", "1900-02-28", "60", "1900-03-01"]),
        ("d-mmm", [60.5, 45000], ["60.5", "2023-03-15"]),
        ('[$-409]d" of "mmmm', [-45000, 45000], ["-45000", "2023-03-15"]),
        ("h:mm:ss", [0, 0.5, 0.25], ["00:00:00", "12:00:00", "06:00:00"]),
        ("h:mm", [0.5, 1.5, -0.25], ["12:00:00", "36:00:00", "-6:00:00"]),
        ("h:mm AM/PM", [0.25, 1], ["6:00:00", "24:00:00"]),
        ("mm:ss.0", [-1 / 86400, 0.5 / 86400], ["-0:00:01", "0:00:00.5"]),
        ("[h]:mm:ss", [0, 1.09375, -1 / 12], ["0:00:00", "26:15:00", "-2:00:00"]),
        ("h:mm", [45000.5, 45000.25], ["2023-03-15T12:00:00", "2023-03-15T06:00:00"]),
    ],
)
def test_a_number_in_a_format_of_dates_is_never_another_date(
    read: Read, column: Callable[..., bytes], code: str, numbers: list[float], stored: list[str]
) -> None:
    assert [row[0] for row in read(column(code, numbers)).rows] == stored


@pytest.mark.parametrize("column", WRITERS)
def test_numbers_that_are_no_dates_are_noted_with_the_first_cell(
    read: Read, column: Callable[..., bytes]
) -> None:
    table = read(column("yyyy-mm-dd", [-1, -2.5, 60]))

    assert (table.types, table.rows) == ({"x": "float"}, [[-1], [-2.5], [60]])
    assert table.notes("x") == [
        "3 numbers have a format of dates but are not dates, so they stay numbers; the first is in "
        "cell A2."
    ]


@pytest.mark.parametrize("column", WRITERS)
def test_days_are_counted_from_1904_if_the_workbook_says_so(
    read: Read, column: Callable[..., bytes]
) -> None:
    table = read(column("yyyy-mm-dd hh:mm", [-1, 0, 0.5, 1, 60, 45000], from_1904=True))

    assert [row[0] for row in table.rows] == [
        *("-1", "1904-01-01", "1904-01-01T12:00:00", "1904-01-02", "1904-03-01", "2027-03-16")
    ]


@pytest.mark.parametrize("column", WRITERS)
def test_a_number_beyond_the_last_day_stays_a_number_and_is_noted(
    read: Read, column: Callable[..., bytes]
) -> None:
    table = read(column("yyyy-mm-dd", [2958466, 1e10, 3e6 + 0.5]))

    assert table.rows == [[2958466], [1e10], [3e6 + 0.5]]
    assert table.notes("x")[0].startswith("3 numbers have a format of dates but are not dates")
    assert read(column("0.0", [2958466, 1e10])).notes("x") == []


@pytest.mark.parametrize(
    ("code", "shown"),
    [
        ("General", Shown.NUMBER),
        ("0.00E+00", Shown.NUMBER),
        ('#,##0.00 "days"', Shown.NUMBER),
        ("[Red]0;[Blue]-0", Shown.NUMBER),
        ("yyyy-mm-dd", Shown.DATE),
        ("[$-F800]dddd, mmmm dd", Shown.DATE),
        ("mmmm", Shown.DATE),
        ("[$-404]e/m/d", Shown.DATE),
        ("h:mm;@", Shown.TIME),
        ("mm:ss.0", Shown.TIME),
        ('hh"h"mm', Shown.TIME),
        ("[h]:mm", Shown.DURATION),
        ("[Red][mm]:ss", Shown.DURATION),
        ("[ss].00", Shown.DURATION),
    ],
)
def test_a_format_shows_what_its_code_says(code: str, shown: Shown) -> None:
    assert shown_by(code) is shown


# Built-in formats, of which a file gives the number alone


def built_in_xlsx(number: int, numbers: Sequence[float | str], prefix: str = "") -> bytes:
    cells = "".join(
        f'<{prefix}row r="{row}"><{prefix}c r="A{row}" s="1"><{prefix}v>{days}</{prefix}v>'
        f"</{prefix}c></{prefix}row>"
        for row, days in enumerate(numbers, start=2)
    )
    header = f'<{prefix}row r="1"><{prefix}c r="A1" t="str"><{prefix}v>x</{prefix}v>'
    sheet = sheet_xml(f"{header}</{prefix}c></{prefix}row>{cells}")
    if prefix:
        for name in ("worksheet", "sheetData"):
            sheet = sheet.replace(f"<{name}", f"<{prefix}{name}")
            sheet = sheet.replace(f"</{name}", f"</{prefix}{name}")
        sheet = sheet.replace("xmlns=", f"xmlns:{prefix[:-1]}=")
    styles = (
        '<styleSheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
        f'<cellXfs count="2"><xf numFmtId="0"/><xf numFmtId="{number}"/></cellXfs></styleSheet>'
    )
    return raw_xlsx(sheet, more={"xl/styles.xml": styles.encode()})


def built_in_xls(number: int, numbers: Sequence[float]) -> bytes:
    of_165 = xls_column("yyyy-mm-dd", numbers)
    return re.sub(
        rb"(\xe0\x00\x14\x00..)\xa5\x00",
        lambda style: style[1] + bytes([number, 0]),
        of_165,
        flags=re.DOTALL,
    )


def built_in_xlsb(number: int, numbers: Sequence[float]) -> bytes:
    return xlsb([["x"], *([days] for days in numbers)], format_number=number)


@pytest.mark.parametrize("column", [built_in_xlsx, built_in_xls, built_in_xlsb])
@pytest.mark.parametrize(
    ("number", "numbers", "stored"),
    [
        (14, [45000, 60, -1], ["2023-03-15", "60", "-1"]),
        (27, [45000, -1, 0], ["2023-03-15", "-1", "0"]),
        (30, [45000.5, 0.25, -0.5], ["2023-03-15T12:00:00", "0.25", "-0.5"]),
        (31, [45000, 59, 60, 61], ["2023-03-15", "1900-02-28", "60", "1900-03-01"]),
        (36, [45000, -45000], ["2023-03-15", "-45000"]),
        (50, [0, 45000], ["0", "2023-03-15"]),
        (54, [-2.5, 45000], ["-2.5", "2023-03-15"]),
        (57, [45000, 2958466], ["2023-03-15", "2958466"]),
        (58, [-1, 45000], ["-1", "2023-03-15"]),
        (32, [0.25, 0.5], ["06:00:00", "12:00:00"]),
        (33, [0.25, 1.5, -0.25], ["6:00:00", "36:00:00", "-6:00:00"]),
        (34, [0, 0.25, 45000], ["00:00:00", "06:00:00", "2023-03-15"]),
        (55, [45000, 45001.5, -1], ["2023-03-15", "2023-03-16T12:00:00", "-1"]),
    ],
)
def test_built_in_formats_of_east_asia_show_dates_and_times(
    read: Read,
    column: Callable[..., bytes],
    number: int,
    numbers: list[float],
    stored: list[str],
) -> None:
    assert [row[0] for row in read(column(number, numbers)).rows] == stored


@pytest.mark.parametrize("numbers", [[-1], [45000, -2], [0, 0.5, 60]])
def test_the_cells_of_a_sheet_whose_xml_has_prefixes_are_all_looked_at(
    read: Read, numbers: list[float]
) -> None:
    plain, prefixed = built_in_xlsx(14, numbers), built_in_xlsx(14, numbers, prefix="x:")

    assert read(prefixed).rows == read(plain).rows


def test_a_duration_that_is_too_long_to_be_one_is_refused(read: Read) -> None:
    with pytest.raises(BrokenWorkbook, match="“Data” holds a number that is too large for its f"):
        read(built_in_xlsx(46, [1, 10**16]))


@pytest.mark.parametrize("number", [14, 21, 27, 34])
def test_long_integers_keep_their_digits_in_a_format_of_dates(read: Read, number: int) -> None:
    ids = ["9007199254740993", "1234567890123456789"]

    assert read(built_in_xlsx(number, ids)).rows == [[int(id_)] for id_ in ids]


@pytest.mark.parametrize("column", [xls_column, xlsb_column])
def test_digits_that_may_be_lost_are_noted_in_a_format_of_dates(
    read: Read, column: Callable[..., bytes]
) -> None:
    table = read(column("yyyy-mm-dd", [2.0**53 + 2]))

    assert table.rows == [[2**53 + 2]]
    assert table.notes("x")[0].startswith("1 integer is beyond 2^53")


# Durations of OpenDocument


@pytest.mark.parametrize(
    ("written", "stored"),
    [
        (["PT10H30M00S", "PT23H59M59S"], ["10:30:00", "23:59:59"]),
        (["PT02H00M00S", "PT26H15M00S"], ["2:00:00", "26:15:00"]),
        (["PT02H00M00S", "-PT02H00M00S"], ["2:00:00", "-2:00:00"]),
        (["PT00H00M01.500000S", "PT100H00M00S"], ["0:00:01.5", "100:00:00"]),
        (["P1DT2H", "PT90M", "-PT0.25S"], ["26:00:00", "1:30:00", "-0:00:00.25"]),
        (["PT5M", "PT10H30M00S"], ["00:05:00", "10:30:00"]),
    ],
)
def test_durations_of_an_open_document_have_one_spelling(
    read: Read, written: list[str], stored: list[str]
) -> None:
    cells = [f'office:value-type="time" office:time-value="{value}">' for value in written]

    assert [row[0] for row in read(ods(Data=[["x"], *([cell] for cell in cells)])).rows] == stored


def test_a_text_that_looks_like_a_duration_stays_that_text(read: Read) -> None:
    assert read(ods(Data=[["x"], ["PT26H15M00S"], ["P1D"]])).rows == [["PT26H15M00S"], ["P1D"]]


def test_a_duration_without_a_length_of_its_own_stays_as_it_is(read: Read) -> None:
    month = 'office:value-type="time" office:time-value="P1M">'

    assert read(ods(Data=[["x"], [month]])).rows == [["P1M"]]


def test_times_and_durations_are_counted_apart_in_the_note(read: Read) -> None:
    table = read(xlsx_column("h:mm", [0.5, 1.5]))

    assert table.notes("x") == ["Kept as text: times of day (1), durations (1)."]


@pytest.mark.parametrize("text", ["", "P", "PT", "P1M", "P1Y", "1H", "PT1H2H", "PT1.5H", "--PT1H"])
def test_what_is_no_duration_of_a_fixed_length_is_none(text: str) -> None:
    assert parse_iso(text) is None


def test_a_duration_is_spelled_with_as_many_digits_as_it_needs() -> None:
    nanoseconds = parse_iso("P1DT1H1M1.000000001S")

    assert nanoseconds is not None
    assert (spelled(nanoseconds), spelled(-1), spelled(0)) == (
        *("25:01:01.000000001", "-0:00:00.000000001", "0:00:00"),
    )


# Integers beyond 2^53


def raw_column(*numbers: str) -> bytes:
    cells = [f'<c r="A{row}"><v>{number}</v></c>' for row, number in enumerate(numbers, start=2)]
    rows = "".join(f"<row>{cell}</row>" for cell in cells)
    return raw_xlsx(sheet_xml(f'<row><c r="A1" t="str"><v>x</v></c></row>{rows}'))


@pytest.mark.parametrize(
    ("written", "type_", "stored"),
    [
        (["12345678901234567890"], "text", ["12345678901234567890"]),
        (["9007199254740993", "1"], "integer", [9007199254740993, 1]),
        (["-9223372036854775808"], "integer", [-(2**63)]),
        (["9007199254740993", "0.5"], "text", ["9007199254740993", "0.5"]),
        (["1.23456789012345E+18"], "integer", [1234567890123450000]),
        (["9007199254740993.0"], "integer", [9007199254740993]),
        (["1E+300"], "float", [1e300]),
        (["0.10000000000000001", "1234567.8901234567"], "float", [0.1, 1234567.8901234567]),
    ],
)
def test_an_integer_keeps_the_digits_that_the_file_has(
    read: Read, written: list[str], type_: str, stored: list[Any]
) -> None:
    table = read(raw_column(*written))

    assert (table.types["x"], [row[0] for row in table.rows]) == (type_, stored)


@pytest.mark.parametrize("column", [xls_column, xlsb_column])
def test_integers_of_which_digits_may_be_lost_are_noted(
    read: Read, column: Callable[..., bytes]
) -> None:
    table = read(column("General", [1, 2.0**53 + 2, 1.23456789012345e18]))

    assert [row[0] for row in table.rows] == [1, 2**53 + 2, 1234567890123450000]
    assert table.notes("x") == [
        "2 integers are beyond 2^53, of which a workbook keeps the first 15 to 17 digits; the "
        "first is in cell A3."
    ]


def test_digits_that_an_open_document_loses_are_noted(read: Read) -> None:
    number = 'office:value-type="float" office:value="12345678901234567890">'

    table = read(ods(Data=[["x"], [number], ["office:value-type='float' office:value='1E300'>"]]))

    assert table.rows == [[12345678901234567890.0], [1e300]]
    assert table.notes("x")[0].startswith("1 integer is beyond 2^53, of which a workbook keeps")


@pytest.mark.parametrize(
    ("cells", "stored"),
    [
        ("<row><c><v>9007199254740993</v></c></row>", [[9007199254740993]]),
        ('<row><c s="1"><v>-1</v></c></row><row><c s="1"><v>-2</v></c></row>', [[-1], [-2]]),
        ('<row r="4"><c s="1"><v>-1</v></c></row><row><c s="1"><v>-2</v></c></row>',
         [[None], [None], [-1], [-2]]),
        ('<row/><row><c r="A3" s="1"><v>-1</v></c></row><row><c s="1"><v>-2</v></c></row>',
         [[None], [-1], [-2]]),
    ],
)  # fmt: skip
def test_a_cell_without_a_place_comes_after_the_one_before_it(
    read: Read, cells: str, stored: list[list[int | None]]
) -> None:
    sheet = sheet_xml(f'<row><c t="str"><v>x</v></c></row>{cells}')
    of_dates = zipfile.ZipFile(io.BytesIO(built_in_xlsx(14, []))).read("xl/styles.xml")

    assert read(raw_xlsx(sheet, more={"xl/styles.xml": of_dates})).rows == stored


@pytest.mark.parametrize(
    ("place", "name"), [((1, 1), "A1"), ((9, 26), "Z9"), ((1, 27), "AA1"), ((2, 16_384), "XFD2")]
)
def test_a_cell_is_named_by_letters_and_row(place: tuple[int, int], name: str) -> None:
    assert reference_of(*place) == name


def test_a_date_is_the_same_whatever_format_it_is_in(read: Read) -> None:
    days = [1, 59, 61, 366, 367, 1462, 36526, 45000, 2958465]
    epoch = dt.date(1899, 12, 30)
    expected = [(epoch + dt.timedelta(days=day + (day < 60))).isoformat() for day in days]

    for column in WRITERS:
        assert [row[0] for row in read(column("yyyy-mm-dd", days)).rows] == expected
