"""How a workbook is read: its sheets, its header, the types of its cells, and what is refused."""

from __future__ import annotations

import datetime as dt
import io
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import xlwt

from data_tools.ingest.exceptions import (
    BrokenWorkbook,
    EmptyFile,
    EncryptedFile,
    IngestError,
    NotATable,
    RecordTooLong,
    SheetNotFound,
    TooManyColumns,
    TooManyRows,
    WorkbookTooLarge,
)
from data_tools.ingest.formats import sandbox_process
from data_tools.sandbox.refusal import Code
from data_tools.sandbox.sheet_xml import SheetScan, column_number
from tests.support.table_reading import ReadTable, read_table, read_without_sandbox
from tests.support.workbooks import raw_xlsx, sheet_xml, xlsb, xlsx

NOON = dt.datetime.fromisoformat("2013-01-31T12:00:01")


@pytest.fixture(autouse=True)
def reader(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if "process" not in request.fixturenames:
        monkeypatch.setattr(sandbox_process, "read_in_sandbox", read_without_sandbox)


@pytest.fixture
def process() -> None:
    """Have the sheet read in the sandbox, as in the service."""


@pytest.fixture
def read(tmp_path: Path) -> Callable[..., ReadTable]:
    def read(content: bytes, name: str = "table.xlsx", **how: Any) -> ReadTable:
        path = tmp_path / name
        path.write_bytes(content)
        return read_table(path, **how)

    return read


Read = Callable[..., ReadTable]


def column(*cells: Any) -> bytes:
    """Return a workbook of the column x and a column of row ids."""
    return xlsx(Data=[["id", "x"], *([n, cell] for n, cell in enumerate(cells))])


@pytest.mark.parametrize(
    ("cells", "type_", "stored"),
    [
        ([1, 2.0, None], "integer", [1, 2, None]),
        ([1, 2.5], "float", [1, 2.5]),
        ([1e300, 1], "float", [1e300, 1]),
        ([True, None, False], "boolean", [True, None, False]),
        ([dt.date(2013, 1, 31), None], "date", ["2013-01-31", None]),
        ([NOON], "datetime", ["2013-01-31T12:00:01"]),
        ([dt.date(2013, 1, 31), NOON], "datetime", ["2013-01-31T00:00:00", "2013-01-31T12:00:01"]),
        (["007", " x ", None], "text", ["007", " x ", None]),
        (["1", "2"], "text", ["1", "2"]),
        (["2013-01-31"], "text", ["2013-01-31"]),
        (["NA", "#N/A "], "text", ["NA", "#N/A "]),
        ([1, "x", True, NOON], "text", ["1", "x", "true", "2013-01-31T12:00:01"]),
        ([dt.time(5, 4)], "text", ["05:04:00"]),
        ([dt.timedelta(hours=30, seconds=1)], "text", ["30:00:01"]),
        ([None, None], "text", [None, None]),
    ],
)
def test_a_column_has_the_type_of_its_cells(
    read: Read, cells: list[Any], type_: str, stored: list[Any]
) -> None:
    table = read(column(*cells, None))

    assert table.types["x"] == type_
    assert [row[1] for row in table.rows] == [*stored, None]
    assert table.columns["x"]["missing_count"] == stored.count(None) + 1


def test_cells_of_several_kinds_are_text_and_counted(read: Read) -> None:
    assert read(column(1, 2, "x")).notes("x") == ["Kept as text: numbers (2), texts (1)."]


def test_the_first_sheet_is_read_unless_another_is_named(read: Read) -> None:
    content = xlsx(Eins=[["a"], [1]], Zwei=[["b"], [2]])

    first, second = read(content), read(content, sheet="Zwei")

    assert (first.types, first.rows) == ({"a": "integer"}, [[1]])
    assert (second.types, second.rows) == ({"b": "integer"}, [[2]])
    assert (second.facts["sheet"], second.facts["sheets"]) == ("Zwei", ["Eins", "Zwei"])
    assert second.facts["format"] == "xlsx"


def test_a_sheet_that_does_not_exist_is_refused_and_the_existing_ones_are_named(read: Read) -> None:
    with pytest.raises(SheetNotFound, match="no sheet “zwei”. It has “Eins”, “Zwei”."):
        read(xlsx(Eins=[["a"]], Zwei=[["b"]]), sheet="zwei")
    with pytest.raises(SheetNotFound, match="not a workbook"):
        read(b"a,b\n1,2\n", name="x.csv", sheet="Eins")


def test_the_table_begins_at_the_first_row_and_column_that_hold_anything(read: Read) -> None:
    table = read(xlsx(Data=[[], [], [None, "a", None, "a"], [None, 1, None, 2]]))

    assert table.types == {"a": "integer", "column_2": "text", "a_2": "integer"}
    assert table.rows == [[1, None, 2]]
    assert (table.facts["header_row"], table.facts["first_column"]) == (3, 2)


def test_an_empty_row_between_others_is_a_row_of_missing_values(read: Read) -> None:
    assert read(xlsx(Data=[["a", "b"], [1, 2], [], [3, 4], []])).rows == [
        [1, 2],
        [None, None],
        [3, 4],
    ]


def test_a_header_is_text_whatever_its_cells_are(read: Read) -> None:
    assert list(read(xlsx(Data=[[2013, True, dt.date(2013, 1, 31)], [1, 2, 3]])).types) == [
        "2013",
        "true",
        "2013-01-31",
    ]


def test_a_header_alone_is_a_table_without_rows(read: Read) -> None:
    assert read(xlsx(Data=[["a", "b"]])).rows == []


def test_an_empty_sheet_is_refused(read: Read) -> None:
    with pytest.raises(EmptyFile, match="“Data” is empty"):
        read(xlsx(Data=[]))


def test_error_cells_are_missing_and_counted(read: Read) -> None:
    table = read(column(1, "#N/A", "#DIV/0!", "#REF!"))

    assert (table.types["x"], [row[1] for row in table.rows]) == ("integer", [1, None, None, None])
    assert table.facts["error_cells"] == {"count": 3, "first": ["B3", "B4", "B5"]}


def test_a_formula_is_the_value_that_was_saved_with_it(read: Read) -> None:
    cells = (
        '<row r="1"><c r="A1" t="str"><v>x</v></c></row>'
        '<row r="2"><c r="A2"><f>1+1</f><v>2</v></c></row>'
        '<row r="3"><c r="A3"><f>A9</f></c></row>'
        '<row r="4"><c r="A4"><f t="shared" si="0"/><v/></c></row>'
        '<row r="5"><c r="A5" t="str"><f>""</f><v></v></c></row>'
        '<row r="6"><c r="A6"><v>6</v></c></row>'
    )

    table = read(raw_xlsx(sheet_xml(cells)))

    assert table.rows == [[2], [None], [None], [None], [6]]
    assert table.facts["formulas_without_value"] == {"count": 2, "first": ["A3", "A4"]}


def test_a_text_that_looks_like_a_formula_stays_that_text(read: Read) -> None:
    formula = "=cmd|' /C calc'!A0"
    cells = f'<row><c t="str"><v>x</v></c></row><row><c t="str"><v>{formula}</v></c></row>'

    assert read(raw_xlsx(sheet_xml(cells))).rows == [[formula]]


def xls() -> bytes:
    workbook = xlwt.Workbook()
    sheet = workbook.add_sheet("Data")
    day = xlwt.easyxf(num_format_str="YYYY-MM-DD")
    for row, cells in enumerate([["n", "t", "d"], [1, "007", dt.date(2013, 1, 31)], [2.5]]):
        for position, cell in enumerate(cells):
            style = [day] if isinstance(cell, dt.date) else []
            sheet.write(row, position, cell, *style)
    file = io.BytesIO()
    workbook.save(file)
    return file.getvalue()


def test_an_xls_workbook_is_read_whatever_its_name(read: Read) -> None:
    for name in ("table.xls", "table.xlsx", "table.csv"):
        table = read(xls(), name=name)

        assert table.types == {"n": "float", "t": "text", "d": "date"}
        assert table.rows == [[1, "007", "2013-01-31"], [2.5, None, None]]
        assert table.facts["format"] == "xls"


def test_a_binary_workbook_is_read(read: Read) -> None:
    table = read(xlsb([["n", "t"], [1, "007"], [2.5, "x"]]), name="table.xlsb")

    assert table.types == {"n": "float", "t": "text"}
    assert table.rows == [[1, "007"], [2.5, "x"]]
    assert table.facts["format"] == "xlsb"


def test_an_open_document_is_read(read: Read) -> None:
    office = "urn:oasis:names:tc:opendocument:xmlns:office:1.0"
    table = "urn:oasis:names:tc:opendocument:xmlns:table:1.0"
    text = "urn:oasis:names:tc:opendocument:xmlns:text:1.0"
    cells = [
        *('office:value-type="string"><text:p>n</text:p>', 'office:value-type="string"><text:p>b'),
        *('office:value-type="float" office:value="1">', 'office:value-type="boolean" '),
    ]
    cells[1] += "</text:p>"
    cells[3] += 'office:boolean-value="true">'
    rows = [
        "".join(f"<table:table-cell {cell}</table:table-cell>" for cell in pair)
        for pair in (cells[:2], cells[2:])
    ]
    content = (
        f'<office:document-content xmlns:office="{office}" xmlns:table="{table}" '
        f'xmlns:text="{text}"><office:body><office:spreadsheet><table:table table:name="Data">'
        + "".join(f"<table:table-row>{row}</table:table-row>" for row in rows)
        + "</table:table></office:spreadsheet></office:body></office:document-content>"
    )
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as package:
        package.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        package.writestr("content.xml", content)
        package.writestr("META-INF/manifest.xml", "<manifest/>")

    read_back = read(file.getvalue())

    assert (read_back.types, read_back.rows) == ({"n": "integer", "b": "boolean"}, [[1, True]])
    assert read_back.facts["format"] == "ods"


# What is refused


def far_cell(reference: str, row: int) -> bytes:
    return raw_xlsx(
        sheet_xml(
            '<row r="1"><c r="A1"><v>1</v></c></row>'
            f'<row r="{row}"><c r="{reference}"><v>1</v></c></row>'
        )
    )


def text_cell(text: str) -> str:
    return f'<c t="inlineStr"><is><t>{text}</t></is></c>'


def entity_bomb() -> bytes:
    lines = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10))
    return raw_xlsx(
        f'<!DOCTYPE x [<!ENTITY a0 "ha">{lines}]>'
        + sheet_xml('<row r="1"><c r="A1" t="inlineStr"><is><t>&a9;</t></is></c></row>')
    )


