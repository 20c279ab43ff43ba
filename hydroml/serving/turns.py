"""Decides which request a thread answers next.

Note [Turns]
    All threads of a process share one interpreter, so sixteen requests that compute at once each
    take sixteen times as long. So only a few have a turn at a time. A request has its turn until it
    is answered, or begins to wait or work behind a gate, which limits such work itself. It takes
    milliseconds for most. A request that has had its turn for longer waits for something else, and
    no longer keeps others from theirs.

    The next turn goes to the caller with the fewest, and among those to the one whose last turn was
    longest ago, or who came first. Half of the turns, rounded down, are only for callers who have
    none. So a user with one request does not stand behind another user's hundred.
"""

from __future__ import annotations

import time
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from cachetools import LRUCache

LONGEST_SECONDS = 0.25
_MOST_CALLERS_REMEMBERED = 10_000


class Task(Protocol):
    def service(self, turn: Turn) -> None: ...


@dataclass(slots=True, kw_only=True, eq=False)
class Turn:
    """One task's turn."""

    task: Task
    caller: str
    began: float
    end_early: Callable[[Turn], None]

    def give_back(self) -> None:
        """End the turn before its task ends. Calling it again does nothing."""
        self.end_early(self)


@dataclass(slots=True, kw_only=True)
class Turns:
    """Who has a turn, and who waits for one. See Note [Turns]. Its owner has the lock."""

    most: int
    end_early: Callable[[Turn], None]
    _waiting: dict[str, deque[Task]] = field(default_factory=dict)
    _begun: set[Turn] = field(default_factory=set)
    # When each caller last had a turn, or came for the first time.
    _last: LRUCache[str, float] = field(default_factory=lambda: LRUCache(_MOST_CALLERS_REMEMBERED))

    def add(self, task: Task, caller: str) -> None:
        """Let the caller's task wait for its turn."""
        self._waiting.setdefault(caller, deque()).append(task)
        if caller not in self._last:
            self._last[caller] = time.monotonic()

    def next(self) -> Turn | None:
        """Return the next turn, if there is one now, and somebody who waits for it."""
        if not self._waiting:
            return None
        now = time.monotonic()
        begun = Counter(each.caller for each in self._begun)
        caller = min(self._waiting, key=lambda each: (begun[each], self._last.get(each, 0.0)))
        holding = Counter(each.caller for each in self._begun if _counts(each, now))
        most = self.most - self.most // 2 if holding[caller] else self.most
        if holding.total() >= most:
            return None
        turn = Turn(task=self._take(caller), caller=caller, began=now, end_early=self.end_early)
        self._begun.add(turn)
        self._last[caller] = now
        return turn

    def end(self, turn: Turn) -> None:
        """Let others have the turn."""
        self._begun.discard(turn)

    def put_back(self, turn: Turn) -> None:
        """Let the task of a turn that cannot begin be the caller's next again."""
        self.end(turn)
        self._waiting.setdefault(turn.caller, deque()).appendleft(turn.task)

    def _take(self, caller: str) -> Task:
        waiting = self._waiting[caller]
        task = waiting.popleft()
        if not waiting:
            del self._waiting[caller]
        return task


def _counts(turn: Turn, now: float) -> bool:
    return now - turn.began < LONGEST_SECONDS
