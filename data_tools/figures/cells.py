"""Values as blocks hold them, and as the cells that rows store of them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

_EPOCH = dt.datetime(1970, 1, 1)  # noqa: DTZ001 - a column's times have no zone, or are all UTC
_MICROSECONDS = {"s": 1_000_000, "ms": 1_000, "us": 1}


def cells_of(values: pa.Array) -> list[Any]:
    """Return values of any type as cells; those of dates and times are texts."""
    if pa.types.is_date32(values.type) or pa.types.is_timestamp(values.type):
        values = iso_texts(values)
    cells: list[Any] = values.to_pylist()
    return cells


def iso_texts(values: pa.Array) -> pa.StringArray:
    """Return dates or times in ISO 8601, as they are stored.

    The unit of times says how many digits their fractions have, and a zone that they end in `Z`.
    """
    if pa.types.is_date32(values.type):
        return values.cast(pa.string())
    without_zone = values.cast(pa.int64()).cast(pa.timestamp(values.type.unit))
    texts = pc.binary_replace_slice(without_zone.cast(pa.string()), 10, 11, "T")
    return pc.binary_join_element_wise(texts, "Z", "") if values.type.tz else texts


def values_at(places: Sequence[int], type_: pa.DataType) -> pa.Array:
    """Return the dates or times that `Groups` counts as days, or microseconds, since 1970."""
    if pa.types.is_date32(type_):
        return pa.array(places, pa.int32()).cast(type_)
    per_tick = _MICROSECONDS[type_.unit]
    return pa.array([place // per_tick for place in places], pa.int64()).cast(type_)


def places_of(cells: Sequence[Any], type_: pa.DataType) -> list[Any]:
    """Return cells as `Groups` counts them: the reverse of `values_at`; numbers are themselves.

    Times have no zone.
    """
    if not pa.types.is_temporal(type_):
        return list(cells)
    unit = dt.timedelta(days=1) if pa.types.is_date32(type_) else dt.timedelta(microseconds=1)
    return [(dt.datetime.fromisoformat(cell) - _EPOCH) // unit for cell in cells]
