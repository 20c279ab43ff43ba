"""A Parquet file as a stream of record batches."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
from pyarrow import parquet

from data_tools.ingest.csv_layout import unique_names
from data_tools.ingest.exceptions import BrokenParquet, UnfoldsTooLarge, UnsupportedColumn
from data_tools.ingest.limits import Limits
from data_tools.ingest.parquet_column import column_for
from data_tools.ingest.parquet_dictionaries import pieces, repeating_columns, unfolded_bytes
from data_tools.ingest.renamed_columns import renamed_columns

MAGIC = b"PAR1"
_BATCH_BYTES = 4 << 20
_LARGEST_BATCH_ROWS = 8_192
_BUFFER_BYTES = 1 << 18


class ParquetTable:
    """A Parquet file; it may be read any number of times."""

    format = "parquet"

    def __init__(self, path: Path, limits: Limits) -> None:
        self._path = path
        self._limits = limits
        self._repeating: list[str] = []
        with self._open() as file:
            schema = file.schema_arrow
            self._row_count = file.metadata.num_rows
            self._batch_rows = _rows_per_batch(file.metadata)
            self._repeating = repeating_columns(file.metadata)
        if not schema.names:
            raise UnsupportedColumn("The Parquet file has no columns.")
        self._written_names = tuple(schema.names)
        self.names = unique_names(self._written_names)
        self.columns = [
            column_for(field, name) for field, name in zip(schema, self.names, strict=True)
        ]
        self._rows_read = 0

    def _open(self) -> parquet.ParquetFile:
        try:
            return parquet.ParquetFile(
                self._path,
                buffer_size=_BUFFER_BYTES,
                pre_buffer=False,
                memory_map=False,
                read_dictionary=self._repeating,
            )
        except (pa.ArrowInvalid, OSError) as error:
            raise BrokenParquet from error

    @property
    def fraction_read(self) -> float:
        """How much of the file the reading under way has read."""
        return self._rows_read / self._row_count if self._row_count else 1.0

    def batches(self) -> Iterator[pa.RecordBatch]:
        """The file's rows in order, from its first. Raises `BrokenParquet`, `RecordTooLong`,
        `UnfoldsTooLarge`."""
        self._rows_read = unfolded = 0
        with self._open() as file:
            try:
                for batch in file.iter_batches(batch_size=self._batch_rows):
                    unfolded += unfolded_bytes(batch)
                    if unfolded > self._limits.parquet_unfolded_bytes:
                        raise UnfoldsTooLarge(
                            "The texts that the Parquet file repeats are longer than "
                            f"{self._limits.parquet_unfolded_bytes >> 20:,} MiB together, from row "
                            f"{self._rows_read + 1:,} on."
                        )
                    yield from pieces(batch, rows_before=self._rows_read)
                    self._rows_read += len(batch)
            except (pa.ArrowInvalid, OSError) as error:
                raise BrokenParquet from error

    def facts(self) -> dict[str, Any]:
        """What the report says of the file as a whole."""
        return {
            "format": self.format,
            "renamed_columns": renamed_columns(self._written_names, self.names),
        }


def _rows_per_batch(metadata: parquet.FileMetaData) -> int:
    """So many rows that a batch takes some megabytes, however wide the rows are."""
    total = sum(metadata.row_group(i).total_byte_size for i in range(metadata.num_row_groups))
    row_bytes = max(1, total // max(1, metadata.num_rows))
    return max(64, min(_LARGEST_BATCH_ROWS, _BATCH_BYTES // row_bytes))
