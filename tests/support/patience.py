"""Waiting for other threads and processes.

A wait ends as soon as they are done, so its long limit costs nothing, and a busy machine turns no
test red.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

PATIENCE_SECONDS = 120


def eventually(is_so: Callable[[], bool], told: Callable[[], str] = lambda: "") -> None:
    """Return once it is so.

    Raises:
        AssertionError: it never is; with the end of what `told` returns.
    """
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not is_so():
        assert time.monotonic() < deadline, told()[-8000:]
        time.sleep(0.02)


def wait_for_threads(prefix: str) -> None:
    """Return once every job of this process whose name has the prefix is done, and its thread."""
    from data_tools.jobs.background import OWN_THREADS  # settings import this module

    eventually(lambda: not any(name.startswith(prefix) for name in OWN_THREADS.names))
    for thread in threading.enumerate():
        if thread.name.startswith(prefix):
            thread.join(PATIENCE_SECONDS)
            assert not thread.is_alive(), thread.name


def wait_for_ingests() -> None:
    """Return once every uploaded file is loaded or refused."""
    wait_for_threads("ingest-")
