"""The types of Parquet columns that a dataset can store."""

from __future__ import annotations

from enum import Enum, auto

import pyarrow as pa


class Family(Enum):
    """Types that are read in the same way."""

    INTEGER = auto()
    FLOAT = auto()
    BOOLEAN = auto()
    DATE = auto()
    TIMESTAMP = auto()
    DECIMAL = auto()
    TIME_OF_DAY = auto()
    TEXT = auto()


_FAMILIES = (
    (pa.types.is_integer, Family.INTEGER),
    (pa.types.is_floating, Family.FLOAT),
    (pa.types.is_boolean, Family.BOOLEAN),
    (pa.types.is_date, Family.DATE),
    (pa.types.is_timestamp, Family.TIMESTAMP),
    (pa.types.is_decimal, Family.DECIMAL),
    (pa.types.is_time, Family.TIME_OF_DAY),
    (pa.types.is_string, Family.TEXT),
    (pa.types.is_large_string, Family.TEXT),
    (pa.types.is_null, Family.TEXT),
)


def plain(type_: pa.DataType) -> pa.DataType:
    """Return the type of the values without the dictionary, or the view, that encodes them."""
    if pa.types.is_dictionary(type_):
        return plain(type_.value_type)
    return pa.large_string() if pa.types.is_string_view(type_) else type_


def family_of(type_: pa.DataType) -> Family | None:
    """Return the family of a plain type; None for binary, lists, structs, maps and durations."""
    return next((family for accepts, family in _FAMILIES if accepts(type_)), None)
