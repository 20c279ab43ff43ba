"""The datasets that are measured, made on first use among those of others."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from benchmarks.datasets import tables
from benchmarks.datasets.lived_in import with_others


def make_all(row_counts: list[int], *, among_others: bool) -> None:
    """Make the datasets that are not there yet, and read all rows once.

    The endpoints are measured at 100 thousand rows and the rarer lines at 10 thousand, whatever the
    sizes asked for; those datasets are made when they are needed.
    """
    loads: list[Callable[[], object]] = [
        partial(tables.synthetic, count)
        for count in row_counts
        if not tables.is_ready(tables.synthetic_name(count))
    ]
    if not tables.is_ready(tables.FLIGHTS):
        loads.append(tables.real_flights)
    if among_others:
        with_others(loads)
    else:
        for load in loads:
            load()
    tables.pack()
    tables.read_through()
