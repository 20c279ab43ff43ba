"""The first pass over a file: its columns get their types before the first row is stored."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from data_tools.ingest.exceptions import RecordTooLong
from data_tools.ingest.formats.opening import RECORD_BYTES, open_table
from data_tools.ingest.limits import current_limits
from data_tools.ingest.table import TableFile

_SHARE_OF_OPENING = 1 / 7


@dataclass(frozen=True, slots=True, kw_only=True)
class TypedTable:
    """A file that was read once, so that its columns have their types."""

    table: TableFile
    row_count: int

    @property
    def columns(self) -> list[dict[str, str]]:
        """`{"name", "type"}` of each column, in order."""
        reports = [column.report for column in self.table.columns]
        return [{"name": report.name, "type": str(report.type)} for report in reports]

    def report(self) -> dict[str, Any]:
        """Return the ingest report: facts of the file, and those of each column."""
        return self.table.facts() | {
            "row_count": self.row_count,
            "columns": [column.report.as_json() for column in self.table.columns],
        }


def read_typed_table(
    path: Path,
    *,
    sheet: str = "",
    advance: Callable[[float], None] = lambda _: None,
) -> TypedTable:
    """Read the whole file once and settle the type of every column.

    `sheet` names one sheet of a workbook, "" its first. `advance` is told the fraction done.

    Raises:
        IngestError: the file is not a table, or not one that can be stored.
    """
    *shorter, longest = RECORD_BYTES
    for record_bytes in shorter:
        try:
            return _read(path, sheet, record_bytes, advance)
        except RecordTooLong:
            continue
    return _read(path, sheet, longest, advance)


def _read(
    path: Path, sheet: str, record_bytes: int, advance: Callable[[float], None]
) -> TypedTable:
    limits = current_limits()
    table = open_table(
        path,
        sheet=sheet,
        record_bytes=record_bytes,
        advance=lambda fraction: advance(_SHARE_OF_OPENING * fraction),
    )
    row_count = 0
    for batch in table.batches():
        limits.refuse_rows(row_count + len(batch))
        for name, column, values in zip(table.names, table.columns, batch.columns, strict=True):
            limits.refuse_cells(values, column=name, rows_before=row_count)
            column.observe(values)
        row_count += len(batch)
        advance(_SHARE_OF_OPENING + (1 - _SHARE_OF_OPENING) * table.fraction_read)
    for column in table.columns:
        column.conclude()
    return TypedTable(table=table, row_count=row_count)
