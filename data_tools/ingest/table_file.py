"""What the ingest asks of a file, and the table that a file is."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, Protocol

import pyarrow as pa

from data_tools.columns import ColumnType
from data_tools.ingest.csv_file import CsvFile
from data_tools.ingest.encoding import detect_encoding
from data_tools.ingest.exceptions import FileMissing, SheetNotFound
from data_tools.ingest.file_kind import FileKind, is_json, kind_of
from data_tools.ingest.json_file import JsonFile
from data_tools.ingest.limits import Limits, current_limits
from data_tools.ingest.parquet_file import ParquetFile
from data_tools.ingest.workbook_file import WorkbookFile


class Column(Protocol):
    """Sees every value twice: to settle its type, and to write it."""

    def observe(self, values: pa.Array) -> None: ...
    def conclude(self) -> ColumnType: ...
    def json_texts(self, values: pa.Array) -> pa.StringArray: ...
    def facts(self) -> dict[str, Any]: ...


class TableFile(Protocol):
    """A file of rows, which may be read any number of times."""

    @property
    def names(self) -> tuple[str, ...]: ...
    @property
    def columns(self) -> Sequence[Column]: ...
    @property
    def fraction_read(self) -> float: ...
    def batches(self) -> Iterator[pa.RecordBatch]: ...
    def facts(self) -> dict[str, Any]: ...


# Short records are the rule, and small blocks keep the memory low; the rare file with a longer
# record is read again with larger ones.
RECORD_BYTES = (1 << 20, 16 << 20)


def open_table(
    path: Path,
    *,
    sheet: str = "",
    record_bytes: int = RECORD_BYTES[0],
    advance: Callable[[float], None] = lambda _: None,
) -> TableFile:
    """The file as a table. What it holds decides, whatever it is called.

    `sheet` names one of a workbook, "" its first. `advance` is told how much of the file was
    looked through; `record_bytes` is the longest record of a CSV or JSON file.

    Raises an `IngestError` if it is no table, or one that is too wide.
    """
    limits = current_limits()
    try:
        kind = kind_of(path)
    except FileNotFoundError as error:
        raise FileMissing from error
    if sheet and kind is not FileKind.WORKBOOK:
        raise SheetNotFound(f"The file is no workbook, so it has no sheet “{sheet}”.")
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
        longest = RECORD_BYTES[-1]  # it is read value by value, however short most are
        return JsonFile(path, encoding, record_characters=longest, limits=limits, advance=advance)
    return CsvFile(path, encoding, record_bytes=record_bytes, limits=limits)
