"""What the processes of a server know together about a database that fails them.

Note [Shared by forking]
    The figures are in memory that forked processes share. gunicorn's master imports this module
    before it forks, so that all workers together log one line a second of each kind and report one
    a minute, and so that each knows that a write of another found no room. A lock of the file
    system guards them, because the kernel takes it from a worker that is killed.
"""

from __future__ import annotations

import fcntl
import mmap
import os
import struct
import tempfile
import threading
import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager

# When the database was last seen read-only, by time.monotonic(), which all processes share.
_READ_ONLY_AT = struct.Struct("d")
_FULL_OFFSET = _READ_ONLY_AT.size
# For each kind of failure, when its last line was logged, how many were left out since, and when it
# was last reported.
_LINES = struct.Struct("dQ")
_REPORTS = struct.Struct("d")
_SECONDS_BETWEEN_REPORTS = 60.0


class Outage:
    """The figures of one group of processes: those forked from the one that creates this."""

    def __init__(self, kinds: Collection[str]) -> None:
        begins_at = _FULL_OFFSET + 1
        size = _LINES.size + _REPORTS.size
        self._offsets = {kind: begins_at + at * size for at, kind in enumerate(kinds)}
        self._memory = mmap.mmap(-1, begins_at + len(kinds) * size)
        self._lock_file, path = tempfile.mkstemp()  # open as long as the process
        os.unlink(path)
        self._threads = threading.Lock()

    def may_say(self, kind: str) -> int | None:
        """Return how many lines were left out before this one, None if it is left out as well.

        One line of each kind is said a second.

        Raises:
            KeyError: there is no such kind.
        """
        offset = self._offsets[kind]
        with self._alone():
            said_at, left_out = _LINES.unpack_from(self._memory, offset)
            now = time.monotonic()
            if said_at and now - said_at < 1.0:
                _LINES.pack_into(self._memory, offset, said_at, left_out + 1)
                return None
            _LINES.pack_into(self._memory, offset, now, 0)
            return int(left_out)

    def may_report(self, kind: str) -> bool:
        """Tell whether to report the failure, and note that it is: once a minute for each kind.

        Raises:
            KeyError: there is no such kind.
        """
        offset = self._offsets[kind] + _LINES.size
        with self._alone():
            (reported_at,) = _REPORTS.unpack_from(self._memory, offset)
            now = time.monotonic()
            if reported_at and now - reported_at < _SECONDS_BETWEEN_REPORTS:
                return False
            _REPORTS.pack_into(self._memory, offset, now)
            return True

    @property
    def read_only_at(self) -> float:
        """When the database was last seen read-only, by time.monotonic(); 0.0 if it never was."""
        seen_at: float
        (seen_at,) = _READ_ONLY_AT.unpack_from(self._memory)
        return seen_at

    def note_read_only(self) -> None:
        """Note that the database is read-only now; once a second is enough."""
        now = time.monotonic()
        if now - self.read_only_at > 1.0:
            _READ_ONLY_AT.pack_into(self._memory, 0, now)

    @property
    def is_full(self) -> bool:
        """Whether a write found no room in the database, and none has found any since."""
        return self._memory[_FULL_OFFSET] == 1

    @is_full.setter
    def is_full(self, is_full: bool) -> None:
        self._memory[_FULL_OFFSET] = int(is_full)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        with self._threads:
            fcntl.lockf(self._lock_file, fcntl.LOCK_EX)
            try:
                yield
            finally:
                fcntl.lockf(self._lock_file, fcntl.LOCK_UN)


OUTAGE = Outage(
    [
        "DATABASE_UNAVAILABLE",
        "DATABASE_READ_ONLY",
        "DATABASE_FULL",
        "DATABASE_OVERLOADED",
        "DATABASE_BUSY",
    ]
)
