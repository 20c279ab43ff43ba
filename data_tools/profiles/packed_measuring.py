"""Figures of a column's values in blocks: to the last bit those that `measuring` measures.

Whatever the database computes with doubles there is computed here by the same steps, each of which
IEEE 754 defines; all else is exact. A property test holds both to the same profiles. Pure.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any

import orjson
import pyarrow as pa

from data_tools.columns import ColumnType
from data_tools.figures.cells import cells_of, values_at
from data_tools.figures.groups import Groups, TextGroups
from data_tools.figures.sums import (
    one_after_another,
    squares_of_floats,
    sums_of_floats,
    sums_of_integers,
)
from data_tools.profiles.profile import (
    LONGEST_VALUE_CHARACTERS,
    MICROSECONDS_OF_DAY,
    MOST_BUCKETS,
    MOST_FREQUENT,
    QUANTILE_PERCENTS,
    ColumnProfile,
    Measures,
    profile_of,
)
from data_tools.sql.exact_sums import (
    FINENESS,
    LEAST_MOVED,
    factor_for,
    power_above,
    unit_for,
)


def packed_profile(column_type: ColumnType, values: pa.ChunkedArray) -> ColumnProfile:
    """Return the profile of a column of these values, null where missing.

    Takes up to 12 bytes of memory for each row beside the values, and some megabytes; of texts up
    to fourteen times their dictionaries.
    """
    return profile_of(column_type, packed_measures(column_type, values))


def packed_measures(column_type: ColumnType, values: pa.ChunkedArray) -> Measures:
    """Return what the database counts and adds up of a column of these values."""
    if values.null_count == len(values):
        return Measures(missing=len(values))
    if column_type is ColumnType.TEXT:
        return _of_texts(TextGroups.of(values), values.null_count)
    groups = Groups.of(values)
    match column_type:
        case ColumnType.FLOAT:
            return _of_floats(groups, values.null_count)
        case ColumnType.DATE | ColumnType.DATETIME:
            return _of_moments(groups, values.null_count, values.type)
    return _of_integers(groups, values.null_count, is_boolean=column_type is ColumnType.BOOLEAN)


def _of_texts(groups: TextGroups, missing: int) -> Measures:
    first, last = groups.ends
    most_frequent = [
        (text[: LONGEST_VALUE_CHARACTERS + 1], count)
        for text, count in groups.most_frequent(MOST_FREQUENT)
    ]
    return Measures(
        values=groups.total,
        missing=missing,
        distinct=len(groups.texts),
        lowest_text=first[:LONGEST_VALUE_CHARACTERS],
        highest_text=last[:LONGEST_VALUE_CHARACTERS],
        text_bytes=groups.text_bytes,
        most_frequent=_json(most_frequent),
    )


def _of_integers(groups: Groups, missing: int, *, is_boolean: bool) -> Measures:
    low, high = groups.ends
    total, squares = sums_of_integers(groups.parts())
    return Measures(
        values=groups.total,
        missing=missing,
        distinct=len(groups.values),
        lowest_place=low,
        highest_place=high,
        sum_of_integers=total,
        squares_of_integers=squares,
        bucket_counts=None if is_boolean else _counted(groups, _whole_edges(low, high)),
        integer_quantiles=_quantiles(groups),
        most_frequent=_json(groups.most_frequent(MOST_FREQUENT)),
    )


def _of_moments(groups: Groups, missing: int, type_: pa.DataType) -> Measures:
    """Measure days, or microseconds that are written as texts of the Arrow type."""
    low, high = groups.ends
    if pa.types.is_date32(type_):
        edges, step = _whole_edges(low, high), MICROSECONDS_OF_DAY
    else:
        edges = [low + (high - low) * at // MOST_BUCKETS for at in range(MOST_BUCKETS)]
        step = 1
    most_frequent = groups.most_frequent(MOST_FREQUENT)
    places = [low, high, *(place for place, _ in most_frequent)]
    lowest, highest, *frequent = cells_of(values_at(places, type_))
    counts = [count for _, count in most_frequent]
    return Measures(
        values=groups.total,
        missing=missing,
        distinct=len(groups.values),
        lowest_place=low * step,
        highest_place=high * step,
        lowest_date=lowest,
        highest_date=highest,
        bucket_counts=_counted(groups, edges),
        most_frequent=_json(list(zip(frequent, counts, strict=True))),
    )


def _of_floats(groups: Groups, missing: int) -> Measures:
    """See Note [Three sums] in `sql.exact_sums` for what is added up."""
    lowest, highest = groups.ends
    farthest = max(abs(lowest), abs(highest))
    factor = factor_for(farthest)
    unit = unit_for(farthest * factor)
    multiples, fine_multiples, rest = sums_of_floats(
        groups.parts(), factor=factor, unit=unit, add_rests=one_after_another
    )
    total = float(multiples) * unit + float(fine_multiples) * (unit * FINENESS) + rest
    low, high = _moved(lowest, factor), _moved(highest, factor)
    centre = min(high, max(low, total / groups.total))
    reach = power_above(max(high - centre, centre - low))
    squares, fine_squares, finest_squares = squares_of_floats(
        groups.parts(), factor=factor, centre=centre, reach=reach
    )
    inner = [_edge(at / MOST_BUCKETS, low, high, factor) for at in range(1, MOST_BUCKETS)]
    edges = sorted([lowest, *(min(highest, max(lowest, edge)) for edge in inner), highest])
    return Measures(
        values=groups.total,
        missing=missing,
        distinct=len(groups.values),
        lowest_float=lowest,
        highest_float=highest,
        factor=factor,
        unit=unit,
        multiples=multiples,
        fine_multiples=fine_multiples,
        rest=rest,
        centre=centre,
        reach=reach,
        squares=squares,
        fine_squares=fine_squares,
        finest_squares=finest_squares,
        float_edges=edges,
        bucket_counts=_counted(groups, edges[:-1]),
        float_quantiles=_quantiles(groups),
        most_frequent=_json(groups.most_frequent(MOST_FREQUENT)),
    )


def _moved(value: float, factor: float) -> float:
    return 0.0 if factor < 1 and abs(value) < LEAST_MOVED else value * factor


def _whole_edges(low: int, high: int) -> list[int]:
    """Return the lower edge of each bucket of whole numbers."""
    width = (high - low) // MOST_BUCKETS + 1
    return list(range(low, high + 1, width))


def _edge(share: float, low: float, high: float, factor: float) -> float:
    """Return the inner edge of the buckets of floats at this share of the way up."""
    edge = min(high, max(low, _part(low, 1 - share) + _part(high, share)))
    if factor > 1 and abs(edge) < sys.float_info.min * factor:
        return 0.0
    return edge / factor


def _part(end: float, share: float) -> float:
    return 0.0 if abs(end) < 1e-300 else end * share


def _counted(groups: Groups, edges: Sequence[int | float]) -> str:
    counts = groups.between(edges)
    return orjson.dumps({str(at): count for at, count in enumerate(counts)}).decode()


def _quantiles(groups: Groups) -> list[Any]:
    """Return, for each quantile, its lower and upper neighbour among the sorted values."""
    last = groups.total - 1
    ranks = [
        rank
        for percent in QUANTILE_PERCENTS
        for rank in (last * percent // 100, (last * percent + 99) // 100)
    ]
    return groups.at(ranks)


def _json(most_frequent: Sequence[tuple[Any, int]]) -> str:
    return orjson.dumps(most_frequent).decode()
