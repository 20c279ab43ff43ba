"""Reading on the replica, as long as it answers: see Note [What a replica may answer]."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from django.db import (
    DEFAULT_DB_ALIAS,
    DatabaseError,
    InterfaceError,
    ProgrammingError,
    connections,
)
from django.db.backends.base.base import BaseDatabaseWrapper

from data_tools.observing.metrics import REPLICA_READS
from data_tools.replica.pause import PAUSE
from data_tools.under_way.requests import ServerSilent, at_most, current

T = TypeVar("T")

REPLICA = "replica"  # its name in DATABASES
# The most that one question to the replica may take. Longer reads first ask for a sign of life.
SHORT_SECONDS = 2.0

_HISTORY = """
SELECT
    pg_is_in_recovery(),
    (SELECT system_identifier FROM pg_control_system()),
    CASE
        WHEN pg_is_in_recovery() THEN (SELECT timeline_id FROM pg_control_checkpoint())
        -- Where it writes now; its last checkpoint may be from before it was promoted.
        ELSE ('x' || substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8))::bit(32)::integer
    END
"""
# Classes of SQLSTATEs that say something about the statement, not about the server. The standby
# lacks a function or a table of a migration that it has not replayed, or cannot read it at all.
_OF_THE_STATEMENT = ("0A", "22", "25", "42", "54", "55")
_OUT_OF_TIME = "57014"
_CONFLICT = "40"  # the standby replays a change that the statement stands in the way of


class Unusable(Exception):
    """The replica does not answer, or is no standby of the primary; the message says why."""


def is_configured() -> bool:
    return REPLICA in connections.settings


def is_known_to_fail() -> bool:
    """Tell whether this process's reads found the replica unusable lately. Asks nobody."""
    return PAUSE.is_known_to_last()


def read_on_replica(
    read: Callable[[BaseDatabaseWrapper], T | None], *, seconds: float = SHORT_SECONDS
) -> T | None:
    """Return what `read` reads on the replica's connection; None if the primary has to be asked.

    `read` may only read what never changes, and returns None if not all of it was there. It is
    ended after `seconds`, or half of what the request has left, and has no effect then. The primary
    is asked without a replica, in jobs and inside of transactions, while the replica is left alone
    because it failed, and if it fails. A read that is ended while the replica answers others is
    only slow, and the next one asks it again.

    Raises:
        DatabaseError, InterfaceError: the request's time is over, its client is gone, or the
            primary fails.
    """
    request = current()
    primary = connections[DEFAULT_DB_ALIAS]
    if not is_configured() or request is None or primary.in_atomic_block:
        return None
    if not PAUSE.is_over():
        REPLICA_READS.labels("paused").inc()
        return None
    replica = connections[REPLICA]
    found = None
    try:
        _connect(replica, must_answer=seconds > SHORT_SECONDS)
        try:
            with at_most(min(seconds, request.seconds_left / 2)):
                found = read(replica)
        except (DatabaseError, InterfaceError) as error:
            outcome = _outcome(replica, error)
        else:
            outcome = "lacking" if found is None else "answered"
    except Unusable as unusable:
        PAUSE.begin(str(unusable))
        outcome = "failed"
    else:
        PAUSE.end()
    REPLICA_READS.labels(outcome).inc()
    return found


def fault() -> str | None:
    """Ask the replica, and return why it cannot be used; None if it can, or if there is none.

    Raises:
        DatabaseError, InterfaceError: the primary fails.
    """
    if not is_configured():
        return None
    try:
        _connect(connections[REPLICA], must_answer=True)
    except Unusable as unusable:
        return str(unusable)
    return None


def _connect(replica: BaseDatabaseWrapper, *, must_answer: bool) -> None:
    """Open the connection unless it is open, and compare a new one with the primary.

    With `must_answer`, an open one is compared again, which is a sign of life as well.

    Raises:
        Unusable: the server does not answer, or has another history than the primary.
        DatabaseError, InterfaceError: as `read_on_replica`.
    """
    if replica.connection is not None and PAUSE.began_after(replica):
        replica.close()  # it was opened before the replica failed
    if replica.connection is not None and not must_answer:
        return
    primarys = _history_of_primary()
    if replica.connection is None:
        PAUSE.note_opening(replica)
    try:
        with at_most(SHORT_SECONDS):
            is_in_recovery, *replicas = _history(replica)
    except (DatabaseError, InterfaceError) as error:
        raise _unusable(replica, error) from error
    if not is_in_recovery or primarys != replicas:
        replica.close()
        raise Unusable(
            f"it is no standby of the primary: in recovery {is_in_recovery}, "
            f"cluster and timeline {replicas}, of the primary {primarys}"
        )


def _history_of_primary() -> list[int]:
    """Return its cluster and timeline.

    Raises:
        Unusable: the service's role may not ask for them.
        DatabaseError, InterfaceError: the primary fails.
    """
    try:
        _, *history = _history(connections[DEFAULT_DB_ALIAS])
    except ProgrammingError as error:
        raise Unusable(f"nothing can be compared with it: {_first_line(error)}") from error
    return history


def _history(of: BaseDatabaseWrapper) -> tuple[bool, int, int]:
    with of.cursor() as cursor:
        cursor.execute(_HISTORY)
        history: tuple[bool, int, int] = cursor.fetchone()
        return history


def _outcome(replica: BaseDatabaseWrapper, error: Exception) -> str:
    """Return what the error of a read says, if not that the replica is unusable.

    Raises:
        Unusable: it is.
        DatabaseError, InterfaceError: as `read_on_replica`.
    """
    state = _state_of(error)
    if state.startswith(_OF_THE_STATEMENT):
        return "lacking"
    unusable = _unusable(replica, error)
    if state.startswith(_CONFLICT):
        return "conflict"
    if state != _OUT_OF_TIME:
        raise unusable from error
    _connect(replica, must_answer=True)
    return "slow"


def _unusable(replica: BaseDatabaseWrapper, error: Exception) -> Unusable:
    """Close the connection, and return what an error on it says of the replica.

    Raises:
        DatabaseError, InterfaceError: the error itself, if the replica has no part in it.
    """
    replica.close()
    request = current()
    is_over = request is not None and (request.seconds_left <= 0 or request.is_client_gone())
    if is_over or isinstance(error.__cause__, ServerSilent):
        raise error
    if _state_of(error) == _OUT_OF_TIME:
        return Unusable("it did not answer in time")
    return Unusable(_first_line(error))


def _state_of(error: Exception) -> str:
    return str(getattr(error.__cause__, "pgcode", None) or "")


def _first_line(error: Exception) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0]
