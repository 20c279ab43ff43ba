"""Reading on the replica, as long as it answers: see Note [What a replica may answer]."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from django.db import DEFAULT_DB_ALIAS, DatabaseError, InterfaceError, connections
from django.db.backends.base.base import BaseDatabaseWrapper

from data_tools.observing.metrics import REPLICA_READS
from data_tools.replica.pause import PAUSE
from data_tools.under_way.requests import at_most, current

T = TypeVar("T")

REPLICA = "replica"  # its name in DATABASES
# The most that a request loses to a replica that never answers. Longer reads first ask for a sign
# of life, which has this long.
SHORT_SECONDS = 2.0

_HISTORY = """
SELECT
    pg_is_in_recovery(),
    (SELECT system_identifier FROM pg_control_system()),
    (SELECT timeline_id FROM pg_control_checkpoint())
"""
# Classes of SQLSTATEs that say something about the statement, not about the server. The standby
# lacks a function or a table of a migration that it has not replayed, or cannot read it at all.
_OF_THE_STATEMENT = ("0A", "22", "42", "54", "55")
_OUT_OF_TIME = "57014"
_CONFLICT = "40"  # the standby replays a change that the statement stands in the way of


class NoStandby(Exception):
    """The replica's server is not a standby of the primary's."""


def is_configured() -> bool:
    return REPLICA in connections.settings


def read_on_replica(
    read: Callable[[BaseDatabaseWrapper], T | None], *, seconds: float = SHORT_SECONDS
) -> T | None:
    """Return what `read` reads on the replica's connection; None if the primary has to be asked.

    `read` may only read what never changes, and returns None if not all of it was there. It may be
    ended after `seconds`, and has no effect then. The primary is asked without a replica, in jobs
    and inside of transactions, while the replica is left alone because it failed, and if it fails.

    Raises:
        DatabaseError: the request's time is over, its client is gone, or the primary fails.
    """
    request = current()
    primary = connections[DEFAULT_DB_ALIAS]
    if not is_configured() or request is None or primary.in_atomic_block:
        return None
    if not PAUSE.is_over():
        REPLICA_READS.labels("paused").inc()
        return None
    replica = connections[REPLICA]
    try:
        _connect(replica, must_answer=seconds > SHORT_SECONDS)
        with at_most(seconds):
            found = read(replica)
    except (DatabaseError, InterfaceError, NoStandby) as error:
        if request.seconds_left <= 0 or request.is_client_gone():
            replica.close()
            raise
        REPLICA_READS.labels(_outcome(replica, error)).inc()
        return None
    PAUSE.end()
    REPLICA_READS.labels("lacking" if found is None else "answered").inc()
    return found


def fault() -> str | None:
    """Return why the replica cannot be used now; None if it can, or if there is none.

    Asks it unless it failed a moment ago.

    Raises:
        DatabaseError, InterfaceError: the primary does not answer.
    """
    if not is_configured():
        return None
    if not PAUSE.is_over():
        return PAUSE.reason
    replica = connections[REPLICA]
    try:
        _connect(replica, must_answer=True)
    except (DatabaseError, InterfaceError, NoStandby) as error:
        _outcome(replica, error)
        return PAUSE.reason
    PAUSE.end()
    return None


def _connect(replica: BaseDatabaseWrapper, *, must_answer: bool) -> None:
    """Open the connection unless it is open.

    Raises:
        DatabaseError: the server does not answer.
        NoStandby: it has another history than the primary.
    """
    if replica.connection is not None and PAUSE.began_after(replica):
        replica.close()  # it was opened before the replica failed
    if replica.connection is None:
        _, *primarys = _history(connections[DEFAULT_DB_ALIAS])
        with at_most(SHORT_SECONDS):
            PAUSE.note_opening(replica)
            is_in_recovery, *replicas = _history(replica)
        if not is_in_recovery or primarys != replicas:
            raise NoStandby(
                f"it is no standby of the primary: in recovery {is_in_recovery}, "
                f"cluster and timeline {replicas}, of the primary {primarys}"
            )
    elif must_answer:
        with at_most(SHORT_SECONDS), replica.cursor() as cursor:
            cursor.execute("SELECT 1")


def _history(of: BaseDatabaseWrapper) -> tuple[bool, int, int]:
    with of.cursor() as cursor:
        cursor.execute(_HISTORY)
        history: tuple[bool, int, int] = cursor.fetchone()
        return history


def _outcome(replica: BaseDatabaseWrapper, error: Exception) -> str:
    """Return what an error says of the replica, and leave it alone for a while if it failed."""
    state = str(getattr(error.__cause__, "pgcode", None) or "")
    if state.startswith(_OF_THE_STATEMENT):
        return "lacking"
    replica.close()  # a conflict may have ended it
    if state.startswith(_CONFLICT):
        return "conflict"
    said = "it did not answer in time" if state == _OUT_OF_TIME else str(error).strip()
    PAUSE.begin((said or type(error).__name__).splitlines()[0])
    return "failed"
