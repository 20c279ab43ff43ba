"""The steps of each request and job, kept until it has ended, to be a transaction's spans."""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass, field
from weakref import WeakKeyDictionary

from data_tools.observing import activity
from data_tools.observing.activity import Activity
from session_events.spans import Attribute, Span

_MOST_STEPS = 200  # of one request or job, since a long job has many thousands


@dataclass(slots=True)
class Step:
    """A step that has begun. `began` is by `time.perf_counter()`."""

    span: Span
    began: float
    parent_id: str
    span_id: str
    is_open: bool = True


@dataclass(slots=True)
class Recording:
    """The steps of one activity, in the order in which they began; the ids are its own.

    `trace_id` is for a job that no request has caused, and that has no other.
    """

    trace_id: str = field(default_factory=lambda: secrets.token_hex(16))
    span_id: str = field(default_factory=lambda: secrets.token_hex(8))
    steps: list[Step] = field(default_factory=list)
    left_out: int = 0


_recordings: WeakKeyDictionary[Activity, Recording] = WeakKeyDictionary()


def recording_of(this: Activity | None) -> Recording:
    """Return what is kept of the activity; outside of any, something new that has no steps."""
    if this is None:
        return Recording()
    recording = _recordings.get(this)
    if recording is None:
        recording = _recordings[this] = Recording()
    return recording


class Recorder:
    """Keeps the steps of the current activity; see `session_events.spans`."""

    def began(self, span: Span) -> None:
        this = activity.current()
        if this is None:
            return
        recording = recording_of(this)
        if len(recording.steps) >= _MOST_STEPS:
            recording.left_out += 1
            return
        around = next((each for each in reversed(recording.steps) if each.is_open), None)
        recording.steps.append(
            Step(
                span=span,
                began=time.perf_counter(),
                parent_id=around.span_id if around else recording.span_id,
                span_id=secrets.token_hex(8),
            )
        )

    def ended(self, span: Span) -> None:
        this = activity.current()
        if this is None:
            return
        for step in reversed(recording_of(this).steps):
            if step.span is span:
                step.is_open = False
                return

    def happened(self, what: str, attributes: dict[str, Attribute]) -> None:
        """Takes no time."""
