"""W2: the page of W1 after 50, 100 and 200 stacked operations."""

from __future__ import annotations

from benchmarks import tables
from benchmarks.client import Client
from benchmarks.measuring import Work, medians_ms
from benchmarks.pages import random_page
from benchmarks.results import Comparison, milliseconds
from benchmarks.stacks import KINDS, stacked

LINE = "W2"
ROW_COUNT = 10_000
COUNTS = (50, 100, 200)
_SLOWEST_AFTER_ALL = 3.0


def run(client: Client, *, rounds: int) -> list[Comparison]:
    """Compare a page after each number of operations with a page after none."""
    source = tables.synthetic(ROW_COUNT)
    client.post(source.pk, "session/initialize/")
    none = "no operations"
    works: dict[str, Work] = {none: random_page(client, source)}
    for kind in KINDS:
        for count in COUNTS:
            dataset = stacked(client, source, kind=kind, count=count)
            works[f"{count} {kind}"] = random_page(client, dataset)
    ms = medians_ms(works, rounds=rounds)

    return [
        Comparison(
            line=LINE,
            work=f"page, {tables.label(source)}, after {count} operations {kind}",
            ours=milliseconds(ms[f"{count} {kind}"]),
            peer=f"{none} {milliseconds(ms[none])}",
            ratio=ms[f"{count} {kind}"] / ms[none],
            goal=_SLOWEST_AFTER_ALL if count == max(COUNTS) else None,
        )
        for kind in KINDS
        for count in COUNTS
    ]
