"""Find loads that nobody works on any more, so that they begin again or end with a reason.

Note [A load begins again]
    A load is interrupted when its process dies, is told to stop, or loses the database. Its rows
    are written in one transaction, so none are left, and the uploaded file stays until the rows are
    published. So the load begins again from the start, without anybody's help:

    - Celery delivers the job again at once if only a child process of its worker died.
    - A job by the clock, a starting worker, a server without a broker, and everybody who looks at
      the dataset find it once it has been silent for `INGEST_HEARTBEAT_SECONDS`. That its lock is
      free shows that nobody loads it; however many look, one job at most gets the lock.

    Each beginning is counted in the database before the file is opened. A file that ends its
    process each time ends in ERROR after `MOST_ATTEMPTS`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from uuid import UUID

from django.conf import settings
from django.db import DatabaseError, InterfaceError, connection, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from data_tools.ingest.exceptions import Interrupted
from data_tools.ingest.loading.advisory_locks import lock_for_transaction
from data_tools.ingest.loading.outcome import fail
from data_tools.models import DataSource
from data_tools.sql.database_errors import meaning_of

MOST_ATTEMPTS = 3
RESEND_SECONDS = 600
_TRANSIENT = (
    "DATABASE_UNAVAILABLE",
    "DATABASE_READ_ONLY",
    "DATABASE_OVERLOADED",
    "DATABASE_BUSY",
    "OUTCOME_UNKNOWN",
)

Status = DataSource.Status


def take_interrupted(
    *, among: Collection[UUID] | None = None, queued: Collection[UUID] | None = None
) -> list[UUID]:
    """Return the loads that nobody works on, for the caller to start again.

    Each is returned to one caller in `INGEST_HEARTBEAT_SECONDS`. `among` restricts the search to
    these datasets. With a broker, an upload may wait in the queue for any length of time. `queued`
    are the datasets whose jobs are there; where the caller does not know, the job of an upload that
    has waited for `RESEND_SECONDS` is taken for lost. A job that was only late finds its work done.
    """
    candidates = _with_a_file(DataSource.objects.filter(_is_loading(), is_silent()))
    if settings.BACKGROUND_JOBS_USE_BROKER and queued is None:
        candidates = candidates.filter(Q(status=Status.PROCESSING) | has_waited_long())
    return take_unattended(candidates, among=among, queued=queued)


def take_unattended(
    candidates: QuerySet[DataSource],
    *,
    among: Collection[UUID] | None,
    queued: Collection[UUID] | None,
) -> list[UUID]:
    """Return those of the candidates whose lock is free, and mark them as being started."""
    if among is not None:
        candidates = candidates.filter(pk__in=among)
    return [
        datasource_id
        for datasource_id in candidates.exclude(pk__in=queued or ()).values_list("pk", flat=True)
        if _take(candidates, datasource_id)
    ]


def fail_interrupted(*, among: Collection[UUID] | None = None) -> int:
    """End each interrupted load that has no file to begin again with; return how many there were.

    A dataset without rows becomes an ERROR; one with rows is READY with them again.
    """
    datasets = DataSource.objects.filter(_is_loading())
    candidates = datasets.exclude(pk__in=_with_a_file(datasets).values("pk")).filter(
        Q(status=Status.PROCESSING) | is_silent()
    )
    if among is not None:
        candidates = candidates.filter(pk__in=among)
    return sum(
        _fail_if_nobody_loads(datasource_id)
        for datasource_id in candidates.values_list("pk", flat=True)
    )


def is_interruption(error: BaseException) -> bool:
    """Tell whether a load that ended in this error may succeed when it begins again.

    True where the process was told to stop, or the database was lost for a while.
    """
    if not isinstance(error, Exception):
        return True
    return isinstance(error, DatabaseError | InterfaceError) and meaning_of(error) in _TRANSIENT


def is_silent() -> Q:
    """Return the condition that no job has given a sign of life for the dataset lately."""
    return Q(updated_at__lt=_ago(settings.INGEST_HEARTBEAT_SECONDS))


def has_waited_long() -> Q:
    """Return the condition that a job which nobody began counts as lost, if nobody can tell."""
    return Q(updated_at__lt=_ago(RESEND_SECONDS))


def _ago(seconds: float) -> dt.datetime:
    return timezone.now() - dt.timedelta(seconds=seconds)


def _is_loading() -> Q:
    """Datasets that wait for a session's rows are left out: `saving.job` looks after them."""
    waiting = DataSource.waiting_for_saved_rows().values("pk")
    return Q(status__in=[Status.UPLOADING, Status.PROCESSING]) & ~Q(pk__in=waiting)


def _with_a_file(datasets: QuerySet[DataSource]) -> QuerySet[DataSource]:
    """Restrict to datasets whose newest file is stored; `load_file` reads one that is not."""
    return datasets.filter(~Q(reupload_file="") | (Q(revision=0) & ~Q(file="")))


def _take(candidates: QuerySet[DataSource], datasource_id: UUID) -> bool:
    with transaction.atomic():
        if not lock_for_transaction(connection, datasource_id):
            return False
        return bool(candidates.filter(pk=datasource_id).update(updated_at=timezone.now()))


def _fail_if_nobody_loads(datasource_id: UUID) -> bool:
    with transaction.atomic():
        if not lock_for_transaction(connection, datasource_id):
            return False
        unfinished = [Status.UPLOADING, Status.PROCESSING]
        reason, report = Interrupted().reason, {"code": Interrupted.code}
        return fail(datasource_id, reason=reason, report=report, among=unfinished)
