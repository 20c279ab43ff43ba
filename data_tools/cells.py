"""Cells that know what they are, as one array of texts: what Excel and JSON files are made of.

A cell is one letter for its kind and then its value as text; a missing one is null. Of a number
the text is as it is written, so that no digit is lost before the column's type is known.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from enum import StrEnum

import pyarrow as pa
import pyarrow.compute as pc


class Kind(StrEnum):
    """What a cell is; its letter."""

    NUMBER = "n"
    BOOLEAN = "b"
    DATE = "d"
    DATETIME = "t"
    TIME = "o"
    """A time of day or a duration."""
    TEXT = "s"
    NESTED = "j"
    """A list or an object, as JSON."""


def batch_of(rows: Sequence[Sequence[str | None]], width: int) -> pa.RecordBatch:
    """Rows of cells as a batch of `width` columns; a row that is too short misses the rest."""
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
    """How many cells there are of each kind; the missing ones are not counted."""
    counts = pc.value_counts(pc.utf8_slice_codeunits(cells.drop_null(), 0, 1))
    return Counter({entry["values"]: entry["counts"] for entry in counts.to_pylist()})


def texts_of(cells: pa.StringArray) -> pa.StringArray:
    """The cells' values without their kinds."""
    return pc.utf8_slice_codeunits(cells, 1)


def of_kind(cells: pa.StringArray, kind: Kind) -> pa.BooleanArray:
    return pc.starts_with(cells, pattern=str(kind))