def encrypted_member() -> bytes:
    """Return a workbook with the encryption flag set in every header."""
    content = bytearray(xlsx(Data=[["a"], [1]]))
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = content.find(signature)
        while at >= 0:
            content[at + offset] |= 1
            at = content.find(signature, at + 1)
    return bytes(content)


def lying_sizes(unpacked_bytes: int) -> bytes:
    """Return a workbook whose directory claims that its last member unpacks to ten bytes."""
    more = {"xl/media/bomb.xml": bytes(unpacked_bytes)}
    content = bytearray(raw_xlsx(sheet_xml(""), more=more))
    at = content.rfind(b"PK\x01\x02")
    content[at + 24 : at + 28] = (10).to_bytes(4, "little")
    return bytes(content)


NO_SUCH_TEXT = '<row><c t="s"><v>9</v></c></row>'
OLE = bytes.fromhex("d0cf11e0a1b11ae1")


@pytest.mark.parametrize(
    ("make", "error", "words"),
    [
        (lambda: xlsx(Data=[["a"], [1]])[:-300], BrokenWorkbook, "damaged"),
        (lambda: raw_xlsx(sheet_xml("")[:-40] + "<row><c>"), BrokenWorkbook, "damaged"),
        (lambda: raw_xlsx(sheet_xml(NO_SUCH_TEXT)), BrokenWorkbook, "damaged"),
        (lambda: OLE + bytes(4000), BrokenWorkbook, "damaged"),
        (lambda: OLE + "EncryptedPackage".encode("utf-16-le"), EncryptedFile, "password"),
        (encrypted_member, EncryptedFile, "password"),
        (entity_bomb, BrokenWorkbook, "sheet1.xml” declares XML entities"),
        (lambda: lying_sizes(64 << 20), WorkbookTooLarge, "as a zip bomb does"),
        (lambda: lying_sizes(1 << 20), BrokenWorkbook, "damaged"),
        (
            lambda: raw_xlsx(sheet_xml(""), more={"xl/media/a.bin": bytes(40 << 20)}),
            WorkbookTooLarge,
            "a.bin” unpacks to more than 200 times its size",
        ),
        (
            lambda: raw_xlsx(sheet_xml(""), more={f"m{n}": b"" for n in range(10_001)}),
            WorkbookTooLarge,
            "10,006 members",
        ),
        (
            lambda: raw_xlsx(sheet_xml(f"<row>{text_cell('h' * (1 << 19)) * 3}</row>")),
            RecordTooLong,
            "names of the columns are longer than a million",
        ),
        (
            lambda: raw_xlsx(sheet_xml(""), sheet_name="s" * (2 << 20)),
            RecordTooLong,
            "names of the sheets are longer than a million",
        ),
        (lambda: far_cell("XFD9", 9), TooManyColumns, "column 16,384"),
        (lambda: far_cell("ZZZZZZ1", 1), BrokenWorkbook, "beyond the end of any sheet"),
        (lambda: far_cell("A99999999", 99_999_999), BrokenWorkbook, "row 99,999,999"),
    ],
    ids=[
        *("cut off", "broken XML", "no such text", "no OLE", "a password", "encrypted members"),
        *("entities", "a bomb that lies", "a lie", "a ratio", "many members", "header", "sheets"),
        *("far right", "off the right", "off the end"),
    ],
)
def test_a_hostile_workbook_is_refused_and_says_why(
    read: Read, make: Callable[[], bytes], error: type[IngestError], words: str
) -> None:
    with pytest.raises(error, match=words):
        read(make())


