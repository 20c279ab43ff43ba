"""The datasets that are measured, made on first use among those of others."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from django.conf import settings

from benchmarks.datasets import tables
from benchmarks.datasets.lived_in import has_been_lived_in, with_others


def make_all(row_counts: list[int], *, among_others: bool) -> None:
    """Make the datasets that are not there yet.

    The endpoints are measured at 100 thousand rows and the rarer lines at 10 thousand, whatever the
    sizes asked for; those datasets are made when they are needed.
    """
    others_come = among_others and not has_been_lived_in()
    if others_come:
        _remove_small(row_counts)
    loads: list[Callable[[], object]] = [
        partial(tables.synthetic, count)
        for count in row_counts
        if not tables.is_ready(tables.synthetic_name(count))
    ]
    if not tables.is_ready(tables.FLIGHTS):
        loads.append(tables.real_flights)
    if others_come:
        with_others(loads)
    else:
        for load in loads:
            load()
    tables.pack()


def _remove_small(row_counts: list[int]) -> None:
    """Remove datasets that share a table with others', and were loaded before them."""
    for count in row_counts:
        if count < settings.OWN_TABLE_ROWS and tables.is_ready(tables.synthetic_name(count)):
            tables.remove(tables.synthetic(count))
