"""One sheet of a workbook as a stream of cells."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import asdict
from itertools import islice
from pathlib import Path
from typing import IO, Any

import pyarrow as pa
from python_calamine import (
    CalamineError,
    CalamineSheet,
    CalamineWorkbook,
    PasswordError,
)

from data_tools.cells import batch_of, count_kinds
from data_tools.sandbox.bounded_stream import BoundedStream
from data_tools.sandbox.limits import ReadingLimits, refuse_names
from data_tools.sandbox.refusal import Code, Refusal
from data_tools.sandbox.sheet_choice import choose_sheet, is_visible, other_sheets
from data_tools.sandbox.sheet_layout import SheetOptions, sheet_layout
from data_tools.sandbox.sheet_xml import Cells, SheetScan
from data_tools.sandbox.workbook_cells import CellReader
from data_tools.sandbox.workbook_package import (
    PackageScan,
    scan_package,
    sheet_members,
    workbook_format,
)
from data_tools.sandbox.xls_numbers import XlsNumbers
from data_tools.sandbox.xlsb_numbers import xlsb_corrections

# No format allows a larger sheet.
_LAST_ROW, _LAST_COLUMN = 1 << 20, 1 << 14
_BATCH_CELLS = 1 << 16
# An .xlsx with a password is a stream of this name in an OLE container.
_ENCRYPTED_STREAM = "EncryptedPackage".encode("utf-16-le")
_MOST_REPORTED_SHEETS = 100
_SUFFIXES = (".xlsx", ".xlsm", ".xlsb", ".ods")


def write_sheet(
    path: Path, *, options: SheetOptions, limits: ReadingLimits, out: IO[bytes]
) -> dict[str, Any]:
    """Write a sheet, the first visible one unless another is named, to `out` as a stream of cells.

    The table begins at the first row and column that hold anything, below what is skipped and any
    title. Its header is not among the rows. Returns the header as `written_names`, the
    `kinds` of each column's cells, `row_count`, and facts for the ingest report, such as the
    sheets. Rows count from 1.

    Raises:
        Refusal: the workbook is damaged, encrypted, empty or too large, or has no such sheet.
    """
    format_ = _format_of(path)
    is_package = format_ != "xls"
    scan = scan_package(path, largest_bytes=limits.unpacked_bytes) if is_package else PackageScan()
    try:
        with path.open("rb") as file, CalamineWorkbook.from_filelike(file) as workbook:
            sheets = workbook.sheets_metadata
            refuse_names([sheet.name for sheet in sheets], of="sheet")
            chosen = choose_sheet(sheets, options.sheet)
            sheet_scan = (
                scan.sheets.get(sheet_members(path).get(chosen, "")) if is_package else None
            )
            if sheet_scan:
                # Before the sheet is opened, which takes memory for every cell up to the last.
                _refuse_large(chosen, sheet_scan.last_row, sheet_scan.last_column, limits)
            sheet = workbook.get_sheet_by_name(chosen)
            if sheet.start is None or sheet.end is None:
                raise Refusal(
                    Code.EMPTY, f"Sheet “{chosen}” is empty.{other_sheets(sheets, chosen)}"
                )
            _refuse_large(chosen, sheet.end[0] + 1, sheet.end[1] + 1, limits)
            reader = CellReader(
                sheet.start[1],
                corrected=_corrections(path, format_, chosen, sheet_scan),
                doubts_integers=format_ == "xlsb",
                durations=scan.durations if format_ == "ods" else None,
            )
            facts = _write_cells(sheet, reader, options, limits, out)
            merged_ranges = sheet.merged_cell_ranges
    except PasswordError as error:
        raise _encrypted() from error
    except CalamineError as error:
        raise Refusal(Code.BROKEN_WORKBOOK) from error
    except OverflowError as error:  # calamine makes a duration of any number
        raise Refusal(
            Code.BROKEN_WORKBOOK,
            f"Sheet “{chosen}” holds a number that is too large for its format of durations.",
        ) from error
    names = [sheet.name for sheet in sheets]
    hidden = [sheet.name for sheet in sheets if not is_visible(sheet)]
    facts |= {
        "format": format_,
        "sheet": chosen,
        "sheets": names[:_MOST_REPORTED_SHEETS],
        "hidden_sheets": hidden[:_MOST_REPORTED_SHEETS],
        "column_cells": {
            "numbers_as_dates": _by_column(reader.numbers_as_dates),
            "large_integers": _by_column(reader.large_integers),
        },
    }
    if merged_ranges is not None:
        facts["merged_ranges"] = len(merged_ranges)
    if sheet_scan:
        facts["error_cells"] = asdict(sheet_scan.error_cells)
        facts["formulas_without_value"] = asdict(sheet_scan.formulas_without_value)
    return facts


def _by_column(cells: Mapping[int, Cells]) -> dict[str, dict[str, Any]]:
    return {str(position): asdict(found) for position, found in cells.items()}


def _corrections(
    path: Path, format_: str, sheet: str, scan: SheetScan | None
) -> Callable[[int, int], str | None]:
    """Return what knows the cells that calamine reads wrong."""
    if format_ == "xls":
        return XlsNumbers(path, sheet)
    corrections = xlsb_corrections(path, sheet) if format_ == "xlsb" else {}
    if scan:
        corrections = scan.corrections
    return lambda row, column: corrections.get((row, column))


def _format_of(path: Path) -> str:
    """Return the workbook's format; refuse one that is encrypted, and any other archive."""
    format_ = workbook_format(path)
    if format_ == "xls":
        _refuse_encrypted(path)
    if not format_:
        if path.suffix.lower() in _SUFFIXES:
            raise Refusal(Code.BROKEN_WORKBOOK)
        raise Refusal(
            Code.NOT_A_TABLE, "The file is a zip archive without a workbook. Unpack it first."
        )
    return format_


