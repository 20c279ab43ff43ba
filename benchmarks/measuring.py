"""Times of several works that take turns, so that other load on the machine hits all alike."""

from __future__ import annotations

import random
import statistics
import time
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from typing import TypeVar

TURN_MS = 150.0

Key = TypeVar("Key", bound=Hashable)


def _nothing() -> None:
    pass


@dataclass(frozen=True, slots=True)
class Work:
    """What is timed, with a preparation and a clean-up that are not."""

    run: Callable[[], object]
    before: Callable[[], object] = _nothing
    after: Callable[[], object] = _nothing


def medians_ms(works: Mapping[Key, Work], *, rounds: int, seed: int = 1) -> dict[Key, float]:
    """Return the median time of each work in milliseconds.

    In every round each work has one turn, in a random order. In its turn it runs repeatedly for
    TURN_MS, as a server does the same thing many times. The first round is not counted.
    """
    order = random.Random(seed)
    times_ms: dict[Key, list[float]] = {name: [] for name in works}
    names = list(works)
    for round_number in range(rounds + 1):
        order.shuffle(names)
        for name in names:
            turn_ms = _turn(works[name])
            if round_number > 0:
                times_ms[name] += turn_ms
    return {name: statistics.median(taken) for name, taken in times_ms.items()}


def _turn(work: Work) -> list[float]:
    times_ms: list[float] = []
    while sum(times_ms) < TURN_MS:
        work.before()
        begun = time.perf_counter()
        work.run()
        times_ms.append((time.perf_counter() - begun) * 1000)
        work.after()
    return times_ms
