"""One sheet of a workbook as a stream of cells."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import asdict
from itertools import islice
from pathlib import Path
from typing import IO, Any

import pyarrow as pa
from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, PasswordError

from data_tools.cells import Kind, batch_of, count_kinds
from data_tools.sandbox.bounded_stream import BoundedStream
from data_tools.sandbox.limits import ReadingLimits, refuse_names
from data_tools.sandbox.refusal import Code, Refusal
from data_tools.sandbox.workbook_package import scan_package, sheet_members, workbook_format

# No format allows a larger sheet.
_LAST_ROW, _LAST_COLUMN = 1 << 20, 1 << 14
_BATCH_CELLS = 1 << 16
_LARGEST_INTEGER = 2**63
# An .xlsx with a password is a stream of this name in an OLE container.
_ENCRYPTED_STREAM = "EncryptedPackage".encode("utf-16-le")
_MOST_REPORTED_SHEETS = 100
_SUFFIXES = (".xlsx", ".xlsm", ".xlsb", ".ods")


def write_sheet(path: Path, *, sheet: str, limits: ReadingLimits, out: IO[bytes]) -> dict[str, Any]:
    """Write the named sheet ("" for the first) to `out`, as an Arrow stream of cells.

    The table begins at the first row and column that hold anything; its first row is the header,
    and not among the rows. Returns the header as `written_names`, the `kinds` of each column's
    cells, `row_count`, and facts for the ingest report, such as the sheets.

    Raises:
        Refusal: the workbook is damaged, encrypted, empty or too large, or has no such sheet.
    """
    format_ = _format_of(path)
    scans = {} if format_ == "xls" else scan_package(path, largest_bytes=limits.unpacked_bytes)
    try:
        with path.open("rb") as file, CalamineWorkbook.from_filelike(file) as workbook:
            names = workbook.sheet_names
            if not names:
                raise Refusal(Code.EMPTY, "The workbook has no sheets.")
            refuse_names(names, of="sheet")
            chosen = _choose(names, sheet)
            scan = scans.get(sheet_members(path).get(chosen, "")) if scans else None
            if scan:
                # Before the sheet is opened, which takes memory for every cell up to the last.
                _refuse_large(chosen, scan.last_row, scan.last_column, limits)
            facts = _write_cells(workbook.get_sheet_by_name(chosen), limits, out)
    except PasswordError as error:
        raise _encrypted() from error
    except CalamineError as error:
        raise Refusal(Code.BROKEN_WORKBOOK) from error
    facts |= {"format": format_, "sheet": chosen, "sheets": names[:_MOST_REPORTED_SHEETS]}
    if scan:
        facts["error_cells"] = asdict(scan.error_cells)
        facts["formulas_without_value"] = asdict(scan.formulas_without_value)
    return facts


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


def _choose(names: list[str], sheet: str) -> str:
    if not sheet:
        return names[0]
    if sheet in names:
        return sheet
    listed = ", ".join(f"“{name}”" for name in names[:5]) + (", …" if len(names) > 5 else "")
    raise Refusal(Code.SHEET_NOT_FOUND, f"The workbook has no sheet “{sheet}”. It has {listed}.")


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


def _write_cells(sheet: CalamineSheet, limits: ReadingLimits, out: IO[bytes]) -> dict[str, Any]:
    if sheet.start is None or sheet.end is None:
        raise Refusal(Code.EMPTY, f"Sheet “{sheet.name}” is empty.")
    first_row, first_column = sheet.start
    last_row, last_column = sheet.end
    _refuse_large(sheet.name, last_row + 1, last_column + 1, limits)
    width = last_column - first_column + 1
    rows = iter(sheet.iter_rows())
    for _ in range(first_row):  # empty rows before the table
        next(rows)
    header = [(_cell(value) or "")[1:] for value in next(rows)]  # without the kinds
    refuse_names(header, of="column")
    kinds: list[Counter[str]] = [Counter() for _ in range(width)]
    schema = pa.schema([(str(position), pa.string()) for position in range(width)])
    with closing(BoundedStream(out, schema, header)) as stream:
        for batch in _batches(rows, width):
            for column, cells in zip(kinds, batch.columns, strict=True):
                column += count_kinds(cells)
            stream.write(batch)
    return {
        "written_names": header,
        "kinds": [dict(column) for column in kinds],
        "row_count": stream.row_count,
        "header_row": first_row + 1,
        "first_column": first_column + 1,
    }


def _batches(rows: Iterator[list[Any]], width: int) -> Iterator[pa.RecordBatch]:
    rows_per_batch = max(1, _BATCH_CELLS // width)
    while cells := [[_cell(value) for value in row] for row in islice(rows, rows_per_batch)]:
        yield batch_of(cells, width)


def _cell(value: Any) -> str | None:
    """Return the value as a cell of `data_tools.cells`.

    An empty text cannot be told from an empty cell.
    """
    match value:
        case "" | None:
            return None
        case bool():
            return Kind.BOOLEAN + ("true" if value else "false")
        case str():
            return Kind.TEXT + value
        case int():
            return Kind.NUMBER + str(value)
        case float():
            return Kind.NUMBER + _number(value)
        case dt.datetime():
            return Kind.DATETIME + value.isoformat()
        case dt.date():
            return Kind.DATE + value.isoformat()
        case dt.time():
            return Kind.TIME + value.isoformat()
        case dt.timedelta():
            return Kind.TIME + _duration(value)
    raise TypeError(type(value))


def _number(value: float) -> str:
    """Return the number as text, as an integer if it is whole: a sheet has only doubles."""
    if value.is_integer() and abs(value) < _LARGEST_INTEGER:
        return str(int(value))
    return repr(value)


def _duration(value: dt.timedelta) -> str:
    """Return hours, minutes and seconds, as a sheet shows them."""
    microseconds = abs(value) // dt.timedelta(microseconds=1)
    seconds, fraction = divmod(microseconds, 1_000_000)
    sign = "-" if value < dt.timedelta(0) else ""
    text = f"{sign}{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}"
    return text + (f".{fraction:06}".rstrip("0") if fraction else "")
