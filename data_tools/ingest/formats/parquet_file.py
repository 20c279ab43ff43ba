"""A Parquet file as a stream of record batches."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import ClassVar

import pyarrow as pa

from data_tools.ingest.exceptions import BrokenParquet, UnfoldsTooLarge
from data_tools.ingest.formats.sandbox_process import SandboxedTable
from data_tools.ingest.limits import Limits
from data_tools.ingest.options import ReadingOptions, refuse_inapplicable
from data_tools.ingest.typed_columns.parquet_column import column_for

MAGICS = (b"PAR1", b"PARE")  # the second marks an encrypted file


class ParquetFile(SandboxedTable):
    """A Parquet file; it can be read any number of times."""

    APPLICABLE_OPTIONS: ClassVar = frozenset({"columns"})
    too_large = UnfoldsTooLarge
    broken = BrokenParquet

    def __init__(
        self,
        path: Path,
        options: ReadingOptions,
        *,
        limits: Limits,
        advance: Callable[[float], None],
    ) -> None:
        """`advance` is called while the file is read.

        Raises:
            OptionNotApplicable: an option is given that Parquet files have no use for.
            IngestError: the sandbox refuses the file.
        """
        refuse_inapplicable(
            options, applicable=self.APPLICABLE_OPTIONS, format_name="a Parquet file"
        )
        super().__init__(path, limits=limits, sandbox_limits=limits.parquet, advance=advance)
        self._spool.seek(0)
        types = pa.ipc.open_stream(self._spool).schema.types
        nested = self._facts.pop("nested")
        self.columns = [
            column_for(type_, name, nested=facts, cell_bytes=limits.cell_bytes)
            for type_, name, facts in zip(types, self.names, nested, strict=True)
        ]
