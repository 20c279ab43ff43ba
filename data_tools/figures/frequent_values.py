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
    frequent, _ = all_or_frequent_values(column, most)
    return frequent


def all_or_frequent_values(
    column: pa.ChunkedArray, most: int, *, all_up_to: int = 0
) -> tuple[list[tuple[Any, int]], bool]:
    """Return all values if there are at most `all_up_to`, or else as `frequent_values` does.

    And whether they are all.
    """
    groups = (TextGroups if pa.types.is_dictionary(column.type) else Groups).of(column)
    are_all = groups.distinct <= max(most, all_up_to)
    frequent = groups.most_frequent(groups.distinct if are_all else most)
    if isinstance(groups, TextGroups):
        return frequent, are_all
    places: list[Any] = [place for place, _ in frequent]
    counts = [count for _, count in frequent]
    if pa.types.is_boolean(column.type):
        cells = [bool(place) for place in places]
    elif pa.types.is_date32(column.type) or pa.types.is_timestamp(column.type):
        cells = cells_of(values_at(places, column.type))
    else:
        cells = places
    return list(zip(cells, counts, strict=True)), are_all
