"""A transaction for each request and job that is sampled or slow, with its steps as spans.

It is made when the request or job has ended, of what was noted meanwhile. So what nobody will see
costs a few microseconds for each step, and the sample misses no slow request.
"""

from __future__ import annotations

import random
import time
from dataclasses import dataclass
from typing import Any

import sentry_sdk

from data_tools.observing.activity import Activity
from data_tools.observing.reports import about
from data_tools.observing.reports.shapes import is_boolean, is_number, is_uuid, is_word
from data_tools.observing.reports.steps import Step, recording_of

_FAILED_FROM = 500  # statuses; what a client asks wrongly is no failure


@dataclass(frozen=True, slots=True, kw_only=True)
class Transactions:
    """Sends this share of all requests and jobs, and every one that takes `slow_seconds`."""

    share: float
    slow_seconds: float

    def ended(self, this: Activity, raised: BaseException | None) -> None:
        """Send the current activity's transaction, if it is chosen and its address is known."""
        is_chosen = this.seconds >= self.slow_seconds or random.random() < self.share
        known = about.facts()
        name = about.transaction_name(known)
        if is_chosen and name is not None:
            sentry_sdk.get_client().capture_event(_transaction(this, known, name, raised))


def _transaction(
    this: Activity, known: dict[str, Any], name: str, raised: BaseException | None
) -> Any:
    recording = recording_of(this)
    # Steps are timed by a clock that never jumps; the difference makes times of day of it.
    offset = time.time() - time.perf_counter()
    trace = about.trace_context()
    is_job = known.get("task") == name
    status = known.get("status")
    has_failed = raised is not None or (isinstance(status, int) and status >= _FAILED_FROM)
    trace |= {
        "op": "queue.process" if is_job else "http.server",
        "status": "internal_error" if has_failed else "ok",
        "data": {"steps_left_out": recording.left_out} if recording.left_out else {},
    }
    return {
        "type": "transaction",
        "transaction": name,
        "transaction_info": {"source": "task" if is_job else "route"},
        "start_timestamp": this.began + offset,
        "timestamp": time.time(),
        "tags": about.tags(known, trace["trace_id"]),
        "user": about.user(known),
        "contexts": about.contexts(known, trace),
        "spans": [_span(step, trace["trace_id"], offset) for step in recording.steps],
    }


def _span(step: Step, trace_id: str, offset: float) -> dict[str, Any]:
    ended = step.began + step.span.seconds if not step.is_open else time.perf_counter()
    return {
        "trace_id": trace_id,
        "span_id": step.span_id,
        "parent_span_id": step.parent_id,
        "op": f"hydroml.{step.span.step}",
        "description": str(step.span.step),
        "start_timestamp": step.began + offset,
        "timestamp": ended + offset,
        "status": "ok" if step.span.error is None else "internal_error",
        "data": {
            name: value for name, value in step.span.attributes.items() if _is_safe(name, value)
        },
    }


def _is_safe(name: str, value: object) -> bool:
    is_plain = is_number(value) or is_boolean(value) or is_word(value) or is_uuid(value)
    return is_word(name) and is_plain