def _refuse_encrypted(path: Path) -> None:
    rest = b""
    with path.open("rb") as file:
        while piece := file.read(1 << 20):
            if _ENCRYPTED_STREAM in rest + piece:
                raise _encrypted()
            rest = piece[-len(_ENCRYPTED_STREAM) :]


def _encrypted() -> Refusal:
    return Refusal(Code.ENCRYPTED, "The workbook is encrypted. Save it without a password.")


def _refuse_large(sheet: str, last_row: int, last_column: int, limits: ReadingLimits) -> None:
    """Raise `Refusal` unless a table that ends at this cell, counted from 1, can be read."""
    if last_row > _LAST_ROW or last_column > _LAST_COLUMN:
        raise Refusal(
            Code.BROKEN_WORKBOOK,
            f"Sheet “{sheet}” has a cell in row {last_row:,} and column {last_column:,}, "
            "beyond the end of any sheet.",
        )
    if last_row - 1 > limits.rows:
        raise Refusal(
            Code.TOO_MANY_ROWS,
            f"Sheet “{sheet}” goes down to row {last_row:,}; at most {limits.rows:,} rows can be "
            "loaded.",
        )
    if last_column > limits.columns:
        raise Refusal(
            Code.TOO_MANY_COLUMNS,
            f"Sheet “{sheet}” goes on to column {last_column:,}; at most {limits.columns:,} "
            "columns can be loaded.",
        )


def _write_cells(
    sheet: CalamineSheet,
    reader: CellReader,
    options: SheetOptions,
    limits: ReadingLimits,
    out: IO[bytes],
) -> dict[str, Any]:
    assert sheet.start
    assert sheet.end
    width = sheet.end[1] - sheet.start[1] + 1
    layout = sheet_layout(sheet, reader, options)
    refuse_names(layout.names, of="column")
    kinds: list[Counter[str]] = [Counter() for _ in range(width)]
    schema = pa.schema([(str(position), pa.string()) for position in range(width)])
    with closing(BoundedStream(out, schema, layout.names)) as stream:
        for batch in _batches(layout.rows, width):
            for column, cells in zip(kinds, batch.columns, strict=True):
                column += count_kinds(cells)
            stream.write(batch)
    return {
        "written_names": layout.names,
        "kinds": [dict(column) for column in kinds],
        "row_count": stream.row_count,
        "header_row": layout.header_row,
        "first_column": sheet.start[1] + 1,
        "has_title": layout.has_title,
        "header_looks_like_data": layout.header_looks_like_data,
    }


def _batches(rows: Iterator[list[str | None]], width: int) -> Iterator[pa.RecordBatch]:
    rows_per_batch = max(1, _BATCH_CELLS // width)
    while batch := list(islice(rows, rows_per_batch)):
        yield batch_of(batch, width)
