"""What a worker shows of itself: that it is there, and the memory of its processes."""

from __future__ import annotations

from typing import Any

from celery import Task
from celery.signals import heartbeat_sent, task_postrun

from data_tools.jobs import signs_of_life
from data_tools.observing import metrics
from hydroml import metric_files
from session_events import unfailing


def watch_workers() -> None:
    """Have this process show itself, if it is one of a worker. Calling it again does nothing."""
    heartbeat_sent.connect(_show_worker, dispatch_uid="show_worker")
    task_postrun.connect(_measure_after_job, dispatch_uid="measure_after_job")


def _show_worker(**_: Any) -> None:
    """Let the worker be seen: its main process does this all the time, however busy others are.

    Also forgets the memory of its processes that have ended, which nobody else is told of.
    """
    if signs_of_life.keep_noted("worker"):
        unfailing.call(metrics.measure_process)
        unfailing.call(metric_files.forget_ended)


def _measure_after_job(task: Task[..., Any], **_: Any) -> None:
    if not task.request.is_eager:  # a server measures itself, all the time
        unfailing.call(metrics.measure_process)
