"""What the ingest asks of a file, and which kind of file a path is."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, Protocol

import pyarrow as pa

from data_tools.columns import ColumnType
from data_tools.ingest import parquet_file
from data_tools.ingest.csv_file import CsvFile
from data_tools.ingest.encoding import detect_encoding
from data_tools.ingest.exceptions import EmptyFile, FileMissing
from data_tools.ingest.parquet_file import ParquetTable


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
    record_bytes: int = RECORD_BYTES[0],
    advance: Callable[[float], None] = lambda _: None,
) -> TableFile:
    """The file as a table: Parquet if it begins as one, else CSV.

    Raises an `IngestError` if it is neither. `advance` is told how much of a text file was
    checked for its encoding; `record_bytes` is the longest record of a CSV file.
    """
    try:
        with path.open("rb") as file:
            start = file.read(len(parquet_file.MAGIC))
    except FileNotFoundError as error:
        raise FileMissing from error
    if not start:
        raise EmptyFile
    if start == parquet_file.MAGIC:
        return ParquetTable(path)
    encoding = detect_encoding(path, advance=advance)
    return CsvFile(path, encoding, record_bytes=record_bytes)
