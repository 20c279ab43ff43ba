"""What a line of the benchmark finds: comparisons, times of endpoints, and points of plots.

NaN stands for a figure that could not be had, since the service did not answer in time: whatever is
compared with it is missed.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

NO_ANSWER = math.nan


@dataclass(frozen=True, slots=True)
class Figure:
    """A measured value. `unit` is `ms`, `/s`, `MB`, `bytes`, `times`, or empty for a count."""

    value: float
    unit: str

    def __str__(self) -> str:
        value = self.value
        if math.isnan(value):
            return "no answer"
        match self.unit:
            case "ms" if value >= 10_000:
                return f"{value / 1000:,.1f} s"
            case "ms" | "bytes":
                return f"{value:.2f} {self.unit}" if value < 10 else f"{value:,.1f} {self.unit}"
            case "/s":
                return f"{value:,.0f}/s"
            case "MB":
                return f"{value:,.0f} MB"
            case "times":
                return f"{value:.2f} times"
        return f"{value:,.0f}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """One row of the report.

    `ratio` is how the two figures compare, in the sense of the goal: `at least` or `at most` so
    much. Without a goal the row is only there to be seen.
    """

    line: str
    work: str
    ours: Figure
    beside: str = ""
    peer: Figure | None = None
    ratio: float
    goal: float | None = None
    sense: Literal["at least", "at most"] = "at most"

    @property
    def is_met(self) -> bool | None:
        """Whether the goal is met; None without a goal, unless there was no answer."""
        if math.isnan(self.ratio):
            return False
        if self.goal is None:
            return None
        return self.ratio >= self.goal if self.sense == "at least" else self.ratio <= self.goal

    @property
    def key(self) -> tuple[str, str, str]:
        """What makes it the same comparison in another run."""
        return self.line, self.work, self.beside


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointTimes:
    """How long a call takes the first time, when nothing it needs is stored, and again."""

    call: str
    first_ms: float
    repeated_ms: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """A point of one curve of a plot."""

    plot: str
    curve: str
    x: float
    y: float


Finding = Comparison | EndpointTimes | Point


def faster(
    line: str,
    work: str,
    ours_ms: float,
    beside: str,
    peer_ms: float,
    *,
    at_least: float | None = None,
) -> Comparison:
    """Say how many times faster we are than somebody else."""
    return Comparison(
        line=line,
        work=work,
        ours=Figure(ours_ms, "ms"),
        beside=beside,
        peer=Figure(peer_ms, "ms"),
        ratio=peer_ms / ours_ms,
        goal=at_least,
        sense="at least",
    )


def within(
    line: str,
    work: str,
    ours_ms: float,
    beside: str,
    peer_ms: float,
    *,
    at_most: float | None = None,
) -> Comparison:
    """Say how many times as long as something else our work takes."""
    return Comparison(
        line=line,
        work=work,
        ours=Figure(ours_ms, "ms"),
        beside=beside,
        peer=Figure(peer_ms, "ms"),
        ratio=ours_ms / peer_ms,
        goal=at_most,
    )


def limited(
    line: str, work: str, value: float, unit: str = "", *, at_most: float | None = None
) -> Comparison:
    """Say how large a figure is that has a limit of its own, in the same unit."""
    return Comparison(line=line, work=work, ours=Figure(value, unit), ratio=value, goal=at_most)


def not_measured(line: str, why: str) -> Comparison:
    """Say that a line ended before it was through."""
    return Comparison(
        line=line, work=f"the rest: {why}", ours=Figure(NO_ANSWER, "ms"), ratio=NO_ANSWER
    )
