"""Jobs on one dataset, started in the background once the current transaction is committed."""

from __future__ import annotations

import logging
import threading
from functools import partial
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connections, transaction

from session_events import broker

logger = logging.getLogger(__name__)


def start(task: Any, datasource_id: UUID) -> None:
    """Run a Celery task on the dataset's id, after the commit.

    The broker gets the task if one is in use (`BACKGROUND_JOBS_USE_BROKER`) and answers. Otherwise
    it runs in a thread of this process, which the process waits for before it ends.
    """
    transaction.on_commit(partial(_start, task, str(datasource_id)))


def _start(task: Any, datasource_id: str) -> None:
    if getattr(settings, "BACKGROUND_JOBS_USE_BROKER", False):
        if broker.give(task, datasource_id):
            return
        logger.warning("No broker takes the job; %s %s runs here", task.name, datasource_id)
    kind = task.name.rpartition(".")[2].partition("_")[0]  # ingest, write
    threading.Thread(
        target=_run, args=[task, datasource_id], name=f"{kind}-{datasource_id}"
    ).start()


def _run(task: Any, datasource_id: str) -> None:
    try:
        task(datasource_id)
    finally:
        connections.close_all()