def limited(settings: Any, **limits: int) -> None:
    settings.UPLOADS = settings.UPLOADS | limits


def test_a_workbook_that_unpacks_to_more_than_the_limit_is_refused(
    read: Read, settings: Any
) -> None:
    limited(settings, WORKBOOK_MAX_UNPACKED_BYTES=1 << 20)
    rows = "".join(f"<row><c><v>{n * 7919}</v></c></row>" for n in range(60_000))

    with pytest.raises(WorkbookTooLarge, match="more than 1 MiB, in its member “xl/worksheets/"):
        read(raw_xlsx(sheet_xml(rows)))


def test_rows_and_columns_are_refused_before_the_sheet_is_in_memory(
    read: Read, settings: Any
) -> None:
    limited(settings, MAX_ROWS=2, MAX_COLUMNS=2)

    with pytest.raises(TooManyRows, match="down to row 4"):
        read(xlsx(Data=[["a"], [1], [2], [3]]))
    with pytest.raises(TooManyColumns, match="on to column 3"):
        read(xlsx(Data=[["a", "b", "c"]]))
    assert len(read(xlsx(Data=[["a", "b"], [1, 2], [3, 4]])).rows) == 2


@pytest.mark.usefixtures("process")
def test_a_sheet_is_read_in_the_sandbox(read: Read, settings: Any) -> None:
    table = read(xlsx(Eins=[["a"]], Zwei=[["a"], [NOON], ["x"]]), sheet="Zwei")

    assert table.rows == [["2013-01-31T12:00:01"], ["x"]]
    assert table.facts["sheets"] == ["Eins", "Zwei"]
    with pytest.raises(SheetNotFound, match="“Drei”"):
        read(xlsx(Eins=[["a"]]), sheet="Drei")


