"""Links each background job to the request that caused it, and says when it was sent.

The process that gives a job to the broker puts its trace into the message, as W3C's `traceparent`.
The worker takes it over while it does the job, so that its log lines and the events that the job
appends carry it. A job that nobody asked for, such as those by the clock, gets a trace of its own.
"""

from __future__ import annotations

import secrets
import time
from typing import Any

from celery import Task
from celery.signals import before_task_publish, task_prerun

from data_tools.observing.trace import begin_trace, current_trace_id
from session_events.broker import SENT_AT

_HEADER = "traceparent"


def link_jobs() -> None:
    """Have this process put its trace and the time into the jobs it sends, and take over traces.

    Calling it again does nothing.
    """
    before_task_publish.connect(_add_headers, dispatch_uid="add_headers")
    task_prerun.connect(_take_over_trace, dispatch_uid="take_over_trace")


def _add_headers(headers: dict[str, Any] | None = None, **_: Any) -> None:
    if headers is None:
        return
    headers[SENT_AT] = time.time()  # how long it waits: `broker.queue_ages`
    if trace_id := current_trace_id():
        headers[_HEADER] = f"00-{trace_id}-{secrets.token_hex(8)}-01"


def _take_over_trace(task: Task[..., Any], **_: Any) -> None:
    """Take over the trace of a job that came from the broker; others keep their caller's."""
    if not task.request.called_directly and not task.request.is_eager:
        trace_id = begin_trace(task.request.get(_HEADER) or "")
        task.request.update(trace_id=trace_id)  # for `session_events`, which knows no traces
