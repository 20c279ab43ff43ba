"""The first pass over a file: its columns get their types before the first row is stored."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
import pyarrow as pa

from data_tools.ingest.exceptions import RecordTooLong
from data_tools.ingest.formats.opening import RECORD_BYTES, open_table
from data_tools.ingest.limits import current_limits
from data_tools.ingest.one_ahead import one_ahead
from data_tools.ingest.options import DEFAULT_OPTIONS, ReadingOptions
from data_tools.ingest.table import Column, TableFile
from data_tools.ingest.typed_columns import side_by_side

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

    def json_texts(self, batch: pa.RecordBatch) -> list[pa.StringArray]:
        """Return the values of one of the table's batches as JSON texts, a column at a time.

        Raises:
            pyarrow.ArrowInvalid: the values are not those from which the columns got their types.
        """
        return side_by_side.json_texts(self.table.columns, batch.columns)

    def rows_of(self, batch: pa.RecordBatch) -> list[list[Any]]:
        """Return the rows of one of the table's batches as they would be stored."""
        texts = [column.to_pylist() for column in self.json_texts(batch)]
        return [
            [None if cell is None else orjson.loads(cell) for cell in row]
            for row in zip(*texts, strict=True)
        ]

    def report(self) -> dict[str, Any]:
        """Return the ingest report: facts of the file, and those of each column."""
        facts = self.table.facts()
        guesses = {"kind": self.table.kind.as_json()} | facts.get("guesses", {})
        return facts | {
            "guesses": guesses,
            "row_count": self.row_count,
            "columns": [column.report.as_json() for column in self.table.columns],
        }


def read_typed_table(
    path: Path,
    *,
    options: ReadingOptions = DEFAULT_OPTIONS,
    advance: Callable[[float], None] = lambda _: None,
) -> TypedTable:
    """Read the whole file once and settle the type of every column.

    `advance` is told the fraction done.

    Raises:
        IngestError: the file is not a table, or not one that can be stored.
    """
    *shorter, longest = RECORD_BYTES
    for record_bytes in shorter:
        try:
            return _read(path, options, record_bytes, advance)
        except RecordTooLong:
            continue
    return _read(path, options, longest, advance)


def _read(
    path: Path, options: ReadingOptions, record_bytes: int, advance: Callable[[float], None]
) -> TypedTable:
    table = open_table(
        path,
        options=options,
        record_bytes=record_bytes,
        advance=lambda fraction: advance(_SHARE_OF_OPENING * fraction),
    )
    row_count = 0
    for batch in observed_batches(table, one_ahead(table.batches())):
        row_count += len(batch)
        advance(_SHARE_OF_OPENING + (1 - _SHARE_OF_OPENING) * table.fraction_read)
    conclude(table.columns)
    return TypedTable(table=table, row_count=row_count)


def conclude(columns: Sequence[Column]) -> None:
    """Settle the type of each column, once all of them have observed every value.

    The options are those of a whole file: none are suggested for one column with which the
    fractions of another one could not be read.
    """
    for column in columns:
        column.conclude()
    decimals = {column.decimal for column in columns} - {None}
    for column in columns:
        if decimals - {column.report.suggested_options.get("decimal", ".")}:
            column.report.suggested_options = {}


def observed_batches(
    table: TableFile, batches: Iterator[pa.RecordBatch]
) -> Iterator[pa.RecordBatch]:
    """Yield the table's batches, each after the columns observed it.

    Raises:
        IngestError: the table is not one that can be stored.
    """
    limits = current_limits()
    row_count = 0
    for batch in batches:
        limits.refuse_rows(row_count + len(batch))
        if batch.nbytes > limits.cell_bytes:
            for name, values in zip(table.names, batch.columns, strict=True):
                limits.refuse_cells(values, column=name, rows_before=row_count)
        side_by_side.observe(table.columns, batch.columns)
        row_count += len(batch)
        yield batch