@pytest.mark.usefixtures("process")
def test_a_sheet_that_takes_all_memory_ends_the_sandbox_and_no_other_process(
    read: Read, settings: Any
) -> None:
    limited(settings, WORKBOOK_MAX_MEMORY_BYTES=1 << 30)

    with pytest.raises(WorkbookTooLarge, match="more memory or time"):
        read(far_cell("ALL1048576", 1_048_576))


@pytest.mark.usefixtures("process")
def test_a_workbook_that_takes_all_time_is_given_up(read: Read, settings: Any) -> None:
    limited(settings, WORKBOOK_MAX_CPU_SECONDS=1)
    rows = "".join(f'<row r="{n}"><c r="A{n}"><v>{n}</v></c></row>' for n in range(1, 900_000))

    with pytest.raises(WorkbookTooLarge, match="more memory or time"):
        read(raw_xlsx(sheet_xml(rows)))


def test_an_archive_without_a_workbook_is_not_a_table(read: Read) -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as package:
        package.writestr("a.csv", "a,b\n1,2\n")

    with pytest.raises(NotATable, match="zip archive without a workbook"):
        read(file.getvalue(), name="a.zip")
    with pytest.raises(BrokenWorkbook):
        read(file.getvalue(), name="a.xlsx")


def test_a_picture_in_a_workbook_may_declare_what_it_is(read: Read) -> None:
    content = raw_xlsx(
        sheet_xml('<row r="1"><c r="A1"><v>1</v></c></row>'),
        more={"xl/media/image1.svg": b'<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN">'},
    )

    assert list(read(content).types) == ["1"]


def test_every_refusal_of_the_sandbox_is_an_error_of_the_ingest() -> None:
    assert set(Code) <= {error.code for error in IngestError.__subclasses__()}


# The scan


@pytest.mark.parametrize(("letters", "number"), [("A", 1), ("Z", 26), ("AA", 27), ("XFD", 16_384)])
def test_a_column_is_counted_by_its_letters(letters: str, number: int) -> None:
    assert column_number(letters) == number


@pytest.mark.parametrize("piece_bytes", [1, 7, 64, 10_000])
def test_the_scan_sees_the_same_however_the_sheet_is_cut_into_pieces(piece_bytes: int) -> None:
    cells = "".join(
        f'<row r="{n}"><c r="A{n}" t="e"><v>#N/A</v></c><c r="B{n}"><f>A1</f></c>'
        f'<c r="C{n}"><f>A1</f><v>1</v></c><c r="D{n}"/></row>'
        for n in range(1, 30)
    )
    content = sheet_xml(cells).encode()
    scan = SheetScan()

    for start in range(0, len(content), piece_bytes):
        scan.feed(content[start : start + piece_bytes])

    assert (scan.last_row, scan.last_column) == (29, 4)
    assert (scan.error_cells.count, scan.formulas_without_value.count) == (29, 29)
    assert scan.formulas_without_value.first == ["B1", "B2", "B3", "B4", "B5"]
