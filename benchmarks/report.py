"""The findings as tables, on the terminal and in docs/performance.md."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from pathlib import Path

from benchmarks.machine import Machine
from benchmarks.plots import Image
from benchmarks.results import Comparison, EndpointTimes, Figure, Finding
from data_tools.drill.documented_figures import write_figures

DOCUMENT = Path(__file__).resolve().parent.parent / "docs" / "performance.md"
MARKERS = "measured"
ENDPOINT_LIMIT_MS = 500.0
_HEADER = ("line", "work", "ours", "beside it", "ratio", "goal", "")
_ENDPOINT_HEADER = ("S", "first call", "again", f"under {ENDPOINT_LIMIT_MS:.0f} ms")
_VERDICTS = {None: "", True: "met", False: "**missed**"}


def text(found: Sequence[Finding], machine: Machine, images: Sequence[Image] = ()) -> str:
    """Return all that goes into the document: where it was measured, the tables and the plots."""
    comparisons = [row for row in found if isinstance(row, Comparison)]
    endpoints = [row for row in found if isinstance(row, EndpointTimes)]
    parts = [_heading(machine)]
    if comparisons:
        parts += [_table(_HEADER, map(_cells, comparisons)), _count(comparisons)]
    if endpoints:
        parts.append(_table(_ENDPOINT_HEADER, map(_endpoint_cells, endpoints)))
    parts += [f"![{image.title}](images/{image.path.name})" for image in images]
    return "\n\n".join(parts)


def write(found: Sequence[Finding], machine: Machine, images: Sequence[Image]) -> None:
    """Put tables and plots between the markers of the document, in place of the last ones."""
    write_figures(DOCUMENT, MARKERS, text(found, machine, images))


def _heading(machine: Machine) -> str:
    return (
        f"Measured {dt.datetime.now(dt.UTC):%F} on {machine.cores} cores of {machine.processor}, "
        f"{machine.memory_gb} GB, PostgreSQL {machine.postgres}, Python {machine.python}, on rows "
        f"of 20 columns (the flights: 19). Load of the machine before: {machine.load:.1f}."
    )


def _count(comparisons: Sequence[Comparison]) -> str:
    verdicts = [row.is_met for row in comparisons]
    return f"{verdicts.count(True)} goals are met, {verdicts.count(False)} are missed."


def _table(header: tuple[str, ...], cells: Iterable[tuple[str, ...]]) -> str:
    """Return a Markdown table, with its columns aligned."""
    rows = [header, *cells]
    widths = [max(len(row[at]) for row in rows) for at in range(len(header))]
    lines = [
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |"
        for row in rows
    ]
    rule = "| " + " | ".join("-" * max(3, width) for width in widths) + " |"
    return "\n".join([lines[0], rule, *lines[1:]])


def _cells(row: Comparison) -> tuple[str, ...]:
    """Return the cells of a row. A figure without a peer has a limit of its own, and no ratio."""
    is_alone = row.peer is None
    ratio = "" if is_alone else _ratio(row.ratio)
    goal = ""
    if row.goal is not None:
        goal = f"{row.sense} {Figure(row.goal, row.ours.unit) if is_alone else f'{row.goal:g}'}"
    peer = " ".join(str(part) for part in (row.beside, row.peer) if part)
    return (row.line, row.work, str(row.ours), peer, ratio, goal, _VERDICTS[row.is_met])


def _endpoint_cells(row: EndpointTimes) -> tuple[str, ...]:
    is_met = row.first_ms < ENDPOINT_LIMIT_MS and row.repeated_ms < ENDPOINT_LIMIT_MS
    times = (str(Figure(ms, "ms")) for ms in (row.first_ms, row.repeated_ms))
    return (f"`{row.call}`", *times, _VERDICTS[is_met])


def _ratio(ratio: float) -> str:
    if ratio != ratio:  # NaN
        return ""
    return f"{ratio:,.0f}" if ratio >= 20 or ratio == int(ratio) else f"{ratio:.2f}"
