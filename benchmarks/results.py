"""A result of the benchmark: one value beside another, and the goal for their ratio."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """One row of the report.

    `ratio` is how the two figures compare, in the sense of the goal: a goal of `at least` or `at
    most` so much, or none, for a row that is only there to be seen. Figures are text with a unit.
    """

    line: str
    work: str
    ours: str
    peer: str
    ratio: float
    goal: float | None = None
    sense: Literal["at least", "at most"] = "at most"

    @property
    def is_met(self) -> bool | None:
        """Whether the goal is met; None without a goal."""
        if self.goal is None:
            return None
        return self.ratio >= self.goal if self.sense == "at least" else self.ratio <= self.goal


def milliseconds(value_ms: float) -> str:
    return f"{value_ms:.2f} ms" if value_ms < 10 else f"{value_ms:,.1f} ms"


def rate(per_second: float) -> str:
    return f"{per_second:,.0f}/s"
