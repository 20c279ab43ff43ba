"""The gates of one process: how much of each kind of work runs at once, and whose is next.

Note [In order of arrival, by user]
    A free place goes to the caller who was let in longest ago, and among that caller's requests to
    the one that came first. So a user with one waiting request does not stand behind another user's
    ten. Only a few requests may wait in a process, because each holds a thread. When all places to
    wait are taken, the caller who holds the most gives up the last one to a caller who holds at
    least two fewer; of callers who hold as many, the one who has been inside for longest lately.

Note [Who has worked much lets others go first]
    Several callers who each compute all the time would fill every place and every queue, and
    somebody who needs one now and then would be refused. So whoever has been inside for more than
    some seconds lately comes after those who have not, and gives up places to wait to them. A gate
    of more than two places keeps the last one from them. If all who are inside have worked much by
    now, it has one place more, for somebody who has not.
"""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from cachetools import LRUCache

# How often a waiting request checks whether its client is gone, and whether other processes have
# freed its caller's share.
_LOOK_SECONDS = 0.2

# Who has been inside for longer has worked much. What was long ago counts less: half of it for
# each half-life that has passed.
_MUCH_SECONDS = 5.0
_HALF_LIFE_SECONDS = 30.0
_MOST_CALLERS_REMEMBERED = 10_000


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
    inside_since: float | None = None
    sent_away: Refused | None = None
    turn_before: int = 0
    """The entry of `_let_in_at` for its caller before it was let in."""
    looks_again_at: float = 0.0
    """Other processes held all of the caller's share; when to look again."""

    @property
    def is_inside(self) -> bool:
        return self.inside_since is not None

    @property
    def key(self) -> tuple[str, str]:
        return self.gate, self.caller


@dataclass(slots=True, eq=False)
class Gates:
    """All gates of a process, which share the few places to wait.

    See Note [In order of arrival, by user] and Note [Who has worked much lets others go first].
    """

    _changed: threading.Condition = field(default_factory=threading.Condition)
    _waiting: list[_Entrant] = field(default_factory=list)
    _inside: list[_Entrant] = field(default_factory=list)
    # How long each caller had been inside a gate, and when that was noted.
    _worked: LRUCache[tuple[str, str], tuple[float, float]] = field(
        default_factory=lambda: LRUCache(_MOST_CALLERS_REMEMBERED)
    )
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
                if entrant.sent_away is not None:
                    raise entrant.sent_away
                if left <= 0 or is_gone():
                    raise Refused(is_own_share=self._is_own_share(entrant))
                self._changed.wait(min(left, _LOOK_SECONDS))
                self._let_next_in()

    def _wait_for_share(self, entrant: _Entrant) -> None:
        """Give up the place in this process until the caller's share is looked at again."""
        with self._changed:
            self._inside.remove(entrant)
            entrant.inside_since = None
            entrant.looks_again_at = time.monotonic() + _LOOK_SECONDS
            self._let_in_at[entrant.caller] = entrant.turn_before
            self._waiting.insert(0, entrant)  # it keeps its turn among the caller's own
            self._let_next_in()

    def _leave(self, entrant: _Entrant) -> None:
        with self._changed:
            if entrant in self._inside:
                self._note_work(entrant)
                self._inside.remove(entrant)
            if entrant in self._waiting:
                self._waiting.remove(entrant)
            callers = {each.caller for each in (*self._inside, *self._waiting)}
            self._let_in_at = {c: at for c, at in self._let_in_at.items() if c in callers}
            self._let_next_in()

    def _let_next_in(self) -> None:
        now = time.monotonic()
        while ready := [entrant for entrant in self._waiting if self._has_room(entrant, now)]:
            entrant = min(
                ready,
                key=lambda ready: (
                    self._has_worked_much(ready, now),
                    self._let_in_at.get(ready.caller, 0),
                ),
            )
            self._waiting.remove(entrant)
            entrant.inside_since = now
            self._inside.append(entrant)
            self._let_in += 1
            entrant.turn_before = self._let_in_at.get(entrant.caller, 0)
            self._let_in_at[entrant.caller] = self._let_in
            self._changed.notify_all()

    def _has_room(self, entrant: _Entrant, now: float) -> bool:
        most = entrant.width.per_process
        if entrant.looks_again_at > now or self._uses_up_its_share(entrant):
            return False
        if most is None:
            return True
        inside = [each for each in self._inside if each.gate == entrant.gate]
        if most > 2:
            if self._has_worked_much(entrant, now):
                most -= 1
            elif all(self._has_worked_much(each, now) for each in inside):
                most += 1
        return len(inside) < most

    def _make_room_to_wait(self, entrant: _Entrant, places: int) -> None:
        if len(self._waiting) <= places:
            return
        now = time.monotonic()
        waiting = Counter(waiting.caller for waiting in self._waiting)

        def claim(each: _Entrant) -> tuple[bool, int, float]:
            worked = self._has_worked(each, now)
            return worked > _MUCH_SECONDS, waiting[each.caller], worked

        last = max(reversed(self._waiting), key=claim)
        if claim(last) <= claim(entrant):
            has_others_waiting = waiting[entrant.caller] > 1
            raise Refused(is_own_share=has_others_waiting or self._is_own_share(entrant))
        is_own_share = waiting[last.caller] > 1 or self._is_own_share(last)
        last.sent_away = Refused(is_own_share=is_own_share)
        self._waiting.remove(last)
        self._changed.notify_all()

    def _is_own_share(self, entrant: _Entrant) -> bool:
        return self._uses_up_its_share(entrant) or entrant.looks_again_at > 0

    def _uses_up_its_share(self, entrant: _Entrant) -> bool:
        inside = sum(each.key == entrant.key for each in self._inside)
        return inside >= entrant.width.per_caller

    def _count(self, gate: str) -> int:
        return sum(each.gate == gate for each in self._inside)

    def _has_worked_much(self, entrant: _Entrant, now: float) -> bool:
        """Tell whether the caller has been inside the gate for long lately, or still is."""
        return self._has_worked(entrant, now) > _MUCH_SECONDS

    def _has_worked(self, entrant: _Entrant, now: float) -> float:
        going_on = sum(
            now - each.inside_since
            for each in self._inside
            if each.key == entrant.key and each.inside_since is not None
        )
        return self._worked_before(entrant, now) + going_on

    def _worked_before(self, entrant: _Entrant, now: float) -> float:
        seconds, noted_at = self._worked.get(entrant.key, (0.0, now))
        passed = max(0.0, now - noted_at)  # a clock that went back counts as one that stood still
        return float(seconds * 0.5 ** (passed / _HALF_LIFE_SECONDS))

    def _note_work(self, entrant: _Entrant) -> None:
        if entrant.width.per_process is None or entrant.inside_since is None:
            return
        now = time.monotonic()
        seconds = self._worked_before(entrant, now) + now - entrant.inside_since
        self._worked[entrant.key] = seconds, now


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
