"""Whether the stored rows are those that were loaded, and their column blocks are what they say.

Each revision must match its stored fingerprint. Of rows that do not, the blocks are not looked at.

A dataset stores the fingerprint of its published revision. That of an older one is in the first
event of each session that began on it, and those that sessions still need are verified as well.

Note [Minus zero]
    The database stores minus zero as 0. Until November 2026 the fingerprint of a file was taken
    over minus zero as it was written, so that of such a dataset may differ from its rows. It says
    nothing then about the rest of the rows.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from django.db import DataError, InternalError, connection
from django.utils import timezone

from data_tools.columns import base_columns
from data_tools.exceptions import RowsGone
from data_tools.exporting.arrow_rows import json_columns
from data_tools.ingest.stored_rows import json_texts
from data_tools.ingest.stored_rows.fingerprint import Fingerprint
from data_tools.models import DataSource, MovedRevision
from data_tools.revisions.column_comparison import ColumnComparison
from data_tools.revisions.column_packing import is_packed
from data_tools.row_tables.names import SHARED_ROWS, own_table
from data_tools.row_tables.reading import has_rows, last_row_number
from data_tools.row_tables.removing import unlisted
from data_tools.rows.session_rows import SessionRows
from data_tools.verification.checks import Check
from session_events.needed_revisions import needed_sources

_BATCH_DATASETS = 100
_OTHER_ROWS = "the rows have another fingerprint than the one stored"
_OTHER_BLOCKS = (
    "its column blocks differ from the rows; `hydroml pack_columns --check` makes them anew"
)

# One look-up in the primary key for each revision, however many rows it has.
_NEXT_REVISION = """
SELECT dataset_id, revision FROM ONLY data_tools_datarow
WHERE (dataset_id, revision) > (%s::uuid, %s)
ORDER BY dataset_id, revision LIMIT 1
"""


def verify_rows(check: Check) -> None:
    """Read all rows that sessions can show, and find rows that belong to nothing."""
    for dataset_id in _dataset_ids():
        for revision in _revisions(dataset_id, check):
            check.examine(revision.rows.row_count)
            difference = _difference(revision)
            if difference == _OTHER_BLOCKS:  # they may have been written anew meanwhile
                difference = _difference(revision)
            if not difference or not _is_still_needed(revision):
                continue
            sentence = f"revision {revision.number} of dataset {dataset_id}: {difference}"
            if difference == _OTHER_ROWS and revision.had_minus_zeros:
                check.note(f"{sentence}, as an earlier version counted minus zero and 0 apart")
            else:
                check.fault(sentence)
    _find_stray_rows(check)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Revision:
    """The rows as they should be. See Note [Minus zero] for `had_minus_zeros`."""

    rows: SessionRows
    fingerprint: str
    had_minus_zeros: bool = False

    @property
    def number(self) -> int:
        return self.rows.revision


def _dataset_ids() -> Iterator[UUID]:
    last = UUID(int=0)
    in_order = DataSource.objects.order_by("pk").values_list("pk", flat=True)
    while batch := list(in_order.filter(pk__gt=last)[:_BATCH_DATASETS]):
        yield from batch
        last = batch[-1]


def _revisions(dataset_id: UUID, check: Check) -> Iterator[_Revision]:
    """Yield the published revision, and the older ones that sessions need."""
    dataset = DataSource.objects.filter(pk=dataset_id).first()
    if dataset is None:
        return
    if dataset.is_published:
        rows = SessionRows(
            dataset_id=dataset_id,
            revision=dataset.revision,
            row_count=dataset.row_count,
            base_columns=base_columns(dataset.columns),
        )
        had_minus_zeros = any(
            column.get("negative_zero_count") for column in dataset.ingest_report.get("columns", ())
        )
        yield _Revision(rows=rows, fingerprint=dataset.fingerprint, had_minus_zeros=had_minus_zeros)
    sources = needed_sources(dataset_id, now=timezone.now())
    if sources is None:
        check.note(f"dataset {dataset_id} has sessions that only a newer version can read")
        return
    for revision, source in sorted(sources.items()):
        if revision != dataset.revision:
            rows = SessionRows(
                dataset_id=dataset_id,
                revision=revision,
                row_count=source.row_count,
                base_columns=source.columns,
            )
            yield _Revision(rows=rows, fingerprint=source.source_fingerprint)


def _difference(revision: _Revision) -> str:
    """Say how the stored rows differ from what was loaded, "" if they do not."""
    rows = revision.rows
    fingerprint = Fingerprint(
        [{"name": column.name, "type": column.type} for column in rows.columns]
    )
    comparison = ColumnComparison(rows) if is_packed(rows) else None
    try:
        if last_row_number(rows.dataset_id, rows.revision) > rows.row_count:
            return f"there are rows after the last, {rows.row_count:,}"
        for texts in json_columns(rows):
            fingerprint.add(json_texts.lines(texts))
            if comparison is not None:
                comparison.add(texts)
        if fingerprint.hexdigest() != revision.fingerprint:
            return _OTHER_ROWS
        if comparison is not None and comparison.differing() and is_packed(rows):
            return _OTHER_BLOCKS
    except RowsGone:
        return f"not all of its {rows.row_count:,} rows are there"
    except (ValueError, TypeError) as error:
        return f"a row does not fit its columns ({type(error).__name__})"
    except (DataError, InternalError) as error:
        return f"the database cannot read its rows ({type(error).__name__})"
    return ""


def _is_still_needed(revision: _Revision) -> bool:
    """Tell whether it is still published, or still needed by a session on a dataset that exists."""
    dataset = DataSource.objects.filter(pk=revision.rows.dataset_id).first()
    if dataset is None:
        return False
    sources = needed_sources(dataset.pk, now=timezone.now())
    return revision.number == dataset.revision or revision.number in (sources or {})


def _find_stray_rows(check: Check) -> None:
    for dataset_id, revision in _shared_revisions():
        fault = _why_astray(dataset_id, revision)
        if fault and has_rows(SHARED_ROWS, dataset_id, revision):  # may have been removed meanwhile
            check.fault(f"there are rows of revision {revision} of dataset {dataset_id}, {fault}")
    for dataset_id, revision in unlisted():
        if has_rows(own_table(dataset_id, revision), dataset_id, revision):
            check.fault(
                f"there are rows of revision {revision} of dataset {dataset_id}, in a table that"
                " nobody reads"
            )


def _why_astray(dataset_id: UUID, revision: int) -> str:
    """Say why a revision should have no rows in the shared table, "" if it may have some."""
    own_tables = (
        DataSource.objects.filter(pk=dataset_id, revision__gte=revision)
        .values_list("own_tables", flat=True)
        .first()
    )
    if own_tables is None:
        return "which does not exist"
    moved = MovedRevision.objects.filter(dataset_id=dataset_id, revision=revision)
    if revision in own_tables and not moved.exists():
        return "in the shared table beside its own"
    return ""


def _shared_revisions() -> Iterator[tuple[UUID, int]]:
    last: tuple[str, int] = (str(UUID(int=0)), 0)
    while True:
        with connection.cursor() as cursor:
            cursor.execute(_NEXT_REVISION, last)
            found = cursor.fetchone()
        if found is None:
            return
        yield found
        last = (str(found[0]), found[1])
