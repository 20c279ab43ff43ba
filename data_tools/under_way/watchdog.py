"""A thread in each process that ends waits from outside, once they are in vain.

A thread that waits for the database cannot look at a clock. So another thread watches its deadline,
and whether its client is still there.
"""

from __future__ import annotations

import logging
import os
import threading
import time
from typing import Protocol

logger = logging.getLogger(__name__)

SECONDS_BETWEEN_LOOKS = 0.25


class Watched(Protocol):
    """Something that a request waits for."""

    def look(self, now: float) -> None:
        """End the wait if it must not go on. Called by the watchdog's thread; must not block."""


class Watchdog:
    """Looks at everything that is watched, several times a second.

    Starts its thread with the first thing to watch, and so after a server has forked.
    """

    def __init__(self) -> None:
        self._watched: dict[int, Watched] = {}
        self._starting = threading.Lock()
        self._process_id = 0  # the one that the thread runs in

    def watch(self, watched: Watched) -> None:
        """Look at `watched` until `leave` is called for it."""
        self._watched[id(watched)] = watched
        if self._process_id != os.getpid():
            self._start()

    def leave(self, watched: Watched) -> None:
        self._watched.pop(id(watched), None)

    def _start(self) -> None:
        with self._starting:
            if self._process_id != os.getpid():
                threading.Thread(target=self._look_on, name="watchdog", daemon=True).start()
                self._process_id = os.getpid()

    def _look_on(self) -> None:
        while True:
            time.sleep(SECONDS_BETWEEN_LOOKS)
            now = time.monotonic()
            for watched in [*self._watched.values()]:
                try:
                    watched.look(now)
                except Exception:
                    logger.exception("the watchdog could not look at a request")


WATCHDOG = Watchdog()


def _after_fork() -> None:
    WATCHDOG.__init__()  # type: ignore[misc]  # the lock may be held, and the thread is gone


os.register_at_fork(after_in_child=_after_fork)
