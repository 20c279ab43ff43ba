"""Limits how much heavy and long work, and how many password checks, go on at once.

Note [Gates]
    A process has few threads, and one user's work must not take all of them. So all work that takes
    long passes a gate, which lets in a limited number of requests, in all and of each user. An
    endpoint declares its `Work`:

    - `LIGHT` passes no gate before it begins. If such a request does heavy work after all, it
      passes the gate then, and a warning is issued; in tests, warnings are errors.
    - `LIGHT_OR_HEAVY` calls `begin_heavy_work` once it turns out that all rows have to be read.
    - `HEAVY` and `LONG` pass the gate before the request's body is read.

    A request that was let in keeps its place until it ends, whatever else it reads; an export keeps
    it until its last piece is made. So no request waits at a gate twice. Nor may one wait within a
    transaction, since the locks it holds would keep others waiting. Only for a large answer may a
    request wait while it holds another place, because the size of an answer is known last.

    Jobs and commands pass no gates.
"""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.conf import settings

from data_tools.exceptions import ServiceBusy, TooMuchAtOnce
from data_tools.observing.activity import count
from data_tools.under_way.admission_gates import Gates, Refused, Standing, Width
from data_tools.under_way.admission_shares import Share, shares
from data_tools.under_way.requests import UnderWay, Work, current
from session_events.spans import happened

REQUESTS = "requests"
PASSWORD_CHECKS = "password checks"
LARGE_ANSWERS = "large answers"
BATCHES = "batches"

_GATES = Gates()
# A request's shares expire this long after its deadline, if nobody gave them back.
_SPARE_SECONDS = 20


def count_request() -> None:
    """Count this thread's request as one of its caller's. Never waits.

    Raises:
        TooMuchAtOnce: the caller has REQUESTS_PER_USER requests under way in this process.
    """
    request = current()
    if request is None or REQUESTS in request.held:
        return
    most = settings.REQUESTS_PER_USER
    try:
        leave = _GATES.enter(
            REQUESTS,
            request.caller,
            width=Width(per_process=None, per_caller=most),
            places_to_wait=0,
            wait_seconds=0,
        )
    except Refused as refused:
        happened("refusal", why=f"gate {REQUESTS}")
        raise _too_much("requests", "REQUESTS_PER_USER", most, retry_after=1) from refused
    request.held[REQUESTS] = _Place(leave)


def begin(work: Work) -> None:
    """Pass the gate that stands before this kind of work, if there is one.

    Raises: as `begin_heavy_work`.
    """
    if work is Work.HEAVY:
        begin_heavy_work()
    elif work is Work.LONG:
        _begin(Work.LONG)


def begin_heavy_work() -> None:
    """Let this thread's request in to heavy work until it ends. Call it before reading all rows.

    Waits for at most `HEAVY_WORK_WAIT_SECONDS`. Does nothing if the request was let in before, or
    in a job or a command.

    Raises:
        TooMuchAtOnce: the caller's own work leaves no room.
        ServiceBusy: other callers' work leaves none.
    """
    request = current()
    if request is not None and request.work is Work.LIGHT:
        warnings.warn("heavy work at an endpoint that declares LIGHT", stacklevel=2)
    if request is None or Work.LONG not in request.held:  # long work includes reading all rows
        _begin(Work.HEAVY)


def others_do_heavy_work() -> bool:
    """Tell whether another request of this process is inside the gate for heavy work."""
    request = current()
    own = request is not None and Work.HEAVY in request.held
    return _GATES.standing(Work.HEAVY).running > int(own)


def begin_large_answer() -> None:
    """Let this thread's request in to an answer that takes much memory, until the request ends.

    Call it before the answer's values are in memory. Waits, or does nothing, like
    `begin_heavy_work`.

    Raises: as `begin_heavy_work`.
    """
    _begin_in_process(LARGE_ANSWERS, "LARGE_ANSWERS", settings.LARGE_ANSWERS_PER_PROCESS)


def begin_batch() -> None:
    """Let this thread's request in to recording many events, until it ends.

    Batches that race for a session compute again whenever they lose. Waits, or does nothing, like
    `begin_heavy_work`.

    Raises: as `begin_heavy_work`.
    """
    _begin_in_process(BATCHES, "BATCHES", settings.BATCHES_PER_PROCESS)


