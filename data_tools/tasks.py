"""Background jobs on datasets: each calls one service and returns a small dict."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from uuid import UUID

from celery import shared_task
from django.conf import settings

from data_tools import ingest
from data_tools.column_blocks import storage as column_storage
from data_tools.jobs import background, expired_sign_ins
from data_tools.models import DataSource
from data_tools.revisions import column_packing, loaded_files, measuring, pruning, row_moving
from data_tools.rows.lists import storage
from data_tools.saving import job
from session_events import broker

# The arguments of a job, in a message's headers: "argsrepr": "('…',)".
_IDS_OF_DATASETS = re.compile(r"""\('([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})',\)""")


# Acknowledged late: a job whose worker dies is delivered again. Ingest can safely run twice.
@shared_task(acks_late=True, reject_on_worker_lost=True)
def ingest_dataset(datasource_id: str) -> dict[str, str | int]:
    """Load an uploaded dataset, and delete the file once its rows are published.

    Does nothing if the dataset has been deleted meanwhile.
    """
    outcome = _outcome(ingest.ingest, datasource_id)
    loaded_files.remove_loaded(UUID(datasource_id))
    return outcome


@shared_task(acks_late=True, reject_on_worker_lost=True)
def write_saved_rows(datasource_id: str) -> dict[str, str | int]:
    """Write the rows of a dataset saved from a session; do nothing if it has been deleted."""
    return _outcome(job.write_saved_rows, datasource_id)


def _outcome(write: Callable[[UUID], DataSource], datasource_id: str) -> dict[str, str | int]:
    try:
        datasource = write(UUID(datasource_id))
    except DataSource.DoesNotExist:
        return {"status": "DELETED"}
    return {"status": str(datasource.status), "row_count": datasource.row_count}


@shared_task
def fail_interrupted_ingests() -> dict[str, int]:
    """Start again the loads and saves whose process died, or whose job was lost.

    Then deletes the files of those that had published their rows. (Its name is from when it failed
    the loads; older versions of the service send it.)
    """
    outcome = resume_or_fail(queued=_queued_datasets())
    loaded_files.remove_loaded()  # last, since a disk may refuse it
    return outcome


def resume_or_fail(
    *, among: Collection[UUID] | None = None, queued: Collection[UUID] | None = None
) -> dict[str, int]:
    """Start each interrupted load and save again; return how many, and how many loads failed.

    Loads whose file is on no disk of ours fail. `among` restricts the search to these datasets;
    for `queued` see `ingest.take_interrupted`.
    """
    loads = ingest.take_interrupted(among=among, queued=queued)
    for datasource_id in loads:
        background.start(ingest_dataset, datasource_id)
    saves = job.take_interrupted(among=among, queued=queued)
    for datasource_id in saves:
        background.start(write_saved_rows, datasource_id)
    failed = ingest.fail_interrupted(among=among)
    return {"failed": failed, "started_again": len(loads) + len(saves)}


def _queued_datasets() -> set[UUID] | None:
    """Return the datasets whose jobs wait for a worker; None if the broker does not say."""
    messages = broker.queued() if settings.BACKGROUND_JOBS_USE_BROKER else []
    if messages is None:
        return None
    return {UUID(found) for message in messages for found in _IDS_OF_DATASETS.findall(message)}


@shared_task(soft_time_limit=600, time_limit=660)
def prune_row_lists() -> dict[str, int]:
    """Remove lists of row numbers, and computed columns, that have long been unused, and those
    beyond the limits.
    """
    return {"lists": storage.prune(), "columns": column_storage.prune()}


@shared_task(soft_time_limit=600, time_limit=660)
def measure_rows() -> dict[str, int]:
    """Measure rows and files that were stored before there were quotas."""
    return {"revisions": measuring.measure_missing()}


@shared_task(soft_time_limit=3_000, time_limit=3_060)
def pack_columns() -> dict[str, int]:
    """Write the column blocks of a bounded number of revisions that have none."""
    packed = column_packing.pack_missing(most_rows=column_packing.ROWS_PER_RUN)
    return {"revisions": packed.revisions}


@shared_task(soft_time_limit=3_000, time_limit=3_060)
def move_rows() -> dict[str, int]:
    """Move a bounded number of large revisions from the shared table into tables of their own."""
    moved = row_moving.move(most_rows=row_moving.ROWS_PER_RUN)
    return {"copied": moved.copied, "finished": moved.finished}


@shared_task(soft_time_limit=600, time_limit=660)
def prune_old_revisions() -> dict[str, int]:
    """Remove a bounded number of rows of superseded revisions that no session needs.

    Deletes uploaded files that no dataset names any more.
    """
    loaded_files.remove_left_behind()
    return {"rows": pruning.prune(limit=pruning.ROWS_PER_RUN).rows}


@shared_task(soft_time_limit=600, time_limit=660)
def remove_expired_sign_ins() -> dict[str, int]:
    """Remove expired login sessions, and tokens that expired long ago."""
    return {
        "sessions": expired_sign_ins.remove_expired_sessions(),
        "tokens": expired_sign_ins.remove_expired_tokens(),
    }
