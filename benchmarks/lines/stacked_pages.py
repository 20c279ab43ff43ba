"""W2: the page of W1 after 50, 100 and 200 stacked operations."""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks.client import Client
from benchmarks.datasets import tables
from benchmarks.lines.pages import random_page
from benchmarks.lines.stacks import KINDS, copy_for, stacked
from benchmarks.measuring import Effort, Work, medians_ms
from benchmarks.results import Finding, within

LINE = "W2"
ROW_COUNT = 10_000
COUNTS = (50, 100, 200)
_SLOWEST_AFTER_ALL = 2.0


def prepare() -> None:
    """Make the copies that sessions are opened on."""
    for kind in KINDS:
        for count in COUNTS:
            copy_for(tables.synthetic(ROW_COUNT), kind=kind, count=count)


def run(client: Client, effort: Effort) -> Iterator[Finding]:
    """Compare a page after each number of operations with a page after none."""
    source = tables.synthetic(ROW_COUNT)
    client.open_anew(source.pk)
    none = "no operations"
    works: dict[str, Work] = {none: random_page(client, source)}
    for kind in KINDS:
        for count in COUNTS:
            dataset = stacked(client, source, kind=kind, count=count)
            works[f"{count} {kind}"] = random_page(client, dataset)
    ms = medians_ms(works, effort)

    for kind in KINDS:
        for count in COUNTS:
            yield within(
                LINE,
                f"page, {tables.label(source)}, after {count} operations {kind}",
                ms[f"{count} {kind}"],
                none,
                ms[none],
                at_most=_SLOWEST_AFTER_ALL if count == max(COUNTS) else None,
            )
