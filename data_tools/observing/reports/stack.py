"""What is kept of a reported exception: its class and where it happened, not what it says.

Messages quote rows, literals and inputs: PostgreSQL's, and those of ValueError and KeyError.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from data_tools.observing.reports.shapes import (
    Shape,
    each_picked,
    is_boolean,
    is_number,
    one_of,
    picked,
)


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _is_lines(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(line, str) for line in value)


# All of it stands in the source code. Local variables (`vars`) are not among it.
_FRAME: dict[str, Shape] = {
    "filename": _is_text,
    "abs_path": _is_text,
    "module": _is_text,
    "function": _is_text,
    "lineno": is_number,
    "in_app": is_boolean,
    "pre_context": _is_lines,
    "context_line": _is_text,
    "post_context": _is_lines,
}
_EXCEPTION: dict[str, Shape] = {"type": _is_text, "module": _is_text}
_MECHANISM: dict[str, Shape] = {
    "type": one_of("logging", "excepthook", "threading", "generic", "chained"),
    "handled": is_boolean,
    "exception_id": is_number,
    "parent_id": is_number,
    "is_exception_group": is_boolean,
    "source": one_of("__cause__", "__context__"),
}


def exceptions_in(event: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the event's exceptions, those that they came from included, without messages."""
    values = (event.get("exception") or {}).get("values") or []
    return [_exception(value) for value in values]


def _exception(value: Mapping[str, Any]) -> dict[str, Any]:
    kept = picked(value, _EXCEPTION)
    if mechanism := picked(value.get("mechanism") or {}, _MECHANISM):
        # The protocol requires a type, whatever the SDK calls it.
        kept["mechanism"] = {"type": "generic", **mechanism}
    if frames := (value.get("stacktrace") or {}).get("frames"):
        kept["stacktrace"] = {"frames": each_picked(frames, _FRAME)}
    return kept


def place_of(exceptions: list[dict[str, Any]]) -> tuple[object, ...]:
    """Return what tells one fault from another: the classes, and our innermost line."""
    frames = exceptions[-1].get("stacktrace", {}).get("frames", [])
    ours = [frame for frame in frames if frame.get("in_app")] or frames
    last = ours[-1] if ours else {}
    return (*(each.get("type") for each in exceptions), last.get("abs_path"), last.get("lineno"))
