"""A sample of the real flights, as a table to store and as a data frame for the references.

It is every 112th flight of the year, 3,007 rows, with the gaps of the cancelled ones.
"""

from __future__ import annotations

import csv
import functools
from pathlib import Path
from typing import Any

import pandas as pd

from tests.support.reference_rows import Table

EVERY = 112
INTEGERS = ("month", "day", "dep_delay", "arr_delay", "distance", "hour")
TEXTS = ("carrier", "origin", "dest", "tailnum")
TYPES = {
    **dict.fromkeys(INTEGERS, "integer"),
    **dict.fromkeys(TEXTS, "text"),
    "time_hour": "datetime",
    "date": "date",
    "air_hours": "float",
    "is_late": "boolean",
    "route": "text",  # untidy, and not ASCII
}


@functools.cache
def flights_rows(path: Path) -> tuple[tuple[Any, ...], ...]:
    with path.open(newline="") as file:
        return tuple(
            _row(flight)
            for number, flight in enumerate(csv.DictReader(file))
            if number % EVERY == 0
        )


def flights_table(path: Path, rows: int | None = None) -> Table:
    """Return the first `rows` flights of the sample, by default all, with the columns of TYPES."""
    return Table(
        names=list(TYPES),
        types=list(TYPES.values()),
        rows=[list(row) for row in flights_rows(path)[:rows]],
    )


def frame_of(table: Table) -> pd.DataFrame:
    """Return the table with numbers as doubles, NaN for missing, and all else as objects, None."""
    columns = {}
    for at, (name, column_type) in enumerate(zip(table.names, table.types, strict=True)):
        dtype = "float64" if column_type in ("integer", "float") else "object"
        columns[name] = pd.Series([row[at] for row in table.rows], dtype=dtype)
    return pd.DataFrame(columns)


def _row(flight: dict[str, str]) -> tuple[Any, ...]:
    cells = {name: None if text == "NA" else text for name, text in flight.items()}
    air_time, delay = cells["air_time"], cells["arr_delay"]
    return (
        *(None if cells[name] is None else int(cells[name]) for name in INTEGERS),
        *(cells[name] for name in TEXTS),
        cells["time_hour"],
        f"{cells['year']}-{int(flight['month']):02d}-{int(flight['day']):02d}",
        None if air_time is None else int(air_time) / 60,
        None if delay is None else int(delay) > 15,
        f" {cells['origin']} é→ {cells['dest']}\u00a0\n",
    )
