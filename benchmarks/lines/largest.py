"""The largest dataset: each kind of work once, in one process that is new to it, with its memory.

The rows of this module stand among those of the lines that the works belong to.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator

from django.conf import settings

from benchmarks.child_process import Spent, spent_here, spent_on
from benchmarks.client import Client, NotAnswered
from benchmarks.datasets import tables
from benchmarks.datasets.synthetic import parquet_file
from benchmarks.datasets.thresholds import Thresholds
from benchmarks.derived import await_lists, forget_figures, forget_lists
from benchmarks.lines.pages import LARGEST_PEER_ROWS, OURS, PAGE_ROWS
from benchmarks.lines.selected_pages import (
    PLOTS,
    SYNTHETIC,
    filters_by,
    next_pages,
    order_by,
)
from benchmarks.measuring import Effort
from benchmarks.results import NO_ANSWER, Finding, Point, limited, within
from session_events import loading

_MOST_GROWN_MB = 400.0
_SLOWEST_BESIDE_A_TENTH = 12.0
ORDER, FILTER, FIT = "order by a number, first page", "filter by a number, first page", "median"
STATISTICS, UNDO = "figures of one column, after a fill", "undo"
VALIDATE, RECOVER, PAGE = "validate", "recover", "page"
_LINES = {
    PAGE: "W1",
    FILTER: "W3",
    ORDER: "W4",
    UNDO: "W5",
    FIT: "W6",
    VALIDATE: "W8",
    RECOVER: "W8",
    STATISTICS: "W12",
}
_FILL = {"columns": ["float_2"], "strategy": "median"}
_FIGURES_OF_FILLED = {"offset": 1, "limit": 1}


def run(client: Client, token: str, effort: Effort, *, row_count: int) -> Iterator[Finding]:
    """Say what each work takes on the largest dataset, and an order beside one on a tenth of it."""
    dataset = tables.synthetic(row_count)
    for prepared in (dataset, tables.synthetic(LARGEST_PEER_ROWS)):
        client.open_anew(prepared.pk)
        forget_figures(prepared.pk)
    forget_lists()
    filtered, ordered = _selections()
    spent: dict[str, Spent | None] = spent_on(
        each_work, token, dataset.pk, filtered, ordered
    ).result
    label = tables.label(dataset)
    for what, its in spent.items():
        work = f"{what}, {label}, once"
        yield limited(_LINES[what], work, NO_ANSWER if its is None else its.ms, "ms")
        if its is not None:
            memory = f"{what}, {label}: memory"
            goal = _MOST_GROWN_MB if what == ORDER else None
            yield limited(_LINES[what], memory, its.grown_mb, "MB", at_most=goal)
    for first, what, known in (
        (FILTER, "filter by a number", filtered),
        (ORDER, "order by a number", ordered),
    ):
        yield next_pages(client, dataset, _LINES[first], what, known, effort.share(2))
        its = spent[first]
        if its is not None:
            yield Point(plot=PLOTS[what].name, curve=OURS, x=row_count, y=its.ms)
    forget_lists()
    tenth_pk = tables.synthetic(LARGEST_PEER_ROWS).pk
    tenth: Spent | None = spent_on(one_order, token, tenth_pk, ordered).result
    largest = spent[ORDER]
    yield within(
        _LINES[ORDER],
        f"{ORDER}, {label}",
        NO_ANSWER if largest is None else largest.ms,
        f"{LARGEST_PEER_ROWS:,} rows",
        NO_ANSWER if tenth is None else tenth.ms,
        at_most=_SLOWEST_BESIDE_A_TENTH,
    )


def each_work(
    token: str, dataset_id: uuid.UUID, filtered: dict[str, str], ordered: dict[str, str]
) -> dict[str, Spent | None]:
    """Do each work once; None for one that got no answer. Runs in a process of its own."""
    client = Client(token)
    client.page(dataset_id, 1, page_size=PAGE_ROWS)  # what the first request of a process loads
    # The order first: its memory has a limit, and is counted beyond what earlier works left behind.
    works: dict[str, Callable[[], object]] = {
        ORDER: lambda: client.page(dataset_id, 1, page_size=PAGE_ROWS, **ordered),
        PAGE: lambda: client.page(dataset_id, 100_000, page_size=PAGE_ROWS),
        FILTER: lambda: client.page(dataset_id, 1, page_size=PAGE_ROWS, **filtered),
        FIT: lambda: client.post(dataset_id, "session/fill-missing-values/", _FILL),
        STATISTICS: lambda: client.get(dataset_id, "columns/", _FIGURES_OF_FILLED),
        UNDO: lambda: client.post(dataset_id, "session/undo/"),
        VALIDATE: lambda: client.get(dataset_id, "session/validate/"),
        RECOVER: lambda: client.post(dataset_id, "session/recover/", {"strategy": "auto"}),
    }
    spent = {}
    for what, work in works.items():
        if what == RECOVER:
            client.post(dataset_id, "session/clear/")
        if what in (VALIDATE, RECOVER):
            loading.forget_all()
        spent[what] = _spent(work)
    return spent


def one_order(token: str, dataset_id: uuid.UUID, ordered: dict[str, str]) -> Spent | None:
    """Order the rows once. Runs in a process of its own."""
    client = Client(token)
    client.page(dataset_id, 1, page_size=PAGE_ROWS)
    return _spent(lambda: client.page(dataset_id, 1, page_size=PAGE_ROWS, **ordered))


def _selections() -> tuple[dict[str, str], dict[str, str]]:
    """Return a filter that leaves half of the rows, and an order, both by a number."""
    path = parquet_file(settings.BENCH_DIR, LARGEST_PEER_ROWS)
    filtered, _ = next(filters_by(Thresholds.of(path, SYNTHETIC.filtered)))
    ordered, _ = next(order_by(SYNTHETIC.orders["a number"]))
    return filtered, ordered


def _spent(work: Callable[[], object]) -> Spent | None:
    def answered() -> None:
        work()

    try:
        return spent_here(answered, settle=await_lists)
    except NotAnswered:
        return None
