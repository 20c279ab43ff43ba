"""Steps of work and what happened in them, told to whoever measures: logs, metrics, error reports.

The code that does the work names its steps here, once, and knows nothing of who listens. Nothing
that is told contains a value of a user's: attributes are ids, counts, kinds and stable codes.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from session_events import unfailing

Attribute = str | int | float | bool | None


class Step(StrEnum):
    """The steps of work that take time."""

    PAGE = "page"  # reading a page of rows
    FILTER = "filter"  # finding the rows that a filter keeps, in their order
    LIST = "list"  # storing a list of rows
    FIT = "fit"  # fitting an operation to the rows
    PROFILE = "profile"  # measuring columns
    REPLAY = "replay"  # folding events
    APPEND = "append"  # writing events
    SNAPSHOT = "snapshot"  # storing a snapshot
    ENCODE = "encode"  # writing an answer as JSON


@dataclass(slots=True, eq=False)
class Span:
    """One step. `seconds` is set when it ends, and `error` to the class of what it raised."""

    step: Step
    attributes: dict[str, Attribute] = field(default_factory=dict)
    seconds: float = 0.0
    error: type[BaseException] | None = None

    def note(self, **attributes: Attribute) -> None:
        """Add attributes that are known only now."""
        self.attributes |= attributes


class Listener(Protocol):
    """Hears of everything, in the thread that does it. Must be quick; what it raises is logged."""

    def began(self, span: Span) -> None: ...

    def ended(self, span: Span) -> None: ...

    def happened(self, what: str, attributes: dict[str, Attribute]) -> None: ...


_listeners: list[Listener] = []


def listen(listener: Listener) -> None:
    """Tell `listener` of everything from now on; listening twice is the same as once."""
    if listener not in _listeners:
        _listeners.append(listener)


@contextmanager
def span(step: Step, **attributes: Attribute) -> Iterator[Span]:
    """Tell that the block is a step of work. What it raises is passed on."""
    this = Span(step, attributes)
    for listener in _listeners:
        unfailing.call(listener.began, this)
    began = time.perf_counter()
    try:
        yield this
    except BaseException as error:
        this.error = type(error)
        raise
    finally:
        this.seconds = time.perf_counter() - began
        for listener in reversed(_listeners):
            unfailing.call(listener.ended, this)


def happened(what: str, **attributes: Attribute) -> None:
    """Tell of something that took no time worth measuring, such as a conflict."""
    for listener in _listeners:
        unfailing.call(listener.happened, what, attributes)
