"""A sheet of a workbook as a stream of record batches."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from data_tools.ingest.exceptions import BrokenWorkbook, WorkbookTooLarge
from data_tools.ingest.formats.column_names import renamed_columns, unique_names
from data_tools.ingest.formats.sandbox_process import read_in_sandbox
from data_tools.ingest.formats.spooled_table import SpooledTable
from data_tools.ingest.limits import Limits
from data_tools.ingest.typed_columns.cell_column import CellColumn


class WorkbookFile(SpooledTable):
    """One sheet of a workbook; it can be read any number of times."""

    def __init__(
        self, path: Path, *, sheet: str, limits: Limits, advance: Callable[[float], None]
    ) -> None:
        """`sheet` is the sheet's name, "" for the first. `advance` is called while it is read.

        Raises:
            IngestError: the sandbox refuses the workbook.
        """
        super().__init__()
        self._facts = read_in_sandbox(
            {
                "path": str(path.resolve()),
                "sheet": sheet,
                "limits": {
                    "rows": limits.rows,
                    "columns": limits.columns,
                    "unpacked_bytes": limits.workbook_unpacked_bytes,
                },
            },
            out=self._spool,
            memory_bytes=limits.workbook_memory_bytes,
            cpu_seconds=limits.workbook_cpu_seconds,
            too_large=WorkbookTooLarge,
            broken=BrokenWorkbook,
            advance=advance,
        )
        self._row_count = self._facts.pop("row_count")
        self._written_names = tuple(self._facts.pop("written_names"))
        self.names = unique_names(self._written_names)
        self.columns = [
            CellColumn(name, Counter(kinds))
            for name, kinds in zip(self.names, self._facts.pop("kinds"), strict=True)
        ]

    def facts(self) -> dict[str, Any]:
        """Return what the ingest report says of the file as a whole."""
        renamed = renamed_columns(self._written_names, self.names)
        return {**self._facts, "renamed_columns": renamed}
