"""W13: the disk that a dataset takes: its rows, its packed columns, and lists of its rows.

What shares a table with other datasets is copied into one of the same form, whose files are then
measured with indexes and all.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator

from django.db import connection, transaction

from benchmarks.client import Client
from benchmarks.datasets import tables
from benchmarks.datasets.files import parquet_of
from benchmarks.datasets.thresholds import Thresholds
from benchmarks.derived import await_lists, forget_lists
from benchmarks.lines.pages import LARGEST_PEER_ROWS, PAGE_ROWS
from benchmarks.lines.selected_pages import SYNTHETIC, filters_by, order_by
from benchmarks.results import Comparison, Figure, Finding, limited
from benchmarks.sizes import beside_smallest
from data_tools.models import DataSource
from data_tools.row_tables.names import SHARED, own_table
from data_tools.row_tables.placement import has_own_table

LINE = "W13"
_MOST_OF_ROWS = 1.5
_MOST_PAGES_TOUCHED = 1.2
_LISTS = ("data_tools_rowlist", "data_tools_rowlistblock")
_BLOCKS = ("data_tools_storedcolumn", "data_tools_columnblock")
_OF_DATASET = "dataset_id = %s"
_OF_LISTS = "list_id IN (SELECT id FROM data_tools_rowlist WHERE dataset_id = %s)"
_WHICH = {"data_tools_rowlistblock": _OF_LISTS}
_PAGE_BYTES = 8192


def run(client: Client, *, row_counts: list[int]) -> Iterator[Finding]:
    """Say what each dataset takes by cell, and whether its rows lie together."""
    for row_count in row_counts:
        if row_count <= LARGEST_PEER_ROWS:
            yield from _bytes_by_cell(client, tables.synthetic(row_count))
    sizes = {min(row_counts), *beside_smallest(row_counts)}
    for dataset in (*map(tables.synthetic, sorted(sizes)), tables.real_flights()):
        yield limited(
            LINE,
            f"pages of the table that hold the {tables.label(dataset)}, of those they need",
            _pages_touched(dataset),
            "times",
            at_most=_MOST_PAGES_TOUCHED,
        )


def _bytes_by_cell(client: Client, dataset: DataSource) -> Iterator[Comparison]:
    """Measure with a list of one filter and of one order, as if somebody had just used both."""
    forget_lists()
    client.open_anew(dataset.pk)
    thresholds = Thresholds.of(parquet_of(dataset), SYNTHETIC.filtered)
    for selections in (filters_by(thresholds), order_by(SYNTHETIC.orders["a number"])):
        client.page(dataset.pk, 1, page_size=PAGE_ROWS, **next(selections)[0])
    await_lists()
    cells = dataset.row_count * len(dataset.columns)
    rows, blocks, lists = _bytes_of_rows(dataset), _bytes(_BLOCKS, dataset), _bytes(_LISTS, dataset)
    label = tables.label(dataset)
    for what, taken in (("packed columns", blocks), ("lists of rows", lists)):
        yield limited(LINE, f"{what}, {label}: by cell", taken / cells, "bytes")
    yield Comparison(
        line=LINE,
        work=f"everything, {label}: by cell",
        ours=Figure((rows + blocks + lists) / cells, "bytes"),
        beside="rows alone",
        peer=Figure(rows / cells, "bytes"),
        ratio=(rows + blocks + lists) / rows,
        goal=_MOST_OF_ROWS,
    )


def _bytes_of_rows(dataset: DataSource) -> int:
    key = dataset.pk, dataset.revision
    if not has_own_table(*key):
        return _bytes((SHARED,), dataset)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_total_relation_size(%s)", [own_table(*key)])
        return int(cursor.fetchone()[0])


def _bytes(names: tuple[str, ...], dataset: DataSource) -> int:
    return sum(_bytes_of(name, dataset.pk) for name in names)


def _bytes_of(name: str, dataset_id: uuid.UUID) -> int:
    measured = f"bench_measured_{name}"
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 0")
        cursor.execute(f"CREATE TABLE {measured} (LIKE {name} INCLUDING ALL)")
        cursor.execute(
            f"INSERT INTO {measured} SELECT * FROM {name} WHERE {_WHICH.get(name, _OF_DATASET)}",
            [dataset_id],
        )
        cursor.execute("SELECT pg_total_relation_size(%s)", [measured])
        [taken] = cursor.fetchone()
        cursor.execute(f"DROP TABLE {measured}")
    return int(taken)


def _pages_touched(dataset: DataSource) -> float:
    """Return on how many pages the rows lie, compared with how many their bytes would fill.

    A table of their own holds nothing else. Larger datasets than are loaded repeat their first
    rows, so that these tell how many bytes the others have.
    """
    key = [dataset.pk, dataset.revision]
    measured = min(dataset.row_count, tables.LARGEST_LOADED_ROWS)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 0")
        cursor.execute(
            "SELECT sum(pg_column_size(rows.*)::bigint + 4) FROM data_tools_datarow AS rows"
            " WHERE dataset_id = %s AND revision = %s AND row_number <= %s",
            [*key, measured],
        )
        needed = float(cursor.fetchone()[0]) * dataset.row_count / measured / _PAGE_BYTES
        if has_own_table(*key):
            cursor.execute("SELECT pg_relation_size(%s)", [own_table(*key)])
            touched = cursor.fetchone()[0] / _PAGE_BYTES
        else:
            cursor.execute(
                "SELECT count(DISTINCT (ctid::text::point)[0]) FROM ONLY data_tools_datarow"
                " WHERE dataset_id = %s AND revision = %s",
                key,
            )
            [touched] = cursor.fetchone()
    return touched / needed
