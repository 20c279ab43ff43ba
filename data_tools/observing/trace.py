"""The trace id: one for each request, in its answer, its log lines, its events and its jobs."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

TRACE_HEADER = "X-Trace-Id"

# Source: W3C Trace Context, section 3.2; version ff and an all-zero id are invalid.
_TRACEPARENT = re.compile(r"(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-.{2,}")

_trace_id: ContextVar[str] = ContextVar("trace_id", default="")


def current_trace_id() -> str:
    """Return the trace id of the request that this thread is answering, or answered last."""
    return _trace_id.get()


def trace_id_from(traceparent: str) -> str:
    """Return the trace id that a valid W3C `traceparent` carries, else a fresh one (32 hex)."""
    match = _TRACEPARENT.fullmatch(traceparent)
    return match[1] if match else secrets.token_hex(16)


def begin_trace(traceparent: str = "") -> str:
    """Set the trace id of the request that this thread is answering now, and return it.

    It stays until the next request, because Django logs a failed one after the middleware is done.
    """
    trace_id = trace_id_from(traceparent)
    _trace_id.set(trace_id)
    return trace_id


@contextmanager
def resumed_trace(trace_id: str) -> Iterator[None]:
    """Continue a request's trace in the block, for an answer that is sent in pieces."""
    token = _trace_id.set(trace_id)
    try:
        yield
    finally:
        _trace_id.reset(token)
