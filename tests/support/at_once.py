"""Several threads that do something in the same moment, each on its own database connection."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from django.db import connections

from tests.support.patience import PATIENCE_SECONDS

Result = TypeVar("Result")


def at_once(calls: Sequence[Callable[[], Result]]) -> list[Result]:
    """Return the results in the order of `calls`; each call waits for all others to be ready."""
    barrier = threading.Barrier(len(calls), timeout=PATIENCE_SECONDS)

    def when_all_are_ready(call: Callable[[], Result]) -> Result:
        try:
            barrier.wait()
            return call()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(max_workers=len(calls)) as pool:
        return list(pool.map(when_all_are_ready, calls))
