"""How large a file may be to become a dataset: `UPLOADS` in the settings, read at each load."""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc
from django.conf import settings

from data_tools.ingest.exceptions import CellTooLarge, TooManyColumns, TooManyRows


@dataclass(frozen=True, slots=True, kw_only=True)
class SandboxLimits:
    """The limits of a file that the sandbox reads, and of the process that reads it."""

    unpacked_bytes: int
    memory_bytes: int
    cpu_seconds: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The limits of one load. Cells are measured as UTF-8."""

    rows: int
    columns: int
    cell_bytes: int
    parquet: SandboxLimits
    workbook: SandboxLimits

    def refuse_columns(self, count: int) -> None:
        """Raise `TooManyColumns` if a table may not have this many columns."""
        if count > self.columns:
            raise TooManyColumns(
                f"The file has {count:,} columns; at most {self.columns:,} can be loaded."
            )

    def refuse_rows(self, count: int) -> None:
        """Raise `TooManyRows` if a table may not have this many rows; there may be still more."""
        if count > self.rows:
            raise TooManyRows(
                f"The file has more than {self.rows:,} rows, the most that can be loaded."
            )

    def refuse_cells(self, values: pa.Array, *, column: str, rows_before: int) -> None:
        """Raise `CellTooLarge` for the first text that is too long for a cell."""
        if not (pa.types.is_string(values.type) or pa.types.is_large_string(values.type)):
            return
        sizes = pc.binary_length(values)
        if (pc.max(sizes).as_py() or 0) > self.cell_bytes:
            row = pc.index(pc.greater(sizes, self.cell_bytes), True).as_py()
            raise CellTooLarge(
                f"The cell in row {rows_before + row + 1} of column “{column[:80]}” holds "
                f"{sizes[row].as_py():,} bytes; at most {self.cell_bytes:,} can be loaded.",
                report={"column": column, "row": rows_before + row + 1},
            )


def current_limits() -> Limits:
    """Return the limits that the settings give now."""
    uploads = settings.UPLOADS
    return Limits(
        rows=uploads["MAX_ROWS"],
        columns=uploads["MAX_COLUMNS"],
        cell_bytes=uploads["MAX_CELL_BYTES"],
        parquet=SandboxLimits(
            unpacked_bytes=uploads["PARQUET_MAX_UNFOLDED_BYTES"],
            memory_bytes=uploads["PARQUET_MAX_MEMORY_BYTES"],
            cpu_seconds=uploads["PARQUET_MAX_CPU_SECONDS"],
        ),
        workbook=SandboxLimits(
            unpacked_bytes=uploads["WORKBOOK_MAX_UNPACKED_BYTES"],
            memory_bytes=uploads["WORKBOOK_MAX_MEMORY_BYTES"],
            cpu_seconds=uploads["WORKBOOK_MAX_CPU_SECONDS"],
        ),
    )
