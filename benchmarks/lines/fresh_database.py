"""FRESH: pages of rows that share a table, in the database that is lived in and in a fresh one.

Rows in a table of their own lie together in both. The rows of this module stand among those of W1,
W3 and W4.
"""

from __future__ import annotations

import random
import statistics
import time
from collections.abc import Iterator

from benchmarks.client import Client
from benchmarks.datasets import tables
from benchmarks.datasets.files import parquet_of
from benchmarks.datasets.thresholds import Thresholds
from benchmarks.derived import forget_lists
from benchmarks.lines.pages import PAGE_ROWS, random_page
from benchmarks.lines.selected_pages import SYNTHETIC, filters_by, order_by
from benchmarks.measuring import Effort, Work
from benchmarks.results import Finding, within
from benchmarks.two_databases import works_elsewhere

ROW_COUNT = 10_000
_SLOWEST_BESIDE_FRESH = 1.3
_PAGE = "page"
_FILTER, _ORDER = "filter by a number, first page", "order by a number, first page"
_LINES = {_PAGE: "W1", _FILTER: "W3", _ORDER: "W4"}


def run(effort: Effort) -> Iterator[Finding]:
    """Compare each work in both databases, which take turns."""
    times_ms: dict[tuple[str, bool], list[float]] = {}
    order = random.Random(1)
    with (
        works_elsewhere(works, is_fresh=False) as lived_in,
        works_elsewhere(works, is_fresh=True) as fresh,
    ):
        turns = [(what, where) for what in lived_in.names for where in (lived_in, fresh)]
        ends_at = time.monotonic() + effort.seconds
        for round_number in range(effort.rounds + 1):
            order.shuffle(turns)
            for what, where in turns:
                found = where.turn(what)
                if round_number:  # the first is not counted
                    times_ms.setdefault((what, where is fresh), []).extend(found)
            if round_number and time.monotonic() > ends_at:
                break
    for what, line in _LINES.items():
        yield within(
            line,
            f"{what}, {ROW_COUNT:,} rows among those of others",
            statistics.median(times_ms[what, False]),
            "in a fresh database",
            statistics.median(times_ms[what, True]),
            at_most=_SLOWEST_BESIDE_FRESH,
        )


def works() -> dict[str, Work]:
    """Return the works of the database that this process uses."""
    client = Client(tables.prepare_database())
    dataset = tables.synthetic(ROW_COUNT)
    client.open_anew(dataset.pk)
    filters = filters_by(Thresholds.of(parquet_of(dataset), SYNTHETIC.filtered))
    orders = order_by(SYNTHETIC.orders["a number"])

    def first(number: int, selection: dict[str, str]) -> bytes:
        return client.page(dataset.pk, number, page_size=PAGE_ROWS, **selection)

    depths = random.Random(ROW_COUNT)
    return {
        _PAGE: random_page(client, dataset),
        _FILTER: Work(lambda: first(1, next(filters)[0]), before=forget_lists),
        _ORDER: Work(
            lambda: first(depths.randint(1, ROW_COUNT // PAGE_ROWS), next(orders)[0]),
            before=forget_lists,
        ),
    }
