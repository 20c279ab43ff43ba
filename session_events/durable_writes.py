"""Marks statements that commit a change by themselves, although they look like a query.

Such a statement must not be ended from outside, because its outcome has to be known.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_is_under_way: ContextVar[bool] = ContextVar("durable_write", default=False)


@contextmanager
def durable_write() -> Iterator[None]:
    """Mark the statements of the block."""
    token = _is_under_way.set(True)
    try:
        yield
    finally:
        _is_under_way.reset(token)


def is_durable_write() -> bool:
    """Tell whether the statement that this thread is about to run is marked."""
    return _is_under_way.get()
