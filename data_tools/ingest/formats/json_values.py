"""JSON values in memory: numbers stay as they are written, and what is not strict is refused."""

from __future__ import annotations

import json
from typing import Any


class WrittenNumber(str):
    """A number as it is written in JSON."""

    __slots__ = ()


class NotStrict(Exception):
    """JSON that Python's reader would accept; the message completes "record 2 …"."""


def as_json(value: Any) -> str:
    """Return a value as JSON without blanks, its numbers as they were written.

    Raises:
        RecursionError: it is nested too deeply.
    """
    match value:
        case WrittenNumber():
            return str(value)
        case list():
            return f"[{','.join(map(as_json, value))}]"
        case dict():
            pairs = (f"{as_json(key)}:{as_json(inner)}" for key, inner in value.items())
            return f"{{{','.join(pairs)}}}"
    return json.dumps(value, ensure_ascii=False)


def _object_of(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    values_by_key = dict(pairs)
    if len(values_by_key) < len(pairs):
        seen: set[str] = set()
        doubled = next(key for key, _ in pairs if key in seen or seen.add(key))
        raise NotStrict(f"has the key “{doubled[:80]}” twice")
    return values_by_key


def _refuse_constant(name: str) -> Any:
    raise NotStrict(f"contains {name}, which is not valid JSON; a missing value is null")


DECODER = json.JSONDecoder(
    object_pairs_hook=_object_of,
    parse_float=WrittenNumber,
    parse_int=WrittenNumber,
    parse_constant=_refuse_constant,
)
"""Reads strict JSON, with numbers as `WrittenNumber`s. Raises `NotStrict` for anything else."""
