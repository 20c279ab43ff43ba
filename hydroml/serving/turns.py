"""Decides which request a thread answers next.

Note [Turns]
    All threads of a process share one interpreter, so sixteen requests that compute at once each
    take sixteen times as long. So only a few have a turn at a time. A request has its turn until it
    is answered, or begins to wait or work behind a gate, which limits such work itself. It takes
    milliseconds for most. A request that has had its turn for longer waits for something else, and
    does not keep others from theirs.

    The next turn goes to the caller with the fewest, and among those to the one who has gone
    without for longest. No caller has all turns of a process. So a user with one request does not
    stand behind another user's hundred.
"""

from __future__ import annotations

import time
from collections import Counter, OrderedDict, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

LONGEST_SECONDS = 0.25
_MOST_CALLERS_REMEMBERED = 10_000


class Task(Protocol):
    @property
    def caller(self) -> str:
        """Whose it is, as far as that is known."""
        ...

    def service(self, turn: Turn) -> None: ...


@dataclass(slots=True, kw_only=True, eq=False)
class Turn:
    """One task's turn. `give_back` ends it before the task does; calling it again does nothing."""

    task: Task
    caller: str
    began: float
    give_back: Callable[[], None]


@dataclass(slots=True, kw_only=True)
class Turns:
    """Who has a turn, and who waits for one. See Note [Turns]. Its owner has the lock."""

    most: int
    _waiting: dict[str, deque[Task]] = field(default_factory=dict)
    _taken: set[Turn] = field(default_factory=set)
    _last: OrderedDict[str, float] = field(default_factory=OrderedDict)  # turn, by caller

    def add(self, task: Task) -> None:
        """Let the task wait for its turn."""
        self._waiting.setdefault(task.caller, deque()).append(task)

    def next(self, give_back: Callable[[Turn], None]) -> Turn | None:
        """Return the next turn, if there is one now, and somebody who waits for it."""
        if not self._waiting:
            return None
        now = time.monotonic()
        self._taken = {turn for turn in self._taken if now - turn.began < LONGEST_SECONDS}
        if len(self._taken) >= self.most:
            return None
        having = Counter(turn.caller for turn in self._taken)
        caller = min(
            self._waiting, key=lambda caller: (having[caller], self._last.get(caller, 0.0))
        )
        if having[caller] >= max(1, self.most - 1):
            return None
        turn = Turn(
            task=self._take(caller),
            caller=caller,
            began=now,
            give_back=lambda: give_back(turn),
        )
        self._taken.add(turn)
        self._remember(caller, now)
        return turn

    def end(self, turn: Turn) -> None:
        """Let others have the turn."""
        self._taken.discard(turn)

    def _take(self, caller: str) -> Task:
        waiting = self._waiting[caller]
        task = waiting.popleft()
        if not waiting:
            del self._waiting[caller]
        return task

    def _remember(self, caller: str, now: float) -> None:
        self._last[caller] = now
        self._last.move_to_end(caller)
        if len(self._last) > _MOST_CALLERS_REMEMBERED:
            self._last.popitem(last=False)
