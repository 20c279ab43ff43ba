"""Lists, structs and maps of Arrow as JSON texts without blanks, as a JSON file's are kept.

| in Arrow | as JSON |
| --- | --- |
| list, fixed or large | array |
| struct, map | object if the keys are texts, each once; else array of `[key, value]` |
| NaN, infinities | null, counted |
| decimal | number with all its digits |
| date, time, timestamp | text in ISO 8601, in UTC if there is a zone |
| duration | text such as `26:15:00.5` |
| binary | text, if it is UTF-8 |

`pa.Array.to_pylist` and a JSON writer are no help: they refuse nanoseconds, and lose digits.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from data_tools.sandbox.durations import spelled
from data_tools.sandbox.far_moments import iso_texts

NANOSECONDS = {"s": 10**9, "ms": 10**6, "us": 10**3, "ns": 1}


class NotText(Exception):
    """Some bytes inside a list or struct are not UTF-8 text."""


@dataclass(slots=True, kw_only=True)
class NoNumbers:
    """How many floats became null."""

    nan_count: int = 0
    infinity_count: int = 0


def json_texts(values: pa.Array, no_numbers: NoNumbers) -> list[str]:
    """Return the JSON text of each value, `null` for a missing one.

    Raises:
        NotText: some bytes are not UTF-8.
    """
    type_ = values.type
    if pa.types.is_dictionary(type_):
        return json_texts(values.dictionary_decode(), no_numbers)
    if isinstance(type_, pa.BaseExtensionType) and type_.extension_name != "arrow.uuid":
        return json_texts(values.storage, no_numbers)
    if pa.types.is_struct(type_):
        texts = _objects(values, no_numbers)
    elif pa.types.is_map(type_):
        texts = _maps(values, no_numbers)
    elif is_list(type_):
        texts = _arrays(values, no_numbers)
    else:
        return _leaves(values, no_numbers)
    if not values.null_count:
        return texts
    is_valid = values.is_valid().to_pylist()
    return [text if valid else "null" for text, valid in zip(texts, is_valid, strict=True)]


def is_list(type_: pa.DataType) -> bool:
    """Tell whether the values are lists, of whatever encoding."""
    return bool(
        pa.types.is_list(type_)
        or pa.types.is_large_list(type_)
        or pa.types.is_fixed_size_list(type_)
        or pa.types.is_list_view(type_)
        or pa.types.is_large_list_view(type_)
    )


def _objects(values: pa.StructArray, no_numbers: NoNumbers) -> list[str]:
    if not values.type.num_fields:
        return ["{}"] * len(values)
    names = [json.dumps(field.name, ensure_ascii=False) for field in values.type]
    # Flattened, so that what lies under a missing struct is missing, and counted nowhere.
    members = [json_texts(member, no_numbers) for member in values.flatten()]
    return [_object(names, texts) for texts in zip(*members, strict=True)]


def _arrays(values: pa.Array, no_numbers: NoNumbers) -> list[str]:
    if not (pa.types.is_list(values.type) or pa.types.is_large_list(values.type)):
        values = values.cast(pa.large_list(values.type.value_type))
    texts = json_texts(values.flatten(), no_numbers)
    return [f"[{','.join(part)}]" for part in _parts(texts, pc.list_value_length(values))]


def _maps(values: pa.MapArray, no_numbers: NoNumbers) -> list[str]:
    offsets = values.offsets.to_pylist()
    first, last = offsets[0], offsets[-1]
    keys = json_texts(values.keys.slice(first, last - first), no_numbers)
    items = json_texts(values.items.slice(first, last - first), no_numbers)
    texts = []
    for start, end in zip(offsets, offsets[1:], strict=False):
        part = slice(start - first, end - first)
        texts.append(_object(keys[part], items[part]))
    return texts


def _object(keys: Sequence[str], items: Sequence[str]) -> str:
    """Return an object, or an array of pairs if a key is no text or is there twice."""
    pairs = zip(keys, items, strict=True)
    if all(key.startswith('"') for key in keys) and len(set(keys)) == len(keys):
        return "{" + ",".join(f"{key}:{item}" for key, item in pairs) + "}"
    return "[" + ",".join(f"[{key},{item}]" for key, item in pairs) + "]"


def _parts(texts: list[str], lengths: pa.Array) -> Iterable[list[str]]:
    start = 0
    for length in lengths.to_pylist():
        end = start + (length or 0)
        yield texts[start:end]
        start = end


def _leaves(values: pa.Array, no_numbers: NoNumbers) -> list[str]:
    type_ = values.type
    if pa.types.is_boolean(type_) or pa.types.is_integer(type_) or pa.types.is_decimal(type_):
        return ["null" if text is None else text for text in values.cast(pa.string()).to_pylist()]
    if pa.types.is_floating(type_):
        numbers = values.cast(pa.float64()).to_pylist()
        return ["null" if number is None else _float(number, no_numbers) for number in numbers]
    if pa.types.is_null(type_):
        return ["null"] * len(values)
    texts = plain_texts(values)
    return ["null" if text is None else json.dumps(text, ensure_ascii=False) for text in texts]


def _float(number: float, no_numbers: NoNumbers) -> str:
    if math.isfinite(number):
        return repr(number)
    if math.isnan(number):
        no_numbers.nan_count += 1
    else:
        no_numbers.infinity_count += 1
    return "null"


def plain_texts(values: pa.Array) -> list[str | None]:
    """Return values that JSON writes as texts: texts, bytes, dates, times, durations and UUIDs.

    Raises:
        NotText: some bytes are not UTF-8.
    """
    type_ = values.type
    if pa.types.is_duration(type_):
        factor = NANOSECONDS[type_.unit]
        return [
            None if number is None else spelled(number * factor)
            for number in values.cast(pa.int64()).to_pylist()
        ]
    if isinstance(type_, pa.BaseExtensionType):
        return [None if value is None else str(value) for value in values.to_pylist()]
    if pa.types.is_timestamp(type_):
        zone = "UTC" if type_.tz is not None else None
        texts = iso_texts(values.cast(pa.timestamp(type_.unit, zone)))
        return _without_zeros(pc.replace_substring(texts, " ", "T"))
    if pa.types.is_time(type_):
        return _without_zeros(values.cast(pa.string()))
    if pa.types.is_date(type_):
        return list(iso_texts(values).to_pylist())
    if pa.types.is_fixed_size_binary(type_):
        values = values.cast(pa.large_binary())
    try:
        return list(values.cast(pa.large_string()).to_pylist())
    except (pa.ArrowInvalid, UnicodeDecodeError) as error:
        raise NotText from error


def _without_zeros(times: pa.StringArray) -> list[str | None]:
    """Return the times without zeros at the end of their fraction."""
    shorter = pc.replace_substring_regex(times, r"(\.[0-9]*[1-9])0+(Z?)$", r"\1\2")
    return list(pc.replace_substring_regex(shorter, r"\.0+(Z?)$", r"\1").to_pylist())
