"""Whether the service works as it should, beyond answering: its parts, its queues, its log.

Nothing here changes an answer to users: every request is answered right while a part is missing,
and only background work waits. So a server with such a part missing is degraded, and ready.
"""

from __future__ import annotations

import datetime as dt
import logging
import math
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Generic, TypeVar

from django.conf import settings
from django.db import DatabaseError, InterfaceError, OperationalError, connection
from django.db.migrations.executor import MigrationExecutor
from django.db.models import Count
from django.utils import timezone

from data_tools.exceptions import TookTooLong
from data_tools.jobs import signs_of_life
from data_tools.models import DataSource
from data_tools.quotas.crowded import nearly_full
from data_tools.replica.reading import is_known_to_fail
from data_tools.sql.database_errors import is_unreachable
from data_tools.under_way.requests import at_most
from session_events import broker, heads, snapshot_jobs
from session_events.error_names import without_values
from session_events.heads import LogFigures

logger = logging.getLogger(__name__)

T = TypeVar("T")

_MISSED_SIGNS = 4  # after so many, a part counts as absent
_MOST_DUE = 1_000  # snapshots that are counted
_MOST_LOADS = 1_000  # files that are looked at
_LONGEST_LOOK_SECONDS = 1  # for what is degraded
_LONGEST_FIGURE_SECONDS, _LONGEST_FIGURES_SECONDS = 2, 6  # for one, and for all
_LONGEST_WAIT_SECONDS = 7  # for what another thread reads
_ERRORS = (DatabaseError, InterfaceError, TookTooLong)


