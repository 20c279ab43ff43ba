"""Whether computed columns are whole, and whether columns belong to something."""

from __future__ import annotations

from django.db import InternalError

from data_tools.column_blocks.storage import ColumnKey, DamagedColumn, fetch
from data_tools.models import DataSource, StoredColumn
from data_tools.revisions.column_packing import shown
from data_tools.verification.checks import Check


def verify_columns(check: Check) -> None:
    """Compare the blocks of computed columns with their digests, and find columns of datasets or
    revisions that do not exist. Base columns are compared with their rows by `verify_rows`."""
    computed = StoredColumn.objects.filter(used_at__isnull=False)
    for column in computed.iterator():
        check.examine()
        if not _is_whole(column) and computed.filter(pk=column.pk).exists():
            check.fault(
                f"the computed column {column.column} of dataset {column.dataset_id} is damaged;"
                " delete it"
            )
    _find_stray_columns(check)
    without = sum(1 for _ in shown(are_packed=False))
    if without:
        check.note(f"{without} revisions have no column blocks yet; a job makes them")


def _is_whole(column: StoredColumn) -> bool:
    key = ColumnKey(dataset_id=column.dataset_id, revision=column.revision, column=column.column)
    try:
        values = fetch(key, row_count=column.row_count)
    except (DamagedColumn, InternalError):
        return False
    has_blocks = column.block_count > 0  # a column that blocks cannot hold is known by having none
    return (values is not None) == has_blocks


def _find_stray_columns(check: Check) -> None:
    revisions = StoredColumn.objects.values_list("dataset_id", "revision").distinct()
    for dataset_id, revision in list(revisions):
        published = DataSource.objects.filter(pk=dataset_id, revision__gte=revision)
        stored = StoredColumn.objects.filter(dataset_id=dataset_id, revision=revision)
        if not published.exists() and stored.exists():
            check.fault(
                f"there are columns of revision {revision} of dataset {dataset_id}, which does"
                " not exist; delete them"
            )
