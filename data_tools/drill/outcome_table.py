"""What a drill found, as a table for people: one row for each scenario."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import median

from data_tools.drill.rehearsal import Outcome, Scenario

HEADINGS = (
    "scenario",
    "sessions",
    "acknowledged",
    "brought back",
    "given up, named",
    "kept in the log",
    "lost",
    "suggested action",
    "as documented",
    "recovered in ms, median",
    "p99",
)


@dataclass(slots=True)
class Tally:
    """All rehearsals of one scenario. The counts are of operations."""

    scenario: Scenario
    outcomes: list[Outcome] = field(default_factory=list)

    @property
    def lost(self) -> int:
        return sum(outcome.lost for outcome in self.outcomes)

    @property
    def complaints(self) -> list[str]:
        return [outcome.complaint for outcome in self.outcomes if outcome.complaint]

    @property
    def cells(self) -> tuple[str, ...]:
        times = sorted(o.recovery_ms for o in self.outcomes if o.recovery_ms is not None)
        return (
            self.scenario.name,
            f"{len(self.outcomes):,}",
            *(
                f"{sum(getattr(outcome, name) for outcome in self.outcomes):,}"
                for name in ("acknowledged", "brought_back", "given_up", "in_log", "lost")
            ),
            self.scenario.suggested_action,
            "NO" if self.complaints else "yes",
            f"{median(times):.1f}" if times else "-",
            f"{percentile(times, 0.99):.1f}" if times else "-",
        )


def percentile(ordered: Sequence[float], share: float) -> float:
    """Return the smallest of `ordered` that at least `share` of them do not exceed."""
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def table(tallies: Sequence[Tally]) -> str:
    """Return the tallies as a Markdown table, which also reads well in a terminal."""
    rows = [HEADINGS, *(tally.cells for tally in tallies)]
    widths = [max(len(row[at]) for row in rows) for at in range(len(HEADINGS))]
    head, *body = ["| " + " | ".join(_padded(row, widths)) + " |" for row in rows]
    rule = "| " + " | ".join("-" * width for width in widths) + " |"
    return "\n".join([head, rule, *body])


def _padded(row: Sequence[str], widths: Sequence[int]) -> list[str]:
    return [cell.ljust(width) for cell, width in zip(row, widths, strict=True)]
