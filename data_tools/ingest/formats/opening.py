"""Open a file of any supported format as a table. A new format is added here."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from data_tools.ingest.encoding import detect_encoding
from data_tools.ingest.exceptions import FileMissing, SheetNotFound
from data_tools.ingest.formats.csv_file import CsvFile
from data_tools.ingest.formats.detection import FileKind, detect_kind, is_json
from data_tools.ingest.formats.json_file import JsonFile
from data_tools.ingest.formats.parquet_file import ParquetFile
from data_tools.ingest.formats.workbook_file import WorkbookFile
from data_tools.ingest.limits import Limits, current_limits
from data_tools.ingest.table import TableFile

# Most records are short, and small blocks keep the memory low; the rare file with a longer record
# is read again with larger blocks.
RECORD_BYTES = (1 << 20, 16 << 20)


def open_table(
    path: Path,
    *,
    sheet: str = "",
    record_bytes: int = RECORD_BYTES[0],
    advance: Callable[[float], None] = lambda _: None,
) -> TableFile:
    """Return the file as a table. Its content decides the format, not its name.

    `sheet` names one sheet of a workbook, "" its first. `record_bytes` is the longest record that
    is read of a CSV file. `advance` is told how much of the file was looked through.

    Raises:
        IngestError: the file is not a table, or the table is too wide.
    """
    limits = current_limits()
    try:
        kind = detect_kind(path)
    except FileNotFoundError as error:
        raise FileMissing from error
    if sheet and kind is not FileKind.WORKBOOK:
        raise SheetNotFound(f"The file is not a workbook, so it has no sheet “{sheet}”.")
    match kind:
        case FileKind.PARQUET:
            table: TableFile = ParquetFile(path, limits=limits, advance=advance)
        case FileKind.WORKBOOK:
            table = WorkbookFile(path, sheet=sheet, limits=limits, advance=advance)
        case FileKind.TEXT:
            table = _open_text(path, record_bytes, limits, advance)
    limits.refuse_columns(len(table.names))
    return table


def _open_text(
    path: Path, record_bytes: int, limits: Limits, advance: Callable[[float], None]
) -> TableFile:
    encoding = detect_encoding(path, advance=advance)
    if is_json(path, encoding.name):
        longest = RECORD_BYTES[-1]  # JSON is read value by value, so a large limit costs no memory
        return JsonFile(path, encoding, record_characters=longest, limits=limits, advance=advance)
    return CsvFile(path, encoding, record_bytes=record_bytes, limits=limits)
