"""A call to the database that a request waits for, and when it is ended from outside."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from enum import StrEnum
from typing import Protocol, TypeVar

import psycopg2
from psycopg2.extensions import QueryCanceledError

from data_tools.sql.postgres.silence import SILENCE
from data_tools.under_way.requests import ClientLeft, ServerSilent, UnderWay, current
from data_tools.under_way.watchdog import WATCHDOG

logger = logging.getLogger(__name__)

T = TypeVar("T")

# The least time that a write has once it has begun, even past its request's deadline, so that a
# slow disk does not make its outcome unknown. Longer than it may wait for a lock.
GRACE_SECONDS = 10
_CLEAN_UP_SECONDS = 2
# The server goes on computing until it notices that a connection is shut down: within
# `client_connection_check_interval`, a second. The request keeps its place at the gate until then.
_SERVER_NOTICES_SECONDS = 1.2
# A call that takes longer is a reason to ask whether the server answers anybody.
_SUSPICIOUS_SECONDS = 5


class Purpose(StrEnum):
    """What a call is for, which decides when it is ended: see Note [Ended from outside]."""

    READ = "read"
    WRITE = "write"
    CLEAN_UP = "clean up"


class DeadlinePassed(QueryCanceledError):
    """The request's time is over; what it was doing was stopped, and wrote nothing."""

    pgcode = "57014"


class ClientGone(QueryCanceledError):
    """The request's client is gone; what it was doing was stopped, and wrote nothing."""

    pgcode = "57014"


def is_of_client_gone(error: BaseException) -> bool:
    """Tell whether work was ended only because its client is gone."""
    return any(isinstance(each, ClientGone | ClientLeft) for each in (error, error.__cause__))


class OutcomeUnknown(psycopg2.OperationalError):
    """The server did not answer in time to a write, which may have taken effect."""

    pgcode = "40003"  # statement_completion_unknown


class Severable(Protocol):
    """A connection that another thread can end."""

    def sever(self) -> None:
        """Make whoever waits for the server return at once with an error."""

    def close(self) -> None: ...


class Call:
    """One call of a request. The watchdog may end it; its own thread learns that from `finish`."""

    __slots__ = ("_began", "_connection", "_ended_by", "_is_over", "_lock", "_purpose", "_request")

    def __init__(self, connection: Severable, request: UnderWay, purpose: Purpose) -> None:
        self._connection = connection
        self._request = request
        self._purpose = purpose
        self._began = time.monotonic()
        self._lock = threading.Lock()  # so that the next call on the connection is never ended
        self._is_over = False
        self._ended_by: type[psycopg2.Error] | None = None

    def look(self, now: float) -> None:
        reason = self._reason_to_end(now)
        if reason is not None:
            with self._lock:
                if not self._is_over and self._ended_by is None:
                    self._ended_by = reason
                    self._connection.sever()
        if reason is DeadlinePassed or now - self._began > _SUSPICIOUS_SECONDS:
            SILENCE.suspect()

    def finish(self) -> psycopg2.Error | None:
        """Note that the call is over; return the error that it was ended with, if it was."""
        with self._lock:
            self._is_over = True
        WATCHDOG.leave(self)
        if self._ended_by is None:
            return None
        self._connection.close()
        if self._ended_by is ClientGone:
            self._request.is_abandoned = True
            logger.info("a client is gone, and its query was ended")
            if self._request.is_inside_a_gate:
                time.sleep(_SERVER_NOTICES_SECONDS)  # or whoever asks and leaves takes all
        reason = OutcomeUnknown if self._purpose is Purpose.WRITE else self._ended_by
        return reason(reason.__doc__)

    def _reason_to_end(self, now: float) -> type[psycopg2.Error] | None:
        ends_at = self._request.ends_at
        match self._purpose:
            case Purpose.READ:
                if now >= ends_at:
                    return DeadlinePassed
                if SILENCE.is_silent and not self._request.is_probe:
                    return ServerSilent
                return ClientGone if self._request.is_client_gone() else None
            case Purpose.WRITE:
                grace_ends_at = self._began + GRACE_SECONDS
                ends_at = grace_ends_at if SILENCE.is_silent else max(ends_at, grace_ends_at)
                return OutcomeUnknown if now >= ends_at else None
            case Purpose.CLEAN_UP:
                return DeadlinePassed if now >= self._began + _CLEAN_UP_SECONDS else None


def require_answers() -> None:
    """Check that this thread's request may call the database; a job or a command always may.

    Raises:
        DeadlinePassed, ClientGone, ServerSilent: it may not.
    """
    request = current()
    if request is None:
        return
    if request.is_abandoned:
        raise ClientGone(ClientGone.__doc__)
    if request.seconds_left <= 0:
        raise DeadlinePassed(DeadlinePassed.__doc__)
    if SILENCE.is_silent and not request.is_probe:
        raise ServerSilent(ServerSilent.__doc__)


def watched(connection: Severable, purpose: Purpose, call: Callable[[], T]) -> T:
    """Return what `call` returns, unless the call has to be ended.

    Raises:
        DeadlinePassed, ClientGone, ServerSilent: nothing was written. The connection is closed,
            unless this is raised before the call begins.
        OutcomeUnknown: a write was ended, and may have taken effect. The connection is closed.
    """
    request = current()
    if request is None:
        return call()
    if purpose is not Purpose.CLEAN_UP:
        require_answers()
    watched_call = Call(connection, request, purpose)
    WATCHDOG.watch(watched_call)
    try:
        result = call()
    except psycopg2.Error as error:
        ended = watched_call.finish()
        if ended is None:
            raise
        raise ended from error
    except BaseException:
        watched_call.finish()
        raise
    ended = watched_call.finish()
    if ended is None or purpose is Purpose.WRITE:  # the write succeeded after all
        return result
    raise ended
