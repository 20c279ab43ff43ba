"""Jobs on one dataset, started in the background once the current transaction is committed."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection
from contextvars import copy_context
from functools import partial
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import Error, connections, transaction
from django.utils import timezone

from data_tools.jobs.own_threads import Job, OwnThreads
from data_tools.jobs.queues import USED_FIELDS, queue_of
from data_tools.models import DataSource
from data_tools.under_way.requests import leave_request
from session_events import broker

logger = logging.getLogger(__name__)


def start(task: Any, datasource_id: UUID) -> None:
    """Run a Celery task on the dataset's id, after the commit.

    The broker gets the task if one is in use (`BACKGROUND_JOBS_USE_BROKER`) and answers, in the
    queue of large or of small jobs (`queues.queue_of`). Otherwise
    it runs in a thread of this process, which the process waits for before it ends. At most
    `BACKGROUND_JOB_THREADS` run at once; the others wait, and owners take turns.
    """
    # Now: after the commit, a request whose time is over asks the database nothing more, and must
    # not fail for it.
    datasource = DataSource.objects.only("owner_id", *USED_FIELDS).filter(pk=datasource_id).first()
    if datasource is not None:
        queue = queue_of(datasource)
        transaction.on_commit(
            partial(_start, task, str(datasource_id), owner_id=datasource.owner_id, queue=queue)
        )


def _start(task: Any, datasource_id: str, *, owner_id: int, queue: str) -> None:
    if settings.BACKGROUND_JOBS_USE_BROKER:
        if broker.give(task, datasource_id, queue=queue):
            return
        logger.warning("No broker takes the job; %s %s runs here", task.name, datasource_id)
    kind = task.name.rpartition(".")[2].partition("_")[0]  # ingest, write
    OWN_THREADS.add(
        Job(
            name=f"{kind}-{datasource_id}",
            owner_id=owner_id,
            datasource_id=UUID(datasource_id),
            run=partial(_in_this_trace(), _run, task, datasource_id),
        )
    )


def _in_this_trace() -> Callable[..., Any]:
    """Return what calls a function in the current context, without the request's deadline."""
    context = copy_context()
    context.run(leave_request)
    return context.run


def _run(task: Any, datasource_id: str) -> None:
    """Do the job. What ends it is logged here, where the trace is still known, as by a worker."""
    try:
        task(datasource_id)
    except Exception:
        logger.exception("%s of %s failed", task.name, datasource_id)
    finally:
        connections.close_all()


def _note_waiting(datasource_ids: Collection[UUID]) -> None:
    """Mark the datasets: see Note [Waiting jobs give signs of life]. Errors are only logged."""
    try:
        DataSource.objects.filter(pk__in=datasource_ids).update(updated_at=timezone.now())
    except Error as error:
        logger.warning("jobs wait without a sign of life: %s", type(error).__name__)
    finally:
        connections.close_all()


OWN_THREADS = OwnThreads(
    most=lambda: settings.BACKGROUND_JOB_THREADS,
    note_waiting=_note_waiting,
    note_seconds=lambda: settings.INGEST_HEARTBEAT_SECONDS / 4,
)
