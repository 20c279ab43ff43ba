"""A sheet of a workbook as a stream of record batches."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path

from data_tools.ingest.exceptions import BrokenWorkbook, WorkbookTooLarge
from data_tools.ingest.formats.sandbox_process import SandboxedTable
from data_tools.ingest.limits import Limits
from data_tools.ingest.typed_columns.cell_column import CellColumn


class WorkbookFile(SandboxedTable):
    """One sheet of a workbook; it can be read any number of times."""

    too_large = WorkbookTooLarge
    broken = BrokenWorkbook

    def __init__(
        self, path: Path, *, sheet: str, limits: Limits, advance: Callable[[float], None]
    ) -> None:
        """`sheet` is the sheet's name, "" for the first."""
        super().__init__(
            path, sheet=sheet, limits=limits, sandbox_limits=limits.workbook, advance=advance
        )
        self.columns = [
            CellColumn(name, Counter(kinds))
            for name, kinds in zip(self.names, self._facts.pop("kinds"), strict=True)
        ]
