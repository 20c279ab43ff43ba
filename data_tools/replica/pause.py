"""Leaving a replica alone that failed, so that few requests wait for it."""

from __future__ import annotations

import logging
import threading
import time
from weakref import WeakKeyDictionary

from django.db.backends.base.base import BaseDatabaseWrapper

logger = logging.getLogger(__name__)

PAUSE_SECONDS = 10.0
# After so long without a read that tried the replica again, nothing is known of it.
_KNOWN_SECONDS = 3 * PAUSE_SECONDS


class Pause:
    """Whether this process leaves the replica alone. After each pause one thread tries it again.

    `reason` is how it failed last, without values of rows.
    """

    def __init__(self) -> None:
        self.reason = ""
        self._is_failing = False
        self._ends_at = self._began_at = 0.0  # by time.monotonic()
        self._opened_at: WeakKeyDictionary[BaseDatabaseWrapper, float] = WeakKeyDictionary()
        self._lock = threading.Lock()

    def is_over(self) -> bool:
        """Tell whether this thread may ask the replica now."""
        if not self._is_failing:
            return True
        with self._lock:
            now = time.monotonic()
            if now < self._ends_at:
                return False
            self._ends_at = now + PAUSE_SECONDS  # the others wait for what this one finds
            return True

    def is_known_to_last(self) -> bool:
        """Tell whether reads found the replica failing lately, and none found that it answers."""
        return self._is_failing and time.monotonic() - self._began_at < _KNOWN_SECONDS

    def begin(self, reason: str) -> None:
        """Leave the replica alone from now on."""
        with self._lock:
            self.reason = reason
            self._is_failing = True
            self._began_at = time.monotonic()
            self._ends_at = self._began_at + PAUSE_SECONDS
        logger.warning("the replica is left alone, and the primary answers: %s", self.reason)

    def end(self) -> None:
        """Note that the replica answered."""
        if self._is_failing:
            self._is_failing = False
            logger.warning("the replica answers again")

    def note_opening(self, connection: BaseDatabaseWrapper) -> None:
        """Note when a connection to the replica is opened."""
        with self._lock:
            self._opened_at[connection] = time.monotonic()

    def began_after(self, connection: BaseDatabaseWrapper) -> bool:
        """Tell whether the replica failed after this connection to it was opened."""
        return self._opened_at.get(connection, 0.0) <= self._began_at


PAUSE = Pause()