@contextmanager
def password_check() -> Iterator[None]:
    """Check a password in the block: hashing one takes the processor for much of a second.

    Raises: as `begin_heavy_work`.
    """
    request = current()
    if request is None:
        yield
        return
    most = settings.PASSWORD_CHECKS_PER_PROCESS
    width = Width(per_process=most, per_caller=max(1, most - 1))
    leave = _enter(request, PASSWORD_CHECKS, "PASSWORD_CHECKS", width, width.per_caller)
    try:
        yield
    finally:
        leave()


class HeldUntilRead:
    """The pieces of a long answer, which keeps its place until the last is made, or until `close`.

    Create it in the request that was let in. Django closes every answer, even one that is not sent.
    An answer is only dropped if something after the view fails, such as a middleware; its place is
    then freed with its memory.
    """

    def __init__(self, pieces: Iterator[bytes]) -> None:
        request = current()
        self._pieces = pieces
        self._place = None if request is None else request.held.pop(Work.LONG, None)

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        if self._place is not None:
            self._place.extend()
            if (request := current()) is not None:
                request.held[Work.LONG] = self._place  # so it needs no place for heavy work
        try:
            return next(self._pieces)
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Make no more pieces, and give the place back."""
        try:
            if close := getattr(self._pieces, "close", None):
                close()
        finally:
            if self._place is not None:
                self._place.leave()

    def __del__(self) -> None:
        self.close()


def standing() -> dict[str, Standing]:
    """Return how many of this process's requests are inside each gate, and how many wait at it."""
    return {
        gate: _GATES.standing(gate)
        for gate in (REQUESTS, Work.HEAVY, Work.LONG, PASSWORD_CHECKS, LARGE_ANSWERS, BATCHES)
    }


@dataclass(slots=True, eq=False)
class _Place:
    """A place inside a gate; see `requests.Place`."""

    leave: Callable[[], None]
    share: Share | None = None

    def extend(self) -> None:
        if self.share is not None:
            self.share.extend()


def _begin(work: Work) -> None:
    request = current()
    if request is None or work in request.held:
        return
    name = f"{work.name}_WORK"
    most: int = getattr(settings, f"{name}_PER_PROCESS")
    most_of_user: int = getattr(settings, f"{name}_PER_USER")
    # One user alone never fills a process: there is always a place left for another's work.
    width = Width(per_process=most, per_caller=max(1, min(most_of_user, most - 1)))
    share: Share | None = None

    def take_share() -> Callable[[], None] | None:
        nonlocal share
        share = shares().take(
            work, request.caller, most=most_of_user, seconds=request.seconds_left + _SPARE_SECONDS
        )
        return None if share is None else share.give_back

    leave = _enter(request, work, name, width, most_of_user, take_share)
    request.held[work] = _Place(leave, share)


def _begin_in_process(gate: str, setting: str, most: int) -> None:
    request = current()
    if request is None or gate in request.held:
        return
    width = Width(per_process=most, per_caller=most)
    request.held[gate] = _Place(_enter(request, gate, setting, width, most))


def _enter(
    request: UnderWay,
    gate: str,
    setting: str,
    width: Width,
    most_of_user: int,
    take_share: Callable[[], Callable[[], None] | None] | None = None,
) -> Callable[[], None]:
    wait_seconds = min(settings.HEAVY_WORK_WAIT_SECONDS, request.seconds_left)
    began = time.perf_counter()
    try:
        leave = _GATES.enter(
            gate,
            request.caller,
            width=width,
            places_to_wait=settings.WAITING_PER_PROCESS,
            wait_seconds=wait_seconds,
            take_share=take_share or (lambda: _nothing),
            before_waiting=request.give_turn_back,
            is_gone=request.is_client_gone,
        )
        request.give_turn_back()
        return leave
    except Refused as refused:
        happened("refusal", why=f"gate {gate}")
        retry_after = settings.HEAVY_WORK_WAIT_SECONDS
        if refused.is_own_share:
            own = f"{setting}_PER_USER" if take_share else f"{setting}_PER_PROCESS"
            raise _too_much(gate, own, most_of_user, retry_after=retry_after) from refused
        raise ServiceBusy(
            f"this process is already doing as much of this work as it may: {gate}",
            work=gate,
            setting=f"{setting}_PER_PROCESS",
            maximum=width.per_process,
            retry_after=retry_after,
        ) from refused
    finally:
        count(gate_wait_ms=round((time.perf_counter() - began) * 1000))


def _too_much(work: str, setting: str, most: int, *, retry_after: int) -> TooMuchAtOnce:
    return TooMuchAtOnce(
        f"one caller may have this many under way at once, and has: {most} ({work})",
        work=work,
        setting=setting,
        maximum=most,
        retry_after=retry_after,
    )


def _nothing() -> None:
    pass
