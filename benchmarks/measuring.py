"""Times of several works that take turns, so that other load on the machine hits all alike."""

from __future__ import annotations

import math
import random
import statistics
import time
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from benchmarks.client import NotAnswered
from benchmarks.results import NO_ANSWER

TURN_MS = 150.0

Key = TypeVar("Key", bound=Hashable)


def _nothing() -> None:
    pass


@dataclass(frozen=True, slots=True)
class Work:
    """What is timed. What comes before and after it is not.

    `before` and `after` surround each run, `enter` and `leave` a whole turn of runs.
    """

    run: Callable[[], object]
    before: Callable[[], object] = _nothing
    after: Callable[[], object] = _nothing
    enter: Callable[[], object] = _nothing
    leave: Callable[[], object] = _nothing


@dataclass(frozen=True, slots=True, kw_only=True)
class Effort:
    """How often works are repeated: at most `rounds` times, and no longer than `seconds`.

    The round in which the time is over is still completed.
    """

    rounds: int
    seconds: float

    def share(self, parts: float) -> Effort:
        """Return the effort for one of so many equal parts of the same line."""
        return Effort(rounds=self.rounds, seconds=self.seconds / parts)


def medians_ms(works: Mapping[Key, Work], effort: Effort, *, seed: int = 1) -> dict[Key, float]:
    """Return the median time of each work in milliseconds.

    In every round each work has one turn, in a random order. In its turn it runs repeatedly for
    TURN_MS, as a server does the same thing many times. The first round is not counted, unless it
    alone took all the time. A work to which the service gives no answer has NO_ANSWER, and no
    further turn.
    """
    order = random.Random(seed)
    times_ms: dict[Key, list[float]] = {name: [] for name in works}
    unanswered: set[Key] = set()
    names = list(works)
    ends_at = time.monotonic() + effort.seconds
    for round_number in range(effort.rounds + 1):
        if round_number == 1:
            times_ms = {name: [] for name in works}
        order.shuffle(names)
        for name in names:
            if name in unanswered:
                continue
            try:
                times_ms[name] += turn(works[name])
            except NotAnswered:
                unanswered.add(name)
        if time.monotonic() > ends_at:
            break
    return {
        name: NO_ANSWER if name in unanswered else statistics.median(taken)
        for name, taken in times_ms.items()
    }


def median_of_answered(times_ms: Sequence[float]) -> float:
    """Return the median; NO_ANSWER if there was none to one of them."""
    return NO_ANSWER if any(map(math.isnan, times_ms)) else statistics.median(times_ms)


def turn(work: Work) -> list[float]:
    """Run a work again and again for TURN_MS, and return the times in milliseconds."""
    times_ms: list[float] = []
    total_ms = 0.0
    work.enter()
    try:
        while total_ms < TURN_MS:
            work.before()
            try:
                begun = time.perf_counter()
                work.run()
                times_ms.append((time.perf_counter() - begun) * 1000)
                total_ms += times_ms[-1]
            finally:
                work.after()
    finally:
        work.leave()
    return times_ms
