"""The gates of one process: how much of each kind of work runs at once, and whose is next.

Note [In order of arrival, by user]
    A free place goes to the caller who was let in longest ago, and among that caller's requests to
    the one that came first. So a user with one waiting request does not stand behind another user's
    ten. Only a few requests may wait in a process, because each holds a thread. When all places to
    wait are taken, the caller who holds the most gives up the last one to a caller who holds at
    least two fewer.
"""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

# How often a waiting request checks whether its client is gone, and whether other processes have
# freed its caller's share.
_LOOK_SECONDS = 0.2


@dataclass(frozen=True, slots=True, kw_only=True)
class Width:
    """How many requests may be inside a gate at once, in all and of one caller, in this process."""

    per_process: int | None
    per_caller: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How many requests are inside a gate, and how many wait at it."""

    running: int
    waiting: int


class Refused(Exception):
    """The gate did not let a request in. `is_own_share`: its caller's own work is the reason."""

    def __init__(self, *, is_own_share: bool) -> None:
        super().__init__()
        self.is_own_share = is_own_share


@dataclass(slots=True, kw_only=True, eq=False)
class _Entrant:
    gate: str
    caller: str
    width: Width
    is_inside: bool = False
    is_sent_away: bool = False
    turn_before: int = 0
    """The entry of `_let_in_at` for its caller before it was let in."""
    looks_again_at: float = 0.0
    """Other processes held all of the caller's share; when to look again."""

    @property
    def key(self) -> tuple[str, str]:
        return self.gate, self.caller


@dataclass(slots=True, eq=False)
class Gates:
    """All gates of a process, which share the few places to wait.

    See Note [In order of arrival, by user].
    """

    _changed: threading.Condition = field(default_factory=threading.Condition)
    _waiting: list[_Entrant] = field(default_factory=list)
    _running: Counter[tuple[str, str]] = field(default_factory=Counter)
    _let_in_at: dict[str, int] = field(default_factory=dict)  # a count, by caller
    _let_in: int = 0

    def enter(
        self,
        gate: str,
        caller: str,
        *,
        width: Width,
        places_to_wait: int,
        wait_seconds: float,
        take_share: Callable[[], Callable[[], None] | None] = lambda: _nothing,
        before_waiting: Callable[[], None] = lambda: None,
        is_gone: Callable[[], bool] = lambda: False,
    ) -> Callable[[], None]:
        """Wait until the caller is inside, and return a function to leave by; call it once or more.

        Calls `before_waiting`, if it has to wait and may.

        `take_share` takes one of the caller's shares, which count in all processes, and returns a
        function that gives it back, or None if there is none left. It is called without the lock,
        once there is room in this process.

        Raises:
            Refused: there was no room within `wait_seconds`, or no place to wait, or the client is
                gone.
        """
        entrant = _Entrant(gate=gate, caller=caller, width=width)
        ends_at = time.monotonic() + wait_seconds
        with self._changed:
            self._waiting.append(entrant)
            self._let_next_in()
        try:
            while True:
                self._wait(entrant, ends_at, places_to_wait, before_waiting, is_gone)
                give_share_back = take_share()
                if give_share_back is not None:
                    break
                self._wait_for_share(entrant)
        except BaseException:
            self._leave(entrant)
            raise
        return _once(give_share_back, lambda: self._leave(entrant))

    def standing(self, gate: str) -> Standing:
        """Return how many requests are inside the gate, and how many wait at it."""
        with self._changed:
            return Standing(
                running=self._count(gate),
                waiting=sum(entrant.gate == gate for entrant in self._waiting),
            )

    def _wait(
        self,
        entrant: _Entrant,
        ends_at: float,
        places_to_wait: int,
        before_waiting: Callable[[], None],
        is_gone: Callable[[], bool],
    ) -> None:
        with self._changed:
            must_wait = not entrant.is_inside and ends_at > time.monotonic()
            if must_wait:
                self._make_room_to_wait(entrant, places_to_wait)
        if must_wait:
            before_waiting()
        with self._changed:
            while not entrant.is_inside:
                left = ends_at - time.monotonic()
                if entrant.is_sent_away or left <= 0 or is_gone():
                    raise Refused(is_own_share=entrant.is_sent_away or self._is_own_share(entrant))
                self._changed.wait(min(left, _LOOK_SECONDS))
                self._let_next_in()

    def _wait_for_share(self, entrant: _Entrant) -> None:
        """Give up the place in this process until the caller's share is looked at again."""
        with self._changed:
            self._running[entrant.key] -= 1
            entrant.is_inside = False
            entrant.looks_again_at = time.monotonic() + _LOOK_SECONDS
            self._let_in_at[entrant.caller] = entrant.turn_before
            self._waiting.insert(0, entrant)  # it keeps its turn among the caller's own
            self._let_next_in()

    def _leave(self, entrant: _Entrant) -> None:
        with self._changed:
            if entrant.is_inside:
                self._running[entrant.key] -= 1
            if entrant in self._waiting:
                self._waiting.remove(entrant)
            self._running += Counter()  # drops those that are 0
            callers = {caller for _, caller in self._running}
            callers |= {waiting.caller for waiting in self._waiting}
            self._let_in_at = {c: at for c, at in self._let_in_at.items() if c in callers}
            self._let_next_in()

    def _let_next_in(self) -> None:
        now = time.monotonic()
        while ready := [entrant for entrant in self._waiting if self._has_room(entrant, now)]:
            entrant = min(ready, key=lambda ready: self._let_in_at.get(ready.caller, 0))
            self._waiting.remove(entrant)
            entrant.is_inside = True
            self._running[entrant.key] += 1
            self._let_in += 1
            entrant.turn_before = self._let_in_at.get(entrant.caller, 0)
            self._let_in_at[entrant.caller] = self._let_in
            self._changed.notify_all()

    def _has_room(self, entrant: _Entrant, now: float) -> bool:
        most = entrant.width.per_process
        return (
            entrant.looks_again_at <= now
            and self._running[entrant.key] < entrant.width.per_caller
            and (most is None or self._count(entrant.gate) < most)
        )

    def _make_room_to_wait(self, entrant: _Entrant, places: int) -> None:
        if len(self._waiting) <= places:
            return
        waiting = Counter(waiting.caller for waiting in self._waiting)
        [(most_caller, most)] = waiting.most_common(1)
        last = entrant
        if most_caller != entrant.caller and most > waiting[entrant.caller]:
            last = [waiting for waiting in self._waiting if waiting.caller == most_caller][-1]
        if last is entrant:
            has_others_waiting = waiting[entrant.caller] > 1
            raise Refused(is_own_share=has_others_waiting or self._is_own_share(entrant))
        last.is_sent_away = True
        self._waiting.remove(last)
        self._changed.notify_all()

    def _is_own_share(self, entrant: _Entrant) -> bool:
        used_up_here = self._running[entrant.key] >= entrant.width.per_caller
        return used_up_here or entrant.looks_again_at > 0

    def _count(self, gate: str) -> int:
        return sum(count for (of, _), count in self._running.items() if of == gate)


def _nothing() -> None:
    pass


def _once(first: Callable[[], None], then: Callable[[], None]) -> Callable[[], None]:
    """Return a function that takes both steps on its first call, and none on any other."""
    is_first = threading.Lock()

    def take_steps() -> None:
        if is_first.acquire(blocking=False):
            try:
                first()
            finally:
                then()

    return take_steps
