"""Background jobs on datasets: each calls one service and answers with a small dict."""

from __future__ import annotations

from uuid import UUID

from celery import shared_task

from data_tools import ingest, old_revisions
from data_tools.models import DataSource


# Acknowledged late: a job whose worker dies is delivered again, and ingest may run again.
@shared_task(acks_late=True, reject_on_worker_lost=True)
def ingest_dataset(datasource_id: str) -> dict[str, str | int]:
    """Load an uploaded dataset; nothing to do if it was deleted meanwhile."""
    try:
        datasource = ingest.ingest(UUID(datasource_id))
    except DataSource.DoesNotExist:
        return {"status": "DELETED"}
    return {"status": str(datasource.status), "row_count": datasource.row_count}


@shared_task
def fail_interrupted_ingests() -> dict[str, int]:
    """Tell the owners of datasets whose loading died with its process."""
    return {"failed": ingest.fail_interrupted()}


@shared_task(soft_time_limit=600, time_limit=660)
def prune_old_revisions() -> dict[str, int]:
    """Remove rows of superseded revisions that no session needs; a bounded number of them."""
    return {"rows": old_revisions.prune(limit=old_revisions.ROWS_PER_RUN).rows}
