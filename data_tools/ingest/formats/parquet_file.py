"""A Parquet file as a stream of record batches."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pyarrow as pa

from data_tools.ingest.exceptions import BrokenParquet, UnfoldsTooLarge
from data_tools.ingest.formats.sandbox_process import SandboxedTable
from data_tools.ingest.limits import Limits
from data_tools.ingest.typed_columns.parquet_column import column_for

MAGICS = (b"PAR1", b"PARE")  # the second marks an encrypted file


class ParquetFile(SandboxedTable):
    """A Parquet file; it can be read any number of times."""

    too_large = UnfoldsTooLarge
    broken = BrokenParquet

    def __init__(self, path: Path, *, limits: Limits, advance: Callable[[float], None]) -> None:
        super().__init__(path, limits=limits, sandbox_limits=limits.parquet, advance=advance)
        self._spool.seek(0)
        types = pa.ipc.open_stream(self._spool).schema.types
        self.columns = [column_for(*column) for column in zip(types, self.names, strict=True)]
