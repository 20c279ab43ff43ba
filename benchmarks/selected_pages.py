"""W3 and W4: the first page of a filter, and of an order, and the pages after it."""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable, Iterator

import orjson

from benchmarks import peers, tables
from benchmarks.client import Client
from benchmarks.measuring import Work, medians_ms
from benchmarks.pages import LARGEST_PEER_ROWS, PAGE_ROWS, parquet_of, random_page
from benchmarks.results import Comparison, milliseconds
from data_tools.models import DataSource, RowList
from data_tools.rows.lists.keeping import KEEPER

_COLUMNS = {tables.FLIGHTS: ("dep_delay", ("dep_delay", "dest"))}
_SYNTHETIC_COLUMNS = ("float_1", ("float_1", "few_1"))
_SLOWEST_FIRST = 1.0
_SLOWEST_NEXT = 2.0
_PATIENCE_SECONDS = 60


def run(client: Client, *, row_counts: list[int], rounds: int) -> list[Comparison]:
    """Compare first pages with pandas and DuckDB, the next ones with a page of all rows."""
    sizes = [count for count in row_counts if count <= LARGEST_PEER_ROWS]
    datasets = [*map(tables.synthetic, sizes), tables.real_flights()]
    return [found for dataset in datasets for found in _of(client, dataset, rounds)]


def _of(client: Client, dataset: DataSource, rounds: int) -> Iterator[Comparison]:
    client.post(dataset.pk, "session/clear/")
    client.post(dataset.pk, "session/initialize/")
    filtered, sorted_by = _COLUMNS.get(dataset.name, _SYNTHETIC_COLUMNS)
    yield from _compared(client, dataset, "W3", f"filter {filtered}", rounds, _filter(filtered))
    for name in sorted_by:
        yield from _compared(client, dataset, "W4", f"sort {name}", rounds, _sort(name))


Selection = tuple[dict[str, str], peers.Selection]


def _filter(column: str) -> Iterator[Selection]:
    """Yield filters with different numbers, so that no list of their rows exists."""
    for turn in itertools.count():
        least = 1 + turn / 1000
        condition = {"column": column, "op": "gt", "value": least}
        yield (
            {"filter": orjson.dumps([condition]).decode()},
            peers.Selection(more_than=(column, least)),
        )


def _sort(column: str) -> Iterator[Selection]:
    yield from itertools.repeat(({"sort": column}, peers.Selection(sorted_by=column)))


def _compared(
    client: Client,
    dataset: DataSource,
    line: str,
    what: str,
    rounds: int,
    selections: Iterator[Selection],
) -> Iterator[Comparison]:
    duck, path = peers.DuckDB(), parquet_of(dataset)
    choice = random.Random(dataset.row_count)
    known, _ = next(selections)
    client.page(dataset.pk, 1, page_size=PAGE_ROWS, **known)
    # A filter leaves at least a tenth of the rows.
    pages = dataset.row_count // PAGE_ROWS // (10 if line == "W3" else 1)

    def first() -> bytes:
        return client.page(dataset.pk, _first_page(), page_size=PAGE_ROWS, **next(selections)[0])

    def peer(page: Callable[..., bytes]) -> Work:
        return Work(
            lambda: page(
                path, next(selections)[1], offset=PAGE_ROWS * (_first_page() - 1), size=PAGE_ROWS
            )
        )

    def _first_page() -> int:
        return 1 if line == "W3" else choice.randint(1, pages)

    works = {
        "first": Work(first, before=_forget_lists),
        "pandas": peer(peers.pandas_selected_page),
        "DuckDB": peer(duck.selected_page),
    }
    ms = medians_ms(works, rounds=rounds)
    client.page(dataset.pk, 1, page_size=PAGE_ROWS, **known)
    KEEPER.finish(_PATIENCE_SECONDS)
    next_page = Work(
        lambda: client.page(dataset.pk, choice.randint(1, pages), page_size=PAGE_ROWS, **known)
    )
    ms |= medians_ms({"next": next_page, "plain": random_page(client, dataset)}, rounds=rounds)
    label = tables.label(dataset)
    for name in ("pandas", "DuckDB"):
        yield Comparison(
            line=line,
            work=f"{what}, first page, {label}",
            ours=milliseconds(ms["first"]),
            peer=f"{name} {milliseconds(ms[name])}",
            ratio=ms["first"] / ms[name],
            goal=_SLOWEST_FIRST if name == "pandas" and dataset.row_count >= 100_000 else None,
        )
    yield Comparison(
        line=line,
        work=f"{what}, next pages, {label}",
        ours=milliseconds(ms["next"]),
        peer=f"page of all rows {milliseconds(ms['plain'])}",
        ratio=ms["next"] / ms["plain"],
        goal=_SLOWEST_NEXT,
    )


def _forget_lists() -> None:
    """Forget them once the last one, which is stored behind its first page, is there."""
    if not KEEPER.finish(_PATIENCE_SECONDS):
        raise RuntimeError("a list of rows is still not stored")
    RowList.objects.all().delete()
