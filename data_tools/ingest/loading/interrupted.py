"""Find datasets whose load was cut off because its process died, and end those loads."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from data_tools.ingest.exceptions import Interrupted
from data_tools.ingest.loading.advisory_locks import lock_for_transaction
from data_tools.ingest.loading.outcome import fail
from data_tools.models import DataSource

_DEFAULT_HEARTBEAT_SECONDS = 60
RESEND_SECONDS = 600

Status = DataSource.Status


def fail_interrupted(*, among: Collection[UUID] | None = None) -> int:
    """End the load of each dataset that nobody is loading any more; return how many there were.

    A dataset without rows becomes an ERROR; one with rows is READY with them again.

    A dataset that is being loaded is never touched, however long it takes, since its lock is held.
    If the lock is free, the job has `INGEST_HEARTBEAT_SECONDS` (60) to be delivered again, unless
    the file is gone. `among` restricts the search to these datasets.
    """
    candidates = possibly_interrupted()
    if among is not None:
        candidates = candidates.filter(pk__in=among)
    return sum(
        _fail_if_nobody_loads(datasource_id)
        for datasource_id in candidates.values_list("pk", flat=True)
    )


def possibly_interrupted() -> QuerySet[DataSource]:
    """Return the unfinished datasets that gave no sign of life, or have no file to load again.

    Those that wait for a session's rows are left out: they have lost nothing.
    """
    silent = is_silent()
    has_no_file = Q(file="", reupload_file="")
    unfinished = Q(status=Status.PROCESSING) & (silent | has_no_file)
    if not settings.BACKGROUND_JOBS_USE_BROKER:
        # With a broker an uploaded dataset may wait in the queue for any length of time.
        unfinished |= Q(status=Status.UPLOADING) & silent
    waiting = DataSource.waiting_for_saved_rows().values("pk")
    return DataSource.objects.filter(unfinished).exclude(pk__in=waiting)


def take_waiting(*, among: Collection[UUID] | None = None) -> list[UUID]:
    """Return the uploads whose job may be lost, for the caller to send again.

    A broker that dies forgets its queue, and the job is known nowhere else. An upload that has
    waited for RESEND_SECONDS is returned to one caller, and not again for as long; a job that was
    only late finds it done. Without a broker nothing waits: see `possibly_interrupted`.
    """
    if not settings.BACKGROUND_JOBS_USE_BROKER:
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
    """Return the condition that no job has given a sign of life for the dataset lately."""
    seconds = getattr(settings, "INGEST_HEARTBEAT_SECONDS", _DEFAULT_HEARTBEAT_SECONDS)
    return Q(updated_at__lt=timezone.now() - timedelta(seconds=seconds))


def _fail_if_nobody_loads(datasource_id: UUID) -> bool:
    with transaction.atomic():
        if not lock_for_transaction(connection, datasource_id):
            return False
        unfinished = [Status.UPLOADING, Status.PROCESSING]
        reason, report = Interrupted().reason, {"code": Interrupted.code}
        return fail(datasource_id, reason=reason, report=report, among=unfinished)
