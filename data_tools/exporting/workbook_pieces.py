"""Rows as the pieces of an Excel workbook (.xlsx) with one sheet, in bounded memory.

Note [A workbook while it is written]
    XlsxWriter makes the workbook: its styles, its parts, and the sheet up to its first row. It
    would keep all rows on disk until the last, and only then begin the file; so the rows are
    written here, straight into the sheet of the archive, whose directory comes last. A file that
    broke off has none, so no program takes it for complete.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterable, Iterator, Sequence

import pyarrow as pa
import xlsxwriter
from xlsxwriter.utility import xl_col_to_name

from data_tools.columns import ColumnType
from data_tools.exporting.piece_sink import PieceSink
from data_tools.exporting.sheet_rows import DateStyles, header_row, sheet_rows
from session_events.events import Column

_SHEET = "xl/worksheets/sheet1.xml"
_ROWS = re.compile("<sheetData>(.*)</sheetData>", re.DOTALL)
_EXTENT = re.compile("<dimension [^>]*>")
_STYLE = re.compile(r' s="(\d+)"')
_FORMATS = ("yyyy-mm-dd", "yyyy-mm-dd hh:mm:ss", "yyyy-mm-dd hh:mm:ss.000")
_DATE_WIDTH, _DATETIME_WIDTH = 11, 20  # characters
_PIECE_BYTES = 1 << 20
_QUICK = 3  # a third of the time of zlib's usual level, for files a tenth larger


def workbook_pieces(
    slices: Iterable[Sequence[pa.Array]],
    columns: Sequence[Column],
    *,
    row_count: int,
    is_large: bool,
) -> Iterator[bytes]:
    """Yield the file; `slices` are arrays as `arrow_rows` makes them.

    The rows must fit, see `sheet_limits`; `is_large` says that the sheet may exceed 2 GiB of XML.
    """
    template, styles = _template(columns)
    before, _, after = _ROWS.split(template.read(_SHEET).decode())
    extent = f'<dimension ref="A1:{xl_col_to_name(max(0, len(columns) - 1))}{row_count + 1}"/>'
    sink = PieceSink()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED, compresslevel=_QUICK) as package:  # type: ignore[arg-type]
        for part in template.infolist():
            if part.filename != _SHEET:
                package.writestr(part, template.read(part), zipfile.ZIP_DEFLATED)
        with package.open(_SHEET, "w", force_zip64=is_large) as sheet:
            sheet.write(f"{_EXTENT.sub(extent, before)}<sheetData>".encode())
            if columns:
                sheet.write(header_row(columns, styles))
            next_row = 2
            for arrays in slices:
                sheet.write(sheet_rows(arrays, columns, styles, first_row=next_row))
                next_row += len(arrays[0])
                if sink.held_bytes >= _PIECE_BYTES:
                    yield sink.taken()
            sheet.write(f"</sheetData>{after}".encode())
    yield sink.taken()


def _template(columns: Sequence[Column]) -> tuple[zipfile.ZipFile, DateStyles]:
    """Return a workbook whose columns of dates are wide enough, and the numbers of its formats.

    Its one row is not part of the table: its cells have the formats.
    """
    file = io.BytesIO()
    workbook = xlsxwriter.Workbook(file, {"in_memory": True})
    sheet = workbook.add_worksheet("Data")
    for at, number_format in enumerate(_FORMATS):  # a format that no cell has is not written
        sheet.write_blank(0, at, None, workbook.add_format({"num_format": number_format}))
    for at, column in enumerate(columns):
        match ColumnType(column.type):
            case ColumnType.DATE:
                sheet.set_column(at, at, _DATE_WIDTH)
            case ColumnType.DATETIME:
                sheet.set_column(at, at, _DATETIME_WIDTH)
    sheet.freeze_panes(1, 0)
    workbook.close()
    template = zipfile.ZipFile(file)
    _, cells, _ = _ROWS.split(template.read(_SHEET).decode())
    date, seconds, milliseconds = map(int, _STYLE.findall(cells))
    return template, DateStyles(date=date, seconds=seconds, milliseconds=milliseconds)
