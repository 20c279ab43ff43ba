"""Trigger the snapshot job after a commit, without ever making the request wait.

Note [No request waits for a broker]
    The request puts the stream's id into a bounded queue, and one thread of the process takes it
    from there. A broker that is dead or silent holds up only that thread (`broker.give`). Without a
    broker the same thread does the job, on a database connection of its own; after a database
    error it does none for `_SILENCE_SECONDS`. The sweep finds the streams that were dropped.
"""

from __future__ import annotations

import logging
import os
import queue
import threading
import time
import uuid
from contextvars import Context, copy_context
from typing import Any

from django.conf import settings
from django.db import DatabaseError, connections

from session_events import broker, tasks
from session_events.error_names import without_values

logger = logging.getLogger(__name__)

_QUEUED = 1000
_SILENCE_SECONDS = 30.0


class SnapshotTrigger:
    """The queue, and the thread that empties it, which the first request starts."""

    def __init__(self) -> None:
        self._streams: queue.Queue[tuple[uuid.UUID, Context]] = queue.Queue(_QUEUED)
        self._starting = threading.Lock()
        self._thread: threading.Thread | None = None
        self._silent_until = 0.0

    def request_snapshot(self, stream_id: uuid.UUID) -> None:
        """Request the snapshot that the stream is due. Never waits, never raises."""
        try:
            self._streams.put_nowait((stream_id, copy_context()))
        except queue.Full:
            return
        with self._starting:
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(
                    target=self._run, name="snapshot-trigger", daemon=True
                )
                self._thread.start()

    def join(self, *, timeout_seconds: float) -> bool:
        """Wait until every request is passed on, done or dropped; return false if time runs out."""
        deadline = time.monotonic() + timeout_seconds
        while self._streams.unfinished_tasks and time.monotonic() < deadline:
            time.sleep(0.01)
        return not self._streams.unfinished_tasks

    def _run(self) -> None:
        while True:
            stream_id, context = self._streams.get()
            try:
                self._pass_on(stream_id, context)
            finally:
                self._streams.task_done()

    def _pass_on(self, stream_id: uuid.UUID, context: Context) -> None:
        """`context` is the request's: by it, a message tells which request the job comes from."""
        if settings.BACKGROUND_JOBS_USE_BROKER:
            context.run(broker.give, tasks.take_snapshot, str(stream_id))
            return
        if time.monotonic() < self._silent_until:
            return
        try:
            tasks.take_snapshot(str(stream_id))
        except DatabaseError as error:
            self._silent_until = time.monotonic() + _SILENCE_SECONDS
            logger.warning("Snapshots are left to the sweep for a while: %s", without_values(error))
        finally:
            if self._streams.empty():
                connections.close_all()


_trigger = SnapshotTrigger()


def _forget_the_parent() -> None:
    """Start anew in a forked process, which has neither its parent's thread nor its queue."""
    global _trigger
    _trigger = SnapshotTrigger()


os.register_at_fork(after_in_child=_forget_the_parent)


def on_snapshot_due(*, stream_id: uuid.UUID, **signal: Any) -> None:
    """Receive `store.snapshot_due`. See Note [No request waits for a broker]."""
    if getattr(settings, "BACKGROUND_JOBS_ON_COMMIT", True):
        _trigger.request_snapshot(stream_id)
