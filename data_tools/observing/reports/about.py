"""What a report is about: the trace, tags and user of what this thread does."""

from __future__ import annotations

import platform
from collections.abc import Mapping
from typing import Any

from data_tools.observing import activity
from data_tools.observing.activity import Activity
from data_tools.observing.reports.shapes import (
    Shape,
    is_code,
    is_dotted_name,
    is_method,
    is_number,
    is_selection_shape,
    is_sqlstate,
    is_trace_id,
    is_uuid,
    is_word,
    picked,
)
from data_tools.observing.reports.steps import recording_of
from data_tools.observing.trace import current_trace_id

# The facts by which reports can be searched. `route` is the pattern of an address, as in the
# source code, never the address itself.
_TAGS: dict[str, Shape] = {
    "code": is_code,
    "route": lambda value: isinstance(value, str),
    "task": is_dotted_name,
    "method": is_method,
    "status": is_number,
    "operation": is_word,
    "dataset_id": is_uuid,
    "session_id": is_uuid,
    "version": is_number,
    "sqlstate": is_sqlstate,
}
_FIGURES = ("rows_scanned", "rows_returned", "page_number", "page_size", "gate_wait_ms")
# Filters and orders by the keys of their columns and by operators, as the log line has them.
_WORK: dict[str, Shape] = {
    **dict.fromkeys(_FIGURES, is_number),
    **dict.fromkeys(("filter_shape", "sort_shape"), is_selection_shape),
    "read_from": is_word,
}


def trace_context() -> dict[str, Any]:
    """Return the trace that the answer, the log lines and the events have as well.

    Its span is the one of the request's or job's own transaction.
    """
    known, recording = current_trace_id(), recording_of(activity.current())
    return {
        "trace_id": known if is_trace_id(known) else recording.trace_id,
        "span_id": recording.span_id,
    }


def facts() -> dict[str, Any]:
    """Return the facts of the current request or job; none outside of both."""
    this = activity.current()
    return {} if this is None else {**this.facts, "code": this.facts.get("error_code")}


def tags(known: Mapping[str, Any], trace_id: str) -> dict[str, str]:
    shown = {name: str(value) for name, value in picked(known, _TAGS).items()}
    return shown | {"trace_id": trace_id}


def transaction_name(known: Mapping[str, Any]) -> str | None:
    """Return the route or the task, None if there is neither, as of an unknown address."""
    chosen = picked(known, {name: _TAGS[name] for name in ("task", "route")})
    return chosen.get("task") or chosen.get("route")


def user(known: Mapping[str, Any]) -> dict[str, str]:
    user_id = known.get("user_id")
    return {"id": str(user_id)} if is_number(user_id) else {}


def contexts(known: Mapping[str, Any], trace: Mapping[str, Any]) -> dict[str, Any]:
    """Return the trace, and what the request or job has cost so far."""
    this = activity.current()
    return {
        "trace": dict(trace),
        "runtime": {
            "name": platform.python_implementation(),
            "version": platform.python_version(),
        },
        "work": {**picked(known, _WORK), **(_cost(this) if this else {})},
    }


def _cost(this: Activity) -> dict[str, float]:
    return {
        "query_count": this.query_count,
        "db_ms": _ms(this.db_seconds),
        "total_ms": _ms(this.seconds),
        **{f"{step}_ms": _ms(seconds) for step, seconds in this.step_seconds.items()},
    }


def _ms(seconds: float) -> float:
    return round(seconds * 1000, 1)
