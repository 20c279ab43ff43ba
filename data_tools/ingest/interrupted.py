"""Datasets whose loading was cut off by the death of its process."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from data_tools.ingest.advisory_locks import lock_for_transaction
from data_tools.ingest.exceptions import Interrupted
from data_tools.ingest.outcome import fail
from data_tools.models import DataSource

_DEFAULT_HEARTBEAT_SECONDS = 60
RESEND_SECONDS = 600

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
    """The datasets that may have been interrupted: no sign of life, or no file to load again.

    Those that wait for a session's rows are not among them: nothing of theirs was lost.
    """
    silent = is_silent()
    has_no_file = Q(file="", reupload_file="")
    unfinished = Q(status=Status.PROCESSING) & (silent | has_no_file)
    if not getattr(settings, "BACKGROUND_JOBS_USE_BROKER", False):
        # With a broker an uploaded dataset may wait in its queue for as long as it takes.
        unfinished |= Q(status=Status.UPLOADING) & silent
    waiting = DataSource.waiting_for_saved_rows().values("pk")
    return DataSource.objects.filter(unfinished).exclude(pk__in=waiting)


def take_waiting(*, among: Collection[UUID] | None = None) -> list[UUID]:
    """Return the uploads whose job may be lost, for the caller to send again.

    A broker that dies forgets its queue, and nobody else knows of the job. An upload that has
    waited for RESEND_SECONDS is named here, to one caller, and not again for as long; a job that
    was only late finds it done. Without a broker nothing waits: see `suspected`.
    """
    if not getattr(settings, "BACKGROUND_JOBS_USE_BROKER", False):
        return []
    waiting = DataSource.objects.filter(
        status=Status.UPLOADING, updated_at__lt=timezone.now() - timedelta(seconds=RESEND_SECONDS)
    )
    if among is not None:
        waiting = waiting.filter(pk__in=among)
    return [
        datasource_id
        for datasource_id, since in waiting.values_list("pk", "updated_at")
        if DataSource.objects.filter(
            pk=datasource_id, status=Status.UPLOADING, updated_at=since
        ).update(updated_at=timezone.now())
    ]


def is_silent() -> Q:
    """The condition that nobody who works on a dataset has given a sign of life lately."""
    seconds = getattr(settings, "INGEST_HEARTBEAT_SECONDS", _DEFAULT_HEARTBEAT_SECONDS)
    return Q(updated_at__lt=timezone.now() - timedelta(seconds=seconds))


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
