"""What this thread's request or job has done so far, and what it took.

The way down notes facts here, and whoever observes the whole reads them at the end: the log line,
the error report, the metrics. Facts are ids, counts, kinds and stable codes, never values of users.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field

from session_events import unfailing
from session_events.spans import Attribute, Span, Step


@dataclass(slots=True, eq=False, weakref_slot=True)
class Activity:
    """One request or job.

    `facts` are by name, as in the log line: `user_id`, `dataset_id`, `session_id`, `version`,
    `operation`, `rows_scanned`, `rows_returned` and the like. `step_seconds` has the time of each
    step, those inside of others included in both. `began` is by `time.perf_counter()`.
    """

    facts: dict[str, Attribute] = field(default_factory=dict)
    query_count: int = 0
    db_seconds: float = 0.0
    step_seconds: dict[Step, float] = field(default_factory=dict)
    began: float = field(default_factory=time.perf_counter)

    @property
    def seconds(self) -> float:
        return time.perf_counter() - self.began


_told_of_ends: list[Callable[[Activity, BaseException | None], None]] = []
_current: ContextVar[Activity | None] = ContextVar("activity", default=None)


@contextmanager
def activity() -> Iterator[Activity]:
    """Do a request or a job in the block. Inside of another activity, both are counted apart."""
    this = Activity()
    token = _current.set(this)
    raised: BaseException | None = None
    try:
        yield this
    except BaseException as error:
        raised = error
        raise
    finally:
        try:
            for tell in _told_of_ends:
                unfailing.call(tell, this, raised)
        finally:
            _current.reset(token)


def tell_of_ends(tell: Callable[[Activity, BaseException | None], None]) -> None:
    """Call `tell` with each activity that ends, while it is still current, and what it raised.

    It must be quick. What it raises is logged.
    """
    _told_of_ends.append(tell)


@contextmanager
def resumed(this: Activity) -> Iterator[None]:
    """Continue an activity in the block, for an answer that is sent in pieces."""
    token = _current.set(this)
    try:
        yield
    finally:
        _current.reset(token)


def current() -> Activity | None:
    """Return what this thread does; None outside of requests and jobs."""
    return _current.get()


def require_current() -> Activity:
    """Return what this thread does, which must be a request or a job."""
    this = _current.get()
    assert this is not None, "neither a request nor a job"
    return this


def note(**facts: Attribute) -> None:
    """Note facts of the current activity; the last value of each name counts."""
    if this := _current.get():
        this.facts |= facts


def count(**counts: int) -> None:
    """Add to counts of the current activity, such as the rows that were looked at."""
    if this := _current.get():
        for name, number in counts.items():
            before = this.facts.get(name)
            this.facts[name] = number + (before if isinstance(before, int) else 0)


def note_statement(seconds: float) -> None:
    """Count a statement of the current activity, and the time that the database took for it."""
    if this := _current.get():
        this.query_count += 1
        this.db_seconds += seconds


class StepTimes:
    """Adds up the time of each step of the current activity, and notes which session it is about.

    See `session_events.spans`.
    """

    def began(self, span: Span) -> None:
        """Nothing to note yet."""

    def ended(self, span: Span) -> None:
        if this := _current.get():
            before = this.step_seconds.get(span.step, 0.0)
            this.step_seconds[span.step] = before + span.seconds

    def happened(self, what: str, attributes: dict[str, Attribute]) -> None:
        """Note the session of a `session`, the last one that was read or written."""
        if what == "session":
            note(**attributes)
