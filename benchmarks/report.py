"""The findings as a table, on the terminal and in docs/performance.md."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path

from benchmarks.machine import Machine
from benchmarks.results import Comparison

DOCUMENT = Path(__file__).resolve().parent.parent / "docs" / "performance.md"
_BEGIN, _END = "<!-- measured: begin -->", "<!-- measured: end -->"
_HEADER = ("line", "work", "ours", "beside it", "ratio", "goal", "")


def table(found: Sequence[Comparison]) -> str:
    """Return the findings as a Markdown table, with its columns aligned."""
    rows = [_HEADER, *(_cells(row) for row in found)]
    widths = [max(len(row[at]) for row in rows) for at in range(len(_HEADER))]
    lines = [
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |"
        for row in rows
    ]
    rule = "| " + " | ".join("-" * max(3, width) for width in widths) + " |"
    return "\n".join([lines[0], rule, *lines[1:]])


def write(found: Sequence[Comparison], machine: Machine) -> None:
    """Put the table between the markers of the document, in place of the last one."""
    before, _, rest = DOCUMENT.read_text().partition(_BEGIN)
    _, _, after = rest.partition(_END)
    measured = f"{heading(machine)}\n\n{table(found)}"
    DOCUMENT.write_text(f"{before}{_BEGIN}\n{measured}\n{_END}{after}")


def heading(machine: Machine) -> str:
    """Return what the figures were measured on, and when."""
    return (
        f"Measured {dt.datetime.now(dt.UTC):%F} on {machine.cores} cores of {machine.processor}, "
        f"{machine.memory_gb} GB, PostgreSQL {machine.postgres}, Python {machine.python}, on rows "
        f"of 20 columns (the flights: 19). Load of the machine before: {machine.load:.1f}."
    )


def _cells(row: Comparison) -> tuple[str, ...]:
    goal = "" if row.goal is None else f"{row.sense} {row.goal:g}"
    met = {None: "", True: "met", False: "**missed**"}[row.is_met]
    return (row.line, row.work, row.ours, row.peer, _ratio(row.ratio), goal, met)


def _ratio(ratio: float) -> str:
    return f"{ratio:.0f}" if ratio >= 20 or ratio == int(ratio) else f"{ratio:.2f}"
