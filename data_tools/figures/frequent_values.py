"""The values that a column has most often."""

from __future__ import annotations

from typing import Any

import pyarrow as pa

from data_tools.figures.cells import cells_of, values_at
from data_tools.figures.groups import Groups, TextGroups


def frequent_values(column: pa.ChunkedArray, most: int) -> list[tuple[Any, int]]:
    """Return at most so many values as cells hold them, each with the number of its rows.

    They are ordered by that number, the largest first, then by value; texts by code point.
    """
    if pa.types.is_dictionary(column.type):
        return TextGroups.of(column).most_frequent(most)
    frequent = Groups.of(column).most_frequent(most)
    places, counts = [place for place, _ in frequent], [count for _, count in frequent]
    if pa.types.is_boolean(column.type):
        cells: list[Any] = [bool(place) for place in places]
    elif pa.types.is_date32(column.type) or pa.types.is_timestamp(column.type):
        cells = cells_of(values_at(places, column.type))
    else:
        cells = places
    return list(zip(cells, counts, strict=True))
