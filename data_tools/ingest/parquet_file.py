"""A Parquet file as a stream of record batches."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa

from data_tools.ingest.csv_layout import unique_names
from data_tools.ingest.exceptions import BrokenParquet, UnfoldsTooLarge
from data_tools.ingest.limits import Limits
from data_tools.ingest.parquet_column import column_for
from data_tools.ingest.renamed_columns import renamed_columns
from data_tools.ingest.sandbox_process import read_confined
from data_tools.ingest.stored_table import StoredTable

MAGICS = (b"PAR1", b"PARE")  # the other one is encrypted


class ParquetFile(StoredTable):
    """A Parquet file; it may be read any number of times."""

    format = "parquet"

    def __init__(self, path: Path, *, limits: Limits, advance: Callable[[float], None]) -> None:
        """`advance` is called while it is read."""
        super().__init__()
        facts = read_confined(
            {
                "path": str(path.resolve()),
                "limits": {
                    "rows": limits.rows,
                    "columns": limits.columns,
                    "unpacked_bytes": limits.parquet_unfolded_bytes,
                },
            },
            out=self._rows,
            memory_bytes=limits.parquet_memory_bytes,
            cpu_seconds=limits.parquet_cpu_seconds,
            too_large=UnfoldsTooLarge,
            broken=BrokenParquet,
            advance=advance,
        )
        self._row_count = facts["row_count"]
        self._written_names = tuple(facts["written_names"])
        self.names = unique_names(self._written_names)
        self._rows.seek(0)
        schema = pa.ipc.open_stream(self._rows).schema
        self.columns = [
            column_for(type_, name) for type_, name in zip(schema.types, self.names, strict=True)
        ]

    def facts(self) -> dict[str, Any]:
        """What the report says of the file as a whole."""
        return {
            "format": self.format,
            "renamed_columns": renamed_columns(self._written_names, self.names),
        }
