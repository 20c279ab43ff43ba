"""What the ingest would make of a file: its first rows, what is uncertain, what would be refused.

Nothing is stored. Of a text file only the first mebibyte is read, so the types of its columns, and
what is refused, are those of that part.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pyarrow as pa

from data_tools.ingest.exceptions import (
    EmptyFile,
    IngestError,
    UnfoldsTooLarge,
    WorkbookTooLarge,
)
from data_tools.ingest.formats.detection import WHOLE_FILE_MAGICS
from data_tools.ingest.formats.json_reader import EndsTooEarly
from data_tools.ingest.formats.opening import open_table
from data_tools.ingest.guess import Certainty
from data_tools.ingest.limits import Limits, current_limits
from data_tools.ingest.loading_warnings import warnings_of
from data_tools.ingest.options import ReadingOptions
from data_tools.ingest.remedies import changes, remedies_for, without_supersets
from data_tools.ingest.table import TableFile
from data_tools.ingest.typed_table import TypedTable, conclude, observed_batches
from data_tools.under_way.requests import require_time

TEXT_BYTES = 1 << 20
SHOWN_ROWS = 100
# Of a workbook or Parquet, whose rows cost nothing until they are read from the sandbox's answer.
_MOST_ROWS = 20_000

_MOST_CPU_SECONDS = 20  # of the sandbox
_TAKES_TOO_LONG = "The file takes too long to be shown here. It may still be possible to load it."
_TOO_LITTLE = "The part of the file that was read ends before its first row."
_MOST_REMEDIES = 4  # of one refusal after the other


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """Why the file would not be loaded. `remedies` are options with which it would."""

    error: IngestError
    remedies: list[dict[str, Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """The beginning of a file as it would be loaded.

    If the file would be refused, the rest is what its first remedy, or the part before the fault,
    gives; there may be no columns and rows at all.
    """

    report: dict[str, Any] = field(default_factory=dict)
    """The ingest report, of the part that was read."""
    rows: list[list[Any]] = field(default_factory=list)
    """At most the first hundred, in the order of the report's columns."""
    warnings: list[str] = field(default_factory=list)
    refusal: Refusal | None = None
    is_partial: bool = False
    """Whether more of the file was left unread."""


def is_read_whole(start: bytes) -> bool:
    """Tell by its first bytes whether a file can only be read if all of it is there."""
    return start.startswith(WHOLE_FILE_MAGICS)


def preview_file(path: Path, *, options: ReadingOptions, is_cut_off: bool) -> Preview:
    """Read the beginning of a file as the ingest would read it with these options.

    `is_cut_off` says that a text file is only the beginning of one.
    """
    try:
        return _read(path, options, is_cut_off)
    except _CutShort as failure:
        partly, error = failure.read_so_far, failure.error
    if error.reason in (WorkbookTooLarge().reason, UnfoldsTooLarge().reason):
        return Preview(warnings=[_TAKES_TOO_LONG], is_partial=True)
    if is_cut_off and isinstance(error, EmptyFile | EndsTooEarly):
        return Preview(warnings=[_TOO_LITTLE], is_partial=True)
    mended = [
        attempt
        for remedy in remedies_for(error, options)
        if (attempt := _mended(path, remedy, is_cut_off)) is not None
    ]
    remedies = without_supersets([changes(options, remedy) for remedy, _ in mended])
    shown = partly
    if mended:
        remedy, shown = mended[0]
        shown = replace(shown, report=_of_a_remedy(shown.report, changes(options, remedy)))
    return replace(shown, refusal=Refusal(error=error, remedies=remedies))


def _mended(
    path: Path, options: ReadingOptions, is_cut_off: bool, tries: int = _MOST_REMEDIES
) -> tuple[ReadingOptions, Preview] | None:
    """Read with these options and, if the file is still refused, with the remedies of that too.

    Returns the options with which it can be read, and the file's beginning; None if there are none.
    """
    try:
        return options, _read(path, options, is_cut_off)
    except _CutShort as failure:
        further = next(remedies_for(failure.error, options), None)
    return _mended(path, further, is_cut_off, tries - 1) if further and tries else None


class _CutShort(Exception):
    """The file is refused; some of its rows may have been read."""

    def __init__(self, error: IngestError, read_so_far: Preview) -> None:
        super().__init__(error.reason)
        self.error = error
        self.read_so_far = read_so_far


def _read(path: Path, options: ReadingOptions, is_cut_off: bool) -> Preview:
    """Return the file's beginning.

    Raises:
        _CutShort: the ingest would refuse it.
    """
    table: TableFile | None = None
    first: list[pa.RecordBatch] = []
    row_count = 0
    is_partial = is_cut_off
    try:
        table = open_table(
            path, options=options, is_cut_off=is_cut_off, limits=_limits_of_a_preview()
        )
        for batch in observed_batches(table, table.batches()):
            require_time()
            if row_count < SHOWN_ROWS:
                first.append(batch.slice(0, SHOWN_ROWS - row_count))
            row_count += len(batch)
            if row_count >= _MOST_ROWS and table.fraction_read < 1.0:
                is_partial = True
                break
        return _concluded(table, first, row_count, is_partial)
    except IngestError as error:
        partly = Preview(is_partial=is_cut_off)
        if table is not None and row_count:
            with suppress(IngestError):  # the columns may be what is refused
                partly = _concluded(table, first, row_count, True)
        raise _CutShort(error, partly) from error


def _limits_of_a_preview() -> Limits:
    """Return the usual limits, but for the time, since somebody waits for the answer."""
    limits = current_limits()
    parquet, workbook = (
        replace(kind, cpu_seconds=min(kind.cpu_seconds, _MOST_CPU_SECONDS))
        for kind in (limits.parquet, limits.workbook)
    )
    return replace(limits, parquet=parquet, workbook=workbook)


def _concluded(
    table: TableFile, first: list[pa.RecordBatch], row_count: int, is_partial: bool
) -> Preview:
    conclude(table.columns)
    typed = TypedTable(table=table, row_count=row_count)
    rows = [row for batch in first for row in typed.rows_of(batch)]
    report = typed.report()
    if is_partial:
        report |= {"columns": [_of_a_part(column) for column in report["columns"]]}
    return Preview(report=report, rows=rows, warnings=warnings_of(report), is_partial=is_partial)


def _of_a_remedy(report: dict[str, Any], remedy: Mapping[str, Any]) -> dict[str, Any]:
    """Return a report that does not take the remedy for what the file's owner said."""
    why = "It is read like this here so that there are rows to show; see the error."
    return report | {
        "guesses": {
            name: guess | {"certainty": str(Certainty.GUESS), "why": why}
            if name in remedy
            else guess
            for name, guess in report["guesses"].items()
        }
    }


def _of_a_part(column: dict[str, Any]) -> dict[str, Any]:
    """Return a column's report that does not claim to know the rest of the file."""
    if column.get("certainty") != Certainty.CERTAIN:
        return column
    why = f"{column['why']} This is of the part that was read."
    return column | {"certainty": str(Certainty.LIKELY), "why": why}
