"""Open a file of any supported format as a table. A new format is added here."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from data_tools.ingest.encoding import detect_encoding
from data_tools.ingest.exceptions import FileMissing, SheetNotFound
from data_tools.ingest.formats.column_options import follow_options
from data_tools.ingest.formats.csv_file import CsvFile
from data_tools.ingest.formats.detection import FileKind, detect_kind, text_kind
from data_tools.ingest.formats.json_file import JsonFile
from data_tools.ingest.formats.parquet_file import ParquetFile
from data_tools.ingest.formats.workbook_file import WorkbookFile
from data_tools.ingest.guess import Certainty, Guess
from data_tools.ingest.limits import Limits, current_limits
from data_tools.ingest.options import DEFAULT_OPTIONS, ReadingOptions
from data_tools.ingest.table import TableFile

# Most records are short, and small blocks keep the memory low; the rare file with a longer record
# is read again with larger blocks.
RECORD_BYTES = (1 << 20, 16 << 20)


def open_table(
    path: Path,
    *,
    options: ReadingOptions = DEFAULT_OPTIONS,
    record_bytes: int = RECORD_BYTES[0],
    is_cut_off: bool = False,
    limits: Limits | None = None,
    advance: Callable[[float], None] = lambda _: None,
) -> TableFile:
    """Return the file as a table. Its content decides the format, not its name.

    `record_bytes` is the longest record that is read of a CSV file. `is_cut_off` says that a text
    file is only the beginning of one, as for a preview: its last record, which may be incomplete,
    is left out. `limits` are those of the settings if they are None. `advance` is told how much of
    the file was looked through.

    Raises:
        IngestError: the file is not a table, or the table is too wide.
    """
    limits = limits or current_limits()
    try:
        kind = detect_kind(path)
    except FileNotFoundError as error:
        raise FileMissing from error
    if options.sheet and kind is not FileKind.WORKBOOK:
        raise SheetNotFound(f"The file is not a workbook, so it has no sheet “{options.sheet}”.")
    match kind:
        case FileKind.PARQUET:
            table: TableFile = ParquetFile(path, options, limits=limits, advance=advance)
            table.kind = _by_its_start("parquet")
        case FileKind.WORKBOOK:
            table = WorkbookFile(path, options, limits=limits, advance=advance)
            table.kind = _by_its_start("workbook")
        case FileKind.TEXT:
            table = _open_text(path, options, record_bytes, is_cut_off, limits, advance)
    limits.refuse_columns(len(table.names))
    follow_options(table, options)
    return table


def _open_text(
    path: Path,
    options: ReadingOptions,
    record_bytes: int,
    is_cut_off: bool,
    limits: Limits,
    advance: Callable[[float], None],
) -> TableFile:
    encoding = detect_encoding(path, options=options, is_cut_off=is_cut_off, advance=advance)
    kind = text_kind(path, encoding)
    if kind.value == "json":
        longest = RECORD_BYTES[-1]  # JSON is read value by value, so a large limit costs no memory
        table: TableFile = JsonFile(
            path,
            encoding,
            options,
            record_characters=longest,
            is_cut_off=is_cut_off,
            limits=limits,
            advance=advance,
        )
    else:
        table = CsvFile(
            path,
            encoding,
            options,
            record_bytes=record_bytes,
            is_cut_off=is_cut_off,
            limits=limits,
        )
    table.kind = kind
    return table


def _by_its_start(kind: str) -> Guess[str]:
    why = "It begins with the bytes that mark such files."
    return Guess(value=kind, certainty=Certainty.CERTAIN, why=why)
