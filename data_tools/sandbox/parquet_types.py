"""The types of Parquet columns that a dataset can store, and the types they are handed on in."""

from __future__ import annotations

from enum import Enum, auto

import pyarrow as pa

from data_tools.sandbox.nested_json import is_list


class Family(Enum):
    """Types that are read in the same way."""

    INTEGER = auto()
    FLOAT = auto()
    BOOLEAN = auto()
    DATE = auto()
    TIMESTAMP = auto()
    DECIMAL = auto()
    TIME_OF_DAY = auto()
    DURATION = auto()
    TEXT = auto()
    BINARY = auto()


_FAMILIES = (
    (pa.types.is_integer, Family.INTEGER),
    (pa.types.is_floating, Family.FLOAT),
    (pa.types.is_boolean, Family.BOOLEAN),
    (pa.types.is_date, Family.DATE),
    (pa.types.is_timestamp, Family.TIMESTAMP),
    (pa.types.is_decimal, Family.DECIMAL),
    (pa.types.is_time, Family.TIME_OF_DAY),
    (pa.types.is_duration, Family.DURATION),
    (pa.types.is_string, Family.TEXT),
    (pa.types.is_large_string, Family.TEXT),
    (pa.types.is_null, Family.TEXT),
    (pa.types.is_large_binary, Family.BINARY),
)
_BINARY = (
    pa.types.is_binary,
    pa.types.is_large_binary,
    pa.types.is_binary_view,
    pa.types.is_fixed_size_binary,
)


def plain(type_: pa.DataType) -> pa.DataType:
    """Return the type in which the values are handed on.

    It is the type of the values without the dictionary, or the view, that encodes them; bytes of
    any sort are large binary; lists, structs, maps and UUIDs are texts.
    """
    if pa.types.is_dictionary(type_):
        return plain(type_.value_type)
    if is_uuid(type_) or is_nested(type_):
        return pa.large_string()
    if isinstance(type_, pa.BaseExtensionType):
        return plain(type_.storage_type)
    if any(is_binary(type_) for is_binary in _BINARY):
        return pa.large_binary()
    return pa.large_string() if pa.types.is_string_view(type_) else type_


def is_nested(type_: pa.DataType) -> bool:
    """Tell whether the values are lists, structs or maps."""
    return bool(is_list(type_) or pa.types.is_struct(type_) or pa.types.is_map(type_))


def is_uuid(type_: pa.DataType) -> bool:
    return isinstance(type_, pa.BaseExtensionType) and type_.extension_name == "arrow.uuid"


def family_of(type_: pa.DataType) -> Family | None:
    """Return the family of a plain type; None for one that a dataset cannot store."""
    return next((family for accepts, family in _FAMILIES if accepts(type_)), None)


def is_storable(type_: pa.DataType) -> bool:
    """Tell whether a dataset can store the values; of nested ones, whatever is inside them."""
    if pa.types.is_dictionary(type_):
        return is_storable(type_.value_type)
    if is_nested(type_):
        fields = [type_.field(position) for position in range(type_.num_fields)]
        return all(is_storable(field.type) for field in fields)
    return family_of(plain(type_)) is not None
