"""A Parquet file as a stream of record batches."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa

from data_tools.ingest.exceptions import BrokenParquet, UnfoldsTooLarge
from data_tools.ingest.formats.column_names import renamed_columns, unique_names
from data_tools.ingest.formats.sandbox_process import read_in_sandbox
from data_tools.ingest.formats.spooled_table import SpooledTable
from data_tools.ingest.limits import Limits
from data_tools.ingest.typed_columns.parquet_column import column_for

MAGICS = (b"PAR1", b"PARE")  # the second marks an encrypted file


class ParquetFile(SpooledTable):
    """A Parquet file; it can be read any number of times."""

    format = "parquet"

    def __init__(self, path: Path, *, limits: Limits, advance: Callable[[float], None]) -> None:
        """`advance` is called while the file is read.

        Raises:
            IngestError: the sandbox refuses the file.
        """
        super().__init__()
        facts = read_in_sandbox(
            {
                "path": str(path.resolve()),
                "limits": {
                    "rows": limits.rows,
                    "columns": limits.columns,
                    "unpacked_bytes": limits.parquet_unfolded_bytes,
                },
            },
            out=self._spool,
            memory_bytes=limits.parquet_memory_bytes,
            cpu_seconds=limits.parquet_cpu_seconds,
            too_large=UnfoldsTooLarge,
            broken=BrokenParquet,
            advance=advance,
        )
        self._row_count = facts["row_count"]
        self._written_names = tuple(facts["written_names"])
        self.names = unique_names(self._written_names)
        self._spool.seek(0)
        schema = pa.ipc.open_stream(self._spool).schema
        self.columns = [
            column_for(type_, name) for type_, name in zip(schema.types, self.names, strict=True)
        ]

    def facts(self) -> dict[str, Any]:
        """Return what the ingest report says of the file as a whole."""
        return {
            "format": self.format,
            "renamed_columns": renamed_columns(self._written_names, self.names),
        }
