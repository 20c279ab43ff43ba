"""Datasets whose loading was cut off by the death of its process."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from data_tools.ingest.exceptions import Interrupted
from data_tools.ingest.exclusive import lock_for_transaction
from data_tools.ingest.outcome import fail
from data_tools.models import DataSource

_DEFAULT_HEARTBEAT_SECONDS = 60

Status = DataSource.Status


def fail_interrupted(*, among: Collection[UUID] | None = None) -> int:
    """End the loading of each dataset that nobody is loading any more, and count them.

    One without rows becomes an ERROR, one with rows is READY with them again.

    A dataset that is being loaded is never touched, however long it takes: its lock is held. One
    that nobody holds has `INGEST_HEARTBEAT_SECONDS` (60) for its job to be delivered again, unless
    its file is gone.
    """
    suspects = suspected()
    if among is not None:
        suspects = suspects.filter(pk__in=among)
    return sum(
        _fail_if_nobody_loads(datasource_id)
        for datasource_id in suspects.values_list("pk", flat=True)
    )


def suspected() -> QuerySet[DataSource]:
    """The datasets that may have been interrupted: no sign of life, or no file to load again."""
    seconds = getattr(settings, "INGEST_HEARTBEAT_SECONDS", _DEFAULT_HEARTBEAT_SECONDS)
    silent = Q(updated_at__lt=timezone.now() - timedelta(seconds=seconds))
    has_no_file = Q(file="", reupload_file="")
    unfinished = Q(status=Status.PROCESSING) & (silent | has_no_file)
    if not getattr(settings, "BACKGROUND_JOBS_USE_BROKER", False):
        # With a broker an uploaded dataset may wait in its queue for as long as it takes.
        unfinished |= Q(status=Status.UPLOADING) & silent
    return DataSource.objects.filter(unfinished)


def _fail_if_nobody_loads(datasource_id: UUID) -> bool:
    with transaction.atomic():
        if not lock_for_transaction(connection, datasource_id):
            return False
        error = Interrupted()
        return fail(
            datasource_id,
            reason=error.reason,
            report={"code": error.code},
            among=[Status.UPLOADING, Status.PROCESSING],
        )
