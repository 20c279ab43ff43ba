"""Shapes that a value of a user's can hardly have; what has none of them is not reported."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

Shape = Callable[[object], bool]


def _text_like(pattern: str) -> Shape:
    matches = re.compile(pattern).fullmatch
    return lambda value: isinstance(value, str) and matches(value) is not None


def is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def is_boolean(value: object) -> bool:
    return isinstance(value, bool)


def one_of(*choices: str) -> Shape:
    return lambda value: value in choices


is_uuid = _text_like(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
is_code = _text_like(r"[A-Z][A-Z0-9_]{1,60}")
is_word = _text_like(r"[a-z][a-z0-9_]{0,40}")
is_method = one_of("GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE")
is_dotted_name = _text_like(r"[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*){0,20}")
is_sqlstate = _text_like(r"[0-9A-Z]{5}")
is_selection_shape = _text_like(r"[a-z0-9_ ,()-]{1,1000}")
is_trace_id = _text_like(r"[0-9a-f]{32}")


def picked(source: Mapping[str, Any], shapes: Mapping[str, Shape]) -> dict[str, Any]:
    """Return the entries that are named in `shapes` and have the shape."""
    return {
        name: source[name]
        for name, has_shape in shapes.items()
        if name in source and has_shape(source[name])
    }


def each_picked(values: Iterable[object], shapes: Mapping[str, Shape]) -> list[dict[str, Any]]:
    """Apply `picked` to each mapping; skip anything else."""
    return [picked(value, shapes) for value in values if isinstance(value, Mapping)]
