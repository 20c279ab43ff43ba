"""WIDE: a file of very many columns is loaded once, and its dataset is worked on."""

from __future__ import annotations

import itertools
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import orjson
from django.conf import settings
from django.db import connection

from benchmarks.child_process import TookTooLong, spent_on
from benchmarks.client import Client
from benchmarks.datasets import tables
from benchmarks.datasets.files import wide_csv
from benchmarks.derived import forget_figures, forget_lists
from benchmarks.lines import loading
from benchmarks.lines.pages import PAGE_ROWS, PANDAS
from benchmarks.measuring import Effort, Work, medians_ms
from benchmarks.peers import figures, files, fits, selected_pages
from benchmarks.results import NO_ANSWER, Comparison, Figure, Finding, faster, limited
from data_tools.models import DataSource

LINE = "WIDE"
COLUMNS = 5_000
_MOST_GROWN_MB = 150.0
_MOST_LOADING_SECONDS = 300.0
# Fewer rows are those of a quick run, which a whole one measures for comparison. They have no
# goals, and are not described: with so many columns pandas would take most of a quick run.
_GOALS_FROM_ROWS = 1_000
_LEAST_OF_PANDAS = 0.1  # pandas may load the file in a tenth of the time
_CSV_BY_PANDAS = "pandas, CSV to Parquet"
_COLUMN = "column_7"
# How many times faster than pandas, as with the datasets of few columns and 100 thousand rows.
_PAGE, _FILTER, _ORDER, _FIT, _FIGURES = 10.0, 5.0, 4.0, 3.0, 3.0


def prepare(row_counts: list[int]) -> None:
    """Make the files."""
    for row_count in row_counts:
        wide_csv(columns=COLUMNS, rows=row_count)


def run(client: Client, effort: Effort, *, row_counts: list[int]) -> Iterator[Finding]:
    """Compare the loading, and then each kind of request, with pandas."""
    for row_count in row_counts:
        yield from _of(client, effort.share(sum(row_counts) / row_count), rows=row_count)


def _of(client: Client, effort: Effort, *, rows: int) -> Iterator[Finding]:
    csv = wide_csv(columns=COLUMNS, rows=rows)
    with tempfile.TemporaryDirectory(dir=settings.BENCH_DIR) as directory:
        parquet = Path(directory, "wide.parquet")
        begun = time.perf_counter()
        files.csv_to_parquet(csv, parquet)
        pandas_ms = (time.perf_counter() - begun) * 1000
        what = f"{rows:,} rows of {COLUMNS:,} columns"
        try:
            spent = spent_on(loading.load, csv, at_most_seconds=_MOST_LOADING_SECONDS)
        except TookTooLong:
            _forget_unfinished()
            yield _not_loaded(what, pandas_ms)
            return
        work = f"load CSV, {what}"
        at_least = _LEAST_OF_PANDAS if rows >= _GOALS_FROM_ROWS else None
        yield faster(LINE, work, spent.ms, _CSV_BY_PANDAS, pandas_ms, at_least=at_least)
        yield limited(LINE, f"{work}: memory", spent.grown_mb, "MB", at_most=_MOST_GROWN_MB)
        dataset = DataSource.objects.get(pk=spent.result)
        try:
            yield from _requests(client, effort, dataset, parquet, what)
        finally:
            tables.remove(dataset)


def _requests(
    client: Client, effort: Effort, dataset: DataSource, parquet: Path, what: str
) -> Iterator[Finding]:
    client.open_anew(dataset.pk)
    every = _works(client, dataset, parquet)
    for name, (ours, by_pandas, at_least) in every.items():
        ms = medians_ms({"ours": ours, PANDAS: Work(by_pandas)}, effort.share(len(every)))
        work = f"{name}, {what}"
        goal = at_least if dataset.row_count >= _GOALS_FROM_ROWS else None
        yield faster(LINE, work, ms["ours"], PANDAS, ms[PANDAS], at_least=goal)


def _works(
    client: Client, dataset: DataSource, parquet: Path
) -> dict[str, tuple[Work, Callable[[], object], float]]:
    """Return each kind of request, the same by pandas, and how many times faster it is to be."""
    filters = (
        {"filter": orjson.dumps([{"column": _COLUMN, "op": "gt", "value": turn / 1000}]).decode()}
        for turn in itertools.count()
    )
    filtered = selected_pages.Selection(more_than=(_COLUMN, 0.0))
    ordered = selected_pages.Selection(sorted_by=(_COLUMN,))
    middle = dataset.row_count // PAGE_ROWS // 2

    def page(number: int, **selection: str) -> bytes:
        return client.page(dataset.pk, number, page_size=PAGE_ROWS, **selection)

    def by_pandas(selection: selected_pages.Selection, number: int) -> Callable[[], bytes]:
        offset = PAGE_ROWS * (number - 1)
        return lambda: selected_pages.pandas_selected_page(
            parquet, selection, offset=offset, size=PAGE_ROWS
        )

    def get(endpoint: str) -> Work:
        return Work(
            lambda: client.get(dataset.pk, endpoint), before=lambda: forget_figures(dataset.pk)
        )

    def fill() -> object:
        body = {"columns": [_COLUMN], "strategy": "median"}
        return client.post(dataset.pk, "session/fill-missing-values/", body)

    def undo() -> object:
        return client.post(dataset.pk, "session/undo/")

    works = {
        "page": (Work(lambda: page(middle)), by_pandas(selected_pages.Selection(), middle), _PAGE),
        "filter by a number, first page": (
            Work(lambda: page(1, **next(filters)), before=forget_lists),
            by_pandas(filtered, 1),
            _FILTER,
        ),
        "order by a number, first page": (
            Work(lambda: page(middle, sort=_COLUMN), before=forget_lists),
            by_pandas(ordered, middle),
            _ORDER,
        ),
        "fill by median": (
            Work(fill, after=undo),
            lambda: fits.changed_page(parquet, fits.filled(_COLUMN, "median")),
            _FIT,
        ),
        "`nan/analysis/`": (get("nan/analysis/"), lambda: figures.missing(parquet), _FIGURES),
    }
    if dataset.row_count >= _GOALS_FROM_ROWS:
        for endpoint in ("columns/", "session/column-statistics/"):
            described = partial(figures.described, parquet)
            works[f"`{endpoint}`"] = (get(endpoint), described, _FIGURES)
    return works


def _not_loaded(what: str, pandas_ms: float) -> Comparison:
    return Comparison(
        line=LINE,
        work=f"load CSV, {what}: ended after {_MOST_LOADING_SECONDS:.0f} s",
        ours=Figure(NO_ANSWER, "ms"),
        beside=_CSV_BY_PANDAS,
        peer=Figure(pandas_ms, "ms"),
        ratio=NO_ANSWER,
        goal=_LEAST_OF_PANDAS,
        sense="at least",
    )


def _forget_unfinished() -> None:
    """Remove the dataset whose loading was ended, once the server has given up the loading."""
    for dataset in DataSource.objects.filter(name=loading.NAME):
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = '60s'")
            tables.remove(dataset)
            cursor.execute("RESET lock_timeout")
