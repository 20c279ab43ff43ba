"""The request that a thread is answering: its deadline, its caller, and what it may read."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Protocol

import psycopg2

from data_tools.exceptions import TookTooLong


class ServerSilent(psycopg2.OperationalError):
    """The database's server answers nobody at the moment."""


class ClientLeft(TookTooLong):
    """The client of the request is gone, so nobody waits for the rest."""


class Work(StrEnum):
    """What a request may read, which is known before it runs.

    - `LIGHT`: rows by their key, a stored list, the log. Takes milliseconds, whatever the size.
    - `LIGHT_OR_HEAVY`: the same where what it needs is stored, such as a list of rows or a column's
      figures, and where an operation is not fitted to the rows; otherwise every row.
    - `HEAVY`: always every row of a dataset.
    - `LONG`: every row, sent or received as a file.

    See Note [Gates] in `admission` for where each kind waits.
    """

    LIGHT = "light"
    LIGHT_OR_HEAVY = "light or heavy"
    HEAVY = "heavy"
    LONG = "long"


class Place(Protocol):
    """What a request holds while it is inside a gate; see `admission`."""

    @property
    def leave(self) -> Callable[[], None]:
        """Leave the gate. Calling it again does nothing."""
        ...

    def extend(self) -> None:
        """Restart the expiry after which other processes treat the place as free."""
        ...


@dataclass(slots=True, kw_only=True, eq=False)
class UnderWay:
    """One request.

    `ends_at` is its deadline, by `time.monotonic()`. `is_client_gone` tells whether the client has
    closed its connection; it may be called from any thread. `user_id` is None until the user is
    known. `work` is what its endpoint declares, None for an HTML page. `held` has the places that
    the request occupies; they are given back when it ends (see `admission`). `is_abandoned` is set
    once some work was ended because the client is gone; the request then reads nothing more.
    `is_probe` marks the question whether the database answers at all, which is asked even while the
    database is known to be silent. `is_of_user` tells the server whose the request is, and
    `give_turn_back` that it does no light work from now on.
    """

    ends_at: float
    is_client_gone: Callable[[], bool]
    user_id: int | None = None
    address: str = ""
    work: Work | None = None
    held: dict[str, Place] = field(default_factory=dict)
    is_abandoned: bool = False
    is_probe: bool = False
    is_of_user: Callable[[int], None] = lambda _: None
    give_turn_back: Callable[[], None] = lambda: None

    @property
    def caller(self) -> str:
        """Whom its work counts for: the user, or the address while the user is not known."""
        return f"address:{self.address}" if self.user_id is None else f"user:{self.user_id}"

    @property
    def is_inside_a_gate(self) -> bool:
        """Whether it occupies a place for heavy or long work."""
        return Work.HEAVY in self.held or Work.LONG in self.held

    @property
    def seconds_left(self) -> float:
        """How long it may still take; negative once its deadline has passed."""
        return self.ends_at - time.monotonic()


_under_way: ContextVar[UnderWay | None] = ContextVar("under_way", default=None)


@contextmanager
def under_way(
    seconds: float, is_client_gone: Callable[[], bool] = lambda: False
) -> Iterator[UnderWay]:
    """Answer a request in the block, which may take this long."""
    request = UnderWay(ends_at=time.monotonic() + seconds, is_client_gone=is_client_gone)
    try:
        with resumed(request):
            yield request
    finally:
        for place in request.held.values():
            place.leave()
        request.held.clear()  # the request may be resumed


@contextmanager
def resumed(request: UnderWay) -> Iterator[None]:
    """Continue a request in the block, for an answer that is sent in pieces."""
    token = _under_way.set(request)
    try:
        yield
    finally:
        _under_way.reset(token)


@contextmanager
def at_most(seconds: float) -> Iterator[None]:
    """Limit the block to this long, or to what the request has left if that is less.

    Outside of a request, the block becomes one of its own.
    """
    outer = current()
    if outer is None:
        with under_way(seconds):
            yield
        return
    with resumed(replace(outer, ends_at=min(outer.ends_at, time.monotonic() + seconds))):
        yield


@contextmanager
def to_its_end(seconds: float) -> Iterator[None]:
    """Let the block take this long, whatever the request has left, even if its client goes away.

    For a change that is all or nothing, and takes the longer the more there is to change. If it
    were ended at the deadline each time, it could never be made.
    """
    outer = current()
    if outer is None:
        yield
        return
    ends_at = time.monotonic() + seconds
    with resumed(replace(outer, ends_at=ends_at, is_client_gone=lambda: False)):
        yield


def leave_request() -> None:
    """Stop working for this context's request, whose deadline and client no longer matter."""
    _under_way.set(None)


def current() -> UnderWay | None:
    """Return this thread's request; None in a job or a command."""
    return _under_way.get()


def seconds_left() -> float:
    """Return how long this thread's request may still take; infinite in a job or a command."""
    request = current()
    return math.inf if request is None else request.seconds_left


def renew(seconds: float) -> None:
    """Give this thread's request this long from now on.

    For requests that carry a file, whose transfer takes as long as its size needs.
    """
    if request := current():
        request.ends_at = time.monotonic() + seconds


def require_time() -> None:
    """Check that this thread's request may continue; called between the steps of long work.

    Raises:
        TookTooLong: its deadline has passed.
        ClientLeft: its client is gone.
    """
    request = current()
    if request is None:
        return
    if request.is_abandoned or request.is_client_gone():
        raise ClientLeft
    if request.seconds_left <= 0:
        raise TookTooLong
