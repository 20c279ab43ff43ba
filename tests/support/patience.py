"""Waiting for what other threads and processes do. It ends as soon as it is done, so that patience
costs nothing, and a busy machine turns no test red."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

PATIENCE_SECONDS = 120


def eventually(is_so: Callable[[], bool], told: Callable[[], str] = lambda: "") -> None:
    """Return once it is so. Raises: AssertionError, with what is `told`, if it never is."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not is_so():
        assert time.monotonic() < deadline, told()[-8000:]
        time.sleep(0.02)


def wait_for_threads(prefix: str) -> None:
    """Return when no thread of this process whose name begins so is at work."""
    for thread in threading.enumerate():
        if thread.name.startswith(prefix):
            thread.join(PATIENCE_SECONDS)
            assert not thread.is_alive(), thread.name


def wait_for_ingests() -> None:
    """Return when every uploaded file is loaded, or refused."""
    wait_for_threads("ingest-")
