"""W3 and W4: the first page of a filter, and of an order, and the pages after it."""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

import orjson

from benchmarks import plots
from benchmarks.client import Client
from benchmarks.datasets import tables
from benchmarks.datasets.files import parquet_of
from benchmarks.datasets.thresholds import Thresholds
from benchmarks.derived import await_lists, forget_lists
from benchmarks.lines.pages import DUCKDB, LARGEST_PEER_ROWS, OURS, PAGE_ROWS, PANDAS, random_page
from benchmarks.measuring import Effort, Work, medians_ms
from benchmarks.peers import selected_pages
from benchmarks.results import Comparison, Finding, Point, faster, within
from data_tools.models import DataSource

FILTER, ORDER = "W3", "W4"
_SLOWEST_BESIDE_DUCKDB = 2.0
_SLOWEST_NEXT = 1.5
PLOTS = {"filter by a number": plots.FILTER_BY_ROWS, "order by a number": plots.ORDER_BY_ROWS}
# By line and least number of rows: how many times faster than pandas.
_FASTER = {FILTER: {1_000_000: 10.0, 100_000: 5.0}, ORDER: {1_000_000: 8.0, 100_000: 4.0}}


@dataclass(frozen=True, slots=True, kw_only=True)
class Columns:
    """The column that is filtered by, and what is ordered by, by the kind of what is in it."""

    filtered: str
    orders: dict[str, tuple[str, ...]]


SYNTHETIC = Columns(
    filtered="float_1",
    orders={
        "a number": ("float_1",),
        "a text of few values": ("few_1",),
        "a text of many values": ("many",),
        "a time": ("moment",),
        "two columns": ("few_1", "float_1"),
    },
)
_FLIGHTS = Columns(
    filtered="dep_delay",
    orders={
        "a number": ("dep_delay",),
        "a text of few values": ("dest",),
        "a text of many values": ("tailnum",),
        "a time": ("time_hour",),
        "two columns": ("carrier", "dep_delay"),
    },
)
# What is asked of us, and the same for the others.
Selection = tuple[dict[str, str], selected_pages.Selection]


def run(client: Client, effort: Effort, *, row_counts: list[int]) -> Iterator[Finding]:
    """Compare first pages with pandas and DuckDB, the next ones with a page of all rows."""
    sizes = [count for count in row_counts if count <= LARGEST_PEER_ROWS]
    datasets = [*map(tables.synthetic, sizes), tables.real_flights()]
    # The larger, the longer each round takes.
    weights = {dataset.pk: dataset.row_count + 50_000 for dataset in datasets}
    for dataset in datasets:
        share = effort.share(sum(weights.values()) / weights[dataset.pk])
        yield from _of(client, dataset, share)


def _of(client: Client, dataset: DataSource, effort: Effort) -> Iterator[Finding]:
    client.open_anew(dataset.pk)
    columns = _FLIGHTS if dataset.name == tables.FLIGHTS else SYNTHETIC
    share = effort.share(1 + len(columns.orders))
    thresholds = Thresholds.of(parquet_of(dataset), columns.filtered)
    yield from _compared(
        client, dataset, FILTER, "filter by a number", share, lambda: filters_by(thresholds)
    )
    for kind, names in columns.orders.items():
        orders = partial(order_by, names)
        yield from _compared(client, dataset, ORDER, f"order by {kind}", share, orders)


def filters_by(thresholds: Thresholds) -> Iterator[Selection]:
    """Yield filters with different numbers, so that no list of their rows exists."""
    column = thresholds.column
    for least in thresholds:
        condition = {"column": column, "op": "gt", "value": least}
        yield (
            {"filter": orjson.dumps([condition]).decode()},
            selected_pages.Selection(more_than=(column, least)),
        )


def order_by(names: tuple[str, ...]) -> Iterator[Selection]:
    yield from itertools.repeat(
        ({"sort": ",".join(names)}, selected_pages.Selection(sorted_by=names))
    )


def _compared(
    client: Client,
    dataset: DataSource,
    line: str,
    what: str,
    effort: Effort,
    selections: Callable[[], Iterator[Selection]],
) -> Iterator[Finding]:
    """Each of those compared goes through the same selections, in the same order."""
    duck, path = selected_pages.DuckDB(), parquet_of(dataset)
    choice = random.Random(dataset.row_count)
    pages = pages_of(dataset, line)

    def ours() -> Work:
        coming = selections()
        return Work(
            lambda: client.page(dataset.pk, first_page(), page_size=PAGE_ROWS, **next(coming)[0]),
            before=forget_lists,
        )

    def peer(page: Callable[..., bytes]) -> Work:
        coming = selections()
        return Work(
            lambda: page(
                path, next(coming)[1], offset=PAGE_ROWS * (first_page() - 1), size=PAGE_ROWS
            )
        )

    def first_page() -> int:
        return 1 if line == FILTER else choice.randint(1, pages)

    works = {
        OURS: ours(),
        PANDAS: peer(selected_pages.pandas_selected_page),
        DUCKDB: peer(duck.selected_page),
    }
    ms = medians_ms(works, effort.share(1.25))
    label = tables.label(dataset)
    goals = [goal for rows, goal in _FASTER[line].items() if dataset.row_count >= rows]
    yield faster(
        line,
        f"{what}, first page, {label}",
        ms[OURS],
        PANDAS,
        ms[PANDAS],
        at_least=goals[0] if goals else None,
    )
    yield within(
        line,
        f"{what}, first page, {label}",
        ms[OURS],
        DUCKDB,
        ms[DUCKDB],
        at_most=_SLOWEST_BESIDE_DUCKDB if line == FILTER and goals else None,
    )
    known, _ = next(selections())
    yield next_pages(client, dataset, line, what, known, effort.share(5))
    if what in PLOTS and dataset.name != tables.FLIGHTS:
        for name in (OURS, PANDAS, DUCKDB):
            yield Point(plot=PLOTS[what].name, curve=name, x=dataset.row_count, y=ms[name])


def pages_of(dataset: DataSource, line: str) -> int:
    """Return how many pages there are to choose from; the first filter leaves a third of the rows
    at least, of which some are missing."""
    return dataset.row_count // PAGE_ROWS // (3 if line == FILTER else 1)


def next_pages(
    client: Client,
    dataset: DataSource,
    line: str,
    what: str,
    known: dict[str, str],
    effort: Effort,
) -> Comparison:
    """Compare the pages of a filter or an order whose list is stored with pages of all rows."""
    choice = random.Random(dataset.row_count)
    pages = pages_of(dataset, line)

    def make_known() -> None:
        client.page(dataset.pk, 1, page_size=PAGE_ROWS, **known)
        await_lists()

    next_page = Work(
        lambda: client.page(dataset.pk, choice.randint(1, pages), page_size=PAGE_ROWS, **known),
        enter=make_known,
    )
    ms = medians_ms({"next": next_page, "plain": random_page(client, dataset)}, effort)
    return within(
        line,
        f"{what}, next pages, {tables.label(dataset)}",
        ms["next"],
        "page of all rows",
        ms["plain"],
        at_most=_SLOWEST_NEXT,
    )
