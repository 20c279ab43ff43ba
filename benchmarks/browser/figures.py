"""What was measured in the browser, as a Markdown table."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Sequence

from benchmarks.browser.measures import Measured
from data_tools.drill.documented_figures import machine_in_words

MARKERS = "seen"
_HEADER = (
    "| work | rows | median | 99 of 100 within | goal | |\n| --- | --- | --: | --: | --- | --- |"
)


def table(found: Sequence[Measured]) -> str:
    """Return the table, headed by what it was measured on and when."""
    heading = (
        f"Measured {dt.datetime.now(dt.UTC):%F} in Chromium on the machine of the service: "
        f"{machine_in_words()}. Load of the machine after: {os.getloadavg()[0]:.1f}."
    )
    return "\n".join([heading, "", _HEADER, *map(_line, found)])


def _line(row: Measured) -> str:
    longest = "" if row.longest is None else _figure(row.longest, row.unit)
    goals = [
        f"{words} {_figure(goal, row.unit)}"
        for words, goal in (("median", row.median_goal), ("99 of 100", row.longest_goal))
        if goal is not None
    ]
    if row.longest is None:
        goals = [goal.removeprefix("median ") for goal in goals]
    met = {None: "", True: "met", False: "**missed**"}[row.is_met]
    cells = (row.work, row.dataset, _figure(row.median, row.unit), longest, ", ".join(goals), met)
    return f"| {' | '.join(cells)} |"


def _figure(value: float, unit: str) -> str:
    text = f"{value:,.0f}" if value >= 10 or value == int(value) else f"{value:.2f}"
    return f"{text} {unit}".strip()
