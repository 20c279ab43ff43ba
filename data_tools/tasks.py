"""Background jobs on datasets: each calls one service and returns a small dict."""

from __future__ import annotations

from collections.abc import Callable, Collection
from uuid import UUID

from celery import shared_task

from data_tools import ingest
from data_tools.jobs import background
from data_tools.models import DataSource
from data_tools.revisions import pruning
from data_tools.rows.lists import storage
from data_tools.saving import job


# Acknowledged late: a job whose worker dies is delivered again. Ingest can safely run twice.
@shared_task(acks_late=True, reject_on_worker_lost=True)
def ingest_dataset(datasource_id: str) -> dict[str, str | int]:
    """Load an uploaded dataset; do nothing if it has been deleted meanwhile."""
    return _outcome(ingest.ingest, datasource_id)


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
    """Fail the loads that died with their process, so that their owners see it."""
    return resume_or_fail()


def resume_or_fail(*, among: Collection[UUID] | None = None) -> dict[str, int]:
    """Fail each load that was interrupted; return how many failed, and how many started again.

    Restarts interrupted saves, and loads whose job the broker may have lost. `among` restricts the
    search to these datasets.
    """
    waiting = ingest.take_waiting(among=among)
    for datasource_id in waiting:
        background.start(ingest_dataset, datasource_id)
    interrupted = job.take_interrupted(among=among)
    for datasource_id in interrupted:
        background.start(write_saved_rows, datasource_id)
    failed = ingest.fail_interrupted(among=among)
    return {"failed": failed, "started_again": len(interrupted) + len(waiting)}


@shared_task(soft_time_limit=600, time_limit=660)
def prune_row_lists() -> dict[str, int]:
    """Remove lists of row numbers that have long been unused, and those beyond the limit."""
    return {"lists": storage.prune()}


@shared_task(soft_time_limit=600, time_limit=660)
def prune_old_revisions() -> dict[str, int]:
    """Remove a bounded number of rows of superseded revisions that no session needs."""
    return {"rows": pruning.prune(limit=pruning.ROWS_PER_RUN).rows}
