"""Workbooks with hidden sheets, titles above the table, and cells whose format does not fit."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping, Sequence
from typing import Any

import openpyxl

from tests.support.tried_files.tried_file import AdmitsDoubt, Reads, Refuses, TriedFile


def workbook(sheets: Mapping[str, tuple[str, Sequence[Sequence[Any]]]]) -> bytes:
    """Return a workbook of sheets by name, each with its state and its rows."""
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for name, (state, rows) in sheets.items():
        sheet = book.create_sheet(name)
        sheet.sheet_state = state
        for row in rows:
            sheet.append(list(row))
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def shown(cells: Sequence[tuple[Any, str]]) -> bytes:
    """Return a workbook of the columns id and x, each cell of x in a format of its own."""
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet.append(["id", "x"])
    for number, (value, number_format) in enumerate(cells, start=2):
        sheet.cell(number, 1, "r")
        sheet.cell(number, 2, value).number_format = number_format
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def ods(durations: Sequence[str]) -> bytes:
    """Return an OpenDocument sheet of the columns id and x, with durations as LibreOffice has
    them."""
    rows = "".join(
        "<table:table-row>"
        '<table:table-cell office:value-type="string"><text:p>r</text:p></table:table-cell>'
        f'<table:table-cell office:value-type="time" office:time-value="{duration}"/>'
        "</table:table-row>"
        for duration in durations
    )
    names = "".join(
        f'<table:table-cell office:value-type="string"><text:p>{name}</text:p></table:table-cell>'
        for name in ("id", "x")
    )
    kinds = "".join(
        f' xmlns:{kind}="{_SCHEMAS}:{kind}:1.0"' for kind in ("office", "text", "table")
    )
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as package:
        package.writestr("mimetype", _ODS)
        package.writestr(
            "META-INF/manifest.xml",
            f'<manifest:manifest xmlns:manifest="{_SCHEMAS}:manifest:1.0">'
            f'<manifest:file-entry manifest:full-path="/" manifest:media-type="{_ODS}"/>'
            '<manifest:file-entry manifest:full-path="content.xml" manifest:media-type="text/xml"/>'
            "</manifest:manifest>",
        )
        package.writestr(
            "content.xml",
            f"<office:document-content{kinds}><office:body><office:spreadsheet>"
            '<table:table table:name="Data">'
            f"<table:table-row>{names}</table:table-row>{rows}"
            "</table:table></office:spreadsheet></office:body></office:document-content>",
        )
    return file.getvalue()


_SCHEMAS = "urn:oasis:names:tc:opendocument:xmlns"
_ODS = "application/vnd.oasis.opendocument.spreadsheet"
DAY = "yyyy-mm-dd"
TIME = "hh:mm:ss"
LONG_TIME = "[h]:mm:ss"

AB = {"a": "integer", "b": "text"}
ROWS = [[1, "x"], [2, "y"]]
TABLE = [["a", "b"], [1, "x"], [2, "y"]]
SECRET = [["salary"], [5000]]
SEEN = [Reads(types=AB, rows=ROWS, guesses={"sheet": "Data"})]

FILES = (
    *(
        TriedFile(
            reference="hidden-sheet",
            variant=name,
            about="The first sheet that can be seen is read.",
            content=workbook(sheets),
            file_name="book.xlsx",
            right=SEEN,
        )
        for name, sheets in {
            "hidden": {"Secret": ("hidden", SECRET), "Data": ("visible", TABLE)},
            "very-hidden": {"Secret": ("veryHidden", SECRET), "Data": ("visible", TABLE)},
            "hidden-and-empty": {"Empty": ("hidden", []), "Data": ("visible", TABLE)},
            "two-hidden": {
                "S1": ("veryHidden", SECRET),
                "S2": ("hidden", SECRET),
                "Data": ("visible", TABLE),
                "More": ("visible", SECRET),
            },
            "hidden-last": {"Data": ("visible", TABLE), "Secret": ("hidden", SECRET)},
        }.items()
    ),
    TriedFile(
        reference="hidden-sheet",
        variant="said",
        about="A hidden sheet that is named is read.",
        content=workbook({"Secret": ("hidden", SECRET), "Data": ("visible", TABLE)}),
        file_name="book.xlsx",
        options={"sheet": "Secret"},
        right=[Reads(types={"salary": "integer"}, rows=[[5000]])],
    ),
    TriedFile(
        reference="hidden-sheet",
        variant="first-visible-empty",
        about="An empty sheet is refused with the names of the others.",
        content=workbook({"Cover": ("visible", []), "Data": ("visible", TABLE)}),
        file_name="book.xlsx",
        right=[Refuses("INGEST_EMPTY_FILE", ("Data",)), *SEEN],
    ),
    *(
        TriedFile(
            reference="title-rows",
            variant=f"workbook-{name}",
            about="Rows above the header are no header.",
            content=workbook({"Data": ("visible", [*title, *TABLE])}),
            file_name="book.xlsx",
            right=[
                Reads(
                    types=AB,
                    rows=ROWS,
                    guesses={"header_row": header_row},
                    unsure_of=("header_row",),
                )
            ],
        )
        for name, title, header_row in (
            ("one", [["Report 2024"]], 2),
            ("blank-between", [["Report 2024"], []], 3),
            ("two", [["Report"], ["by the office"], []], 4),
        )
    ),
    TriedFile(
        reference="title-rows",
        variant="workbook-of-words",
        about="Where nothing tells names from values, the report admits doubt.",
        content=workbook(
            {"Data": ("visible", [["Report"], ["name", "city"], ["Ann", "Rome"], ["Bob", "Oslo"]])}
        ),
        file_name="book.xlsx",
        right=[AdmitsDoubt(of="header_row")],
    ),
    *(
        TriedFile(
            reference="no-date",
            variant=name,
            about="A number that is no date stays the number, whatever format it is shown in.",
            content=shown(cells),
            file_name="book.xlsx",
            right=[
                Reads(
                    types={"id": "text", "x": type_},
                    rows=[["r", value] for value in stored],
                    tells_of=("x",),
                )
            ],
        )
        for name, cells, type_, stored in (
            ("negative", [(-1, DAY), (-3, DAY)], "integer", [-1, -3]),
            ("negative-fraction", [(-1.5, DAY), (-3, DAY)], "float", [-1.5, -3.0]),
            ("negative-among-dates", [(-1, DAY), (45322, DAY)], "text", ["-1", "2024-01-31"]),
            ("zero", [(0, DAY)], "integer", [0]),
            ("zero-among-dates", [(0, DAY), (45322, DAY)], "text", ["0", "2024-01-31"]),
            ("leap-day-of-1900", [(60, DAY), (61, DAY)], "text", ["60", "1900-03-01"]),
            ("beyond-9999", [(2958466, DAY), (45322, DAY)], "text", ["2958466", "2024-01-31"]),
        )
    ),
    *(
        TriedFile(
            reference="times",
            variant=name,
            about="Times and durations of a column have one spelling.",
            content=shown(cells),
            file_name="book.xlsx",
            right=[
                Reads(types={"id": "text", "x": "text"}, rows=[["r", value] for value in stored])
            ],
        )
        for name, cells, stored in (
            ("midnight", [(0, TIME), (0.5, TIME)], ["00:00:00", "12:00:00"]),
            ("beyond-a-day", [(1.09375, LONG_TIME), (4.5, LONG_TIME)], ["26:15:00", "108:00:00"]),
            ("negative", [(-0.5, LONG_TIME), (0.5, LONG_TIME)], ["-12:00:00", "12:00:00"]),
        )
    ),
    *(
        TriedFile(
            reference="ods-durations",
            variant=name,
            about="So they have from LibreOffice.",
            content=ods(durations),
            file_name="book.ods",
            right=[
                Reads(types={"id": "text", "x": "text"}, rows=[["r", value] for value in stored])
            ],
        )
        for name, durations, stored in (
            ("a-day", ["PT24H00M00S", "PT10H30M00S"], ["24:00:00", "10:30:00"]),
            ("days", ["P2DT3H", "PT26H15M00S"], ["51:00:00", "26:15:00"]),
            ("minutes", ["PT690M", "PT600M"], ["11:30:00", "10:00:00"]),
            ("negative", ["-PT12H00M00S", "-PT26H15M00S"], ["-12:00:00", "-26:15:00"]),
            ("fractions", ["PT26H15M00.25S", "PT10H00M01.5S"], ["26:15:00.25", "10:00:01.5"]),
        )
    ),
)