class Degradation(StrEnum):
    """What is missing, as `readyz` tells it. docs/runbook.md says what to do about each."""

    BEAT_ABSENT = "beat_absent"
    WORKER_ABSENT = "worker_absent"
    QUEUE_LAG = "queue_lag"
    SNAPSHOT_LAG = "snapshot_lag"
    LOAD_LAG = "load_lag"
    REPLICA_UNUSED = "replica_unused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """How much background work waits. `due_snapshots` is counted up to a thousand.

    The oldest load is the one whose file was stored first, of the thousand oldest datasets.
    """

    due_snapshots: int
    loads: int
    oldest_load_seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """Figures of the whole service, the same whichever process is asked.

    None is what took too long to read, and without a broker, what is only known with one.
    `part_ages` has infinity for a part that was never seen.
    """

    log: LogFigures | None
    datasets: dict[str, int] | None
    waiting: Waiting | None
    nearly_full: dict[str, int] | None
    part_ages: dict[str, float] | None
    verification_age: float | None
    queue_lengths: dict[str, int] | None
    queue_ages: dict[str, float] | None


class Remembered(Generic[T]):
    """A value that is read again once it is older than `seconds`, by one thread at a time.

    Others take the old one meanwhile, and wait for the first one at most `_LONGEST_WAIT_SECONDS`.
    What reading raises is passed on.
    """

    def __init__(self, read: Callable[[], T], *, seconds: float) -> None:
        self._read, self._seconds = read, seconds
        self._value: T | None = None
        self._read_at = -float("inf")
        self._reading = threading.Lock()

    @property
    def last(self) -> T | None:
        """The last value, however old; None if none was ever read."""
        return self._value

    def get(self) -> T:
        if self._is_due():
            wait_seconds = _LONGEST_WAIT_SECONDS if self._value is None else 0
            if self._reading.acquire(timeout=wait_seconds):
                try:
                    if self._is_due():  # or another thread has read it meanwhile
                        self._value, self._read_at = self._read(), time.monotonic()
                finally:
                    self._reading.release()
        if self._value is None:
            raise OperationalError("another thread still waits for the same answer")
        return self._value

    def _is_due(self) -> bool:
        return self._value is None or time.monotonic() - self._read_at > self._seconds

    def forget(self) -> None:
        self._read_at = -float("inf")


def degradations() -> list[Degradation]:
    """Return what is missing, at most some seconds ago, or what last was if that takes too long.

    Without a broker there are no parts of background work that could be missing; the check
    `hydroml.W001` says so.

    Raises:
        DatabaseError, InterfaceError: the database does not answer.
    """
    found = _DEGRADATIONS.get() if settings.BACKGROUND_JOBS_USE_BROKER else []
    if is_known_to_fail():
        found = [*found, Degradation.REPLICA_UNUSED]
    return found


def has_all_migrations() -> bool:
    """Tell whether the database has every table of this version. Asks until it has."""
    if not _Schema.is_whole:
        _Schema.is_whole = _HAS_MIGRATIONS.get()
    return _Schema.is_whole


def figures() -> Figures:
    """Return figures of the whole service, at most some seconds old.

    Raises:
        DatabaseError, InterfaceError: the database does not answer.
    """
    return _FIGURES.get()


def _look_for_degradations() -> list[Degradation]:
    queue_ages = broker.queue_ages() or {}
    found = _unless_too_long(lambda: _degradations_now(queue_ages), seconds=_LONGEST_LOOK_SECONDS)
    return _DEGRADATIONS.last or [] if found is None else found


def _degradations_now(queue_ages: dict[str, float]) -> list[Degradation]:
    most = settings.HEALTH
    part_ages = _part_ages()
    large_seconds = queue_ages.pop(settings.LARGE_QUEUE, 0.0)
    waiting = _what_waits()
    absent_seconds = _MISSED_SIGNS * settings.SIGN_OF_LIFE_SECONDS
    is_true = {
        Degradation.BEAT_ABSENT: part_ages["beat"] > absent_seconds,
        Degradation.WORKER_ABSENT: part_ages["worker"] > absent_seconds,
        Degradation.QUEUE_LAG: max(queue_ages.values(), default=0.0) > most["QUEUE_LAG_SECONDS"],
        Degradation.SNAPSHOT_LAG: waiting.due_snapshots >= most["DUE_SNAPSHOTS"],
        Degradation.LOAD_LAG: (
            max(large_seconds, waiting.oldest_load_seconds) > most["LOAD_LAG_SECONDS"]
        ),
    }
    return [degradation for degradation, is_so in is_true.items() if is_so]


def _part_ages() -> dict[str, float]:
    """Return how many seconds ago each part was seen; infinity if it never was."""
    return dict.fromkeys(signs_of_life.PARTS, math.inf) | signs_of_life.ages()


def _what_waits() -> Waiting:
    uploading = DataSource.objects.filter(status=DataSource.Status.UPLOADING)
    looked_at = uploading.order_by("created_at").only("file", "reupload_file", "updated_at")
    now = timezone.now()
    waits = [(now - _stored_at(each)).total_seconds() for each in looked_at[:_MOST_LOADS]]
    return Waiting(
        due_snapshots=snapshot_jobs.count_due(limit=_MOST_DUE),
        loads=uploading.count(),
        oldest_load_seconds=max(waits, default=0.0),
    )


def _stored_at(datasource: DataSource) -> dt.datetime:
    """Return when the dataset's newest file was stored.

    The row only says when a job was last sent or waited for, which whoever looks at the dataset may
    cause. It has to do for a file that is gone.
    """
    if file := datasource.reupload_file or datasource.file:
        with suppress(OSError):
            stored_at: dt.datetime = file.storage.get_modified_time(str(file.name))
            return stored_at
    return datasource.updated_at


def _read_figures() -> Figures:
    has_broker = settings.BACKGROUND_JOBS_USE_BROKER
    with at_most(_LONGEST_FIGURES_SECONDS):
        log = _figure(heads.figures)
        return Figures(
            log=log,
            datasets=_figure(_datasets_by_status),
            waiting=_figure(_what_waits),
            nearly_full=_figure(_nearly_full),
            part_ages=_figure(_part_ages) if has_broker else None,
            verification_age=None if log is None else _verification_age(log),
            queue_lengths=broker.queue_lengths() if has_broker else None,
            queue_ages=broker.queue_ages() if has_broker else None,
        )


def _figure(read: Callable[[], T]) -> T | None:
    return _unless_too_long(read, seconds=_LONGEST_FIGURE_SECONDS)


def _unless_too_long(read: Callable[[], T], *, seconds: float) -> T | None:
    """Return what is read; None if that fails, other than because the database does not answer.

    Raises:
        DatabaseError, InterfaceError: the database does not answer.
    """
    try:
        with at_most(seconds):
            return read()
    except _ERRORS as error:
        if is_unreachable(error):
            raise
        logger.warning("Figures of the service are left out: %s", without_values(error))
        connection.close_if_unusable_or_obsolete()  # a query that was cut off cost its connection
        return None


def _verification_age(log: LogFigures) -> float | None:
    """Return for how many seconds no session has been verified; None if none had to be.

    Infinity if none ever was, although one began long ago and beat should have had it verified.
    """
    if log.last_verified_at is not None:
        return (timezone.now() - log.last_verified_at).total_seconds()
    every: float = settings.CELERY_BEAT_SCHEDULE["verify-snapshots"]["schedule"]
    if not settings.BACKGROUND_JOBS_USE_BROKER or log.first_started_at is None:
        return None
    is_late = (timezone.now() - log.first_started_at).total_seconds() > every
    return math.inf if is_late else None


def _nearly_full() -> dict[str, int]:
    return {quota.value: count for quota, count in nearly_full().items()}


def _datasets_by_status() -> dict[str, int]:
    rows: Any = DataSource.objects.order_by("status").values_list("status", Count("pk"))
    return dict(rows)


def _has_all_migrations() -> bool:
    executor = MigrationExecutor(connection)
    return not executor.migration_plan(executor.loader.graph.leaf_nodes())


class _Schema:
    is_whole = False


_HAS_MIGRATIONS = Remembered(_has_all_migrations, seconds=5)
_DEGRADATIONS = Remembered(_look_for_degradations, seconds=5)
_FIGURES = Remembered(_read_figures, seconds=15)
