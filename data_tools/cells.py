"""Cells that carry their kind, in arrays of texts: the form in which Excel and JSON files are read.

A cell is one letter for its kind, then its value as text; a missing cell is null. A number keeps
the text it was written with, so that no digit is lost before the column's type is known.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from enum import StrEnum

import pyarrow as pa
import pyarrow.compute as pc


class Kind(StrEnum):
    """The kinds of cell, each with its letter."""

    NUMBER = "n"
    BOOLEAN = "b"
    DATE = "d"
    DATETIME = "t"
    TIME = "o"
    """A time of day: `05:04:00`."""
    DURATION = "u"
    """A duration: `26:15:00`, or `-2:00:00`."""
    TEXT = "s"
    NESTED = "j"
    """A list or an object, as JSON."""


def batch_of(rows: Sequence[Sequence[str | None]], width: int) -> pa.RecordBatch:
    """Return rows of cells as a batch of `width` columns; the rest of a short row is missing."""
    columns: list[list[str | None]] = [[] for _ in range(width)]
    for row in rows:
        for column, cell in zip(columns, row, strict=False):
            column.append(cell)
        for column in columns[len(row) :]:
            column.append(None)
    return pa.RecordBatch.from_arrays(
        [pa.array(column, pa.string()) for column in columns],
        names=[str(position) for position in range(width)],
    )


def count_kinds(cells: pa.StringArray) -> Counter[str]:
    """Return the number of cells of each kind; missing ones are not counted."""
    counts = pc.value_counts(pc.utf8_slice_codeunits(cells.drop_null(), 0, 1))
    return Counter({entry["values"]: entry["counts"] for entry in counts.to_pylist()})


def texts_of(cells: pa.StringArray) -> pa.StringArray:
    """Return the cells' values without their kinds."""
    return pc.utf8_slice_codeunits(cells, 1)


def of_kind(cells: pa.StringArray, kind: Kind) -> pa.BooleanArray:
    """Return for each cell whether it is of that kind; null for a missing one."""
    return pc.starts_with(cells, pattern=str(kind))
