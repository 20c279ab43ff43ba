"""Lists of rows stored for the pages after the first, long ones once the first is answered.

# Note [Stored behind the answer]
A page of an order needs the rows at its places alone, and finding these takes a fraction of the
time of the whole order and its list. So a thread of this process puts long lists in order and
stores them, over a connection of its own, which it closes when there is nothing more to do. The
list is derived data: if the thread dies, or has more to do than it may hold in memory, then pages
are found again, each time, until one of them is kept. Within a transaction a list is stored at
once, because what it has not committed no other connection sees.
"""

from __future__ import annotations

import logging
import threading
import time
from dataclasses import dataclass, field
from uuid import UUID

from django.db import Error, connection, connections

from data_tools.rows.lists import storage
from data_tools.rows.lists.found import FoundRows
from data_tools.rows.lists.queries import ListKey
from session_events.error_names import without_values
from session_events.spans import Step, span

logger = logging.getLogger(__name__)

# Shorter lists are stored in a few milliseconds.
LONG_LIST_ROWS = 10_000
# The thread lets the answer go first, which needs the same interpreter. Storing millions of rows
# takes seconds of its time, which waits for a pause of whoever tries one filter after another.
HEAD_START_SECONDS = 0.05
ROWS_PER_SECOND_OF_PAUSE = 5_000_000
LONGEST_WAIT_SECONDS = 5.0
# Of memory that all lists that wait hold; a larger one waits alone, up to MOST_BYTES_ALONE.
MOST_WAITING_BYTES = 64 << 20
MOST_BYTES_ALONE = 256 << 20


def keep(key: ListKey, found: FoundRows, *, at_once: bool) -> None:
    """Store the list of the rows that were found; a long one later, unless `at_once`.

    `found` is not to be used afterwards. Errors are logged, not raised.
    """
    if at_once or found.row_count < LONG_LIST_ROWS or connection.in_atomic_block:
        _store(key, found)
    else:
        KEEPER.add(key, found)


@dataclass(slots=True, eq=False)
class Keeper:
    """Stores lists, one after another, in a thread that runs while there are any."""

    _lock: threading.Lock = field(default_factory=threading.Lock)
    _waiting: dict[UUID, tuple[ListKey, FoundRows]] = field(default_factory=dict)
    _added_at: float = 0.0  # by time.monotonic()
    _runs: bool = False
    _thread: threading.Thread | None = None

    def add(self, key: ListKey, found: FoundRows) -> None:
        """Store a list soon, unless it waits already or too much does, or it is too large."""
        with self._lock:
            waiting_bytes = sum(other.held_bytes for _, other in self._waiting.values())
            most_bytes = MOST_WAITING_BYTES if self._waiting else MOST_BYTES_ALONE
            if key.list_id in self._waiting or waiting_bytes + found.held_bytes > most_bytes:
                return
            self._waiting[key.list_id] = (key, found)
            self._added_at = time.monotonic()
            if not self._runs:
                thread = threading.Thread(target=self._run, name="row-lists", daemon=True)
                try:
                    thread.start()
                except RuntimeError:
                    del self._waiting[key.list_id]
                    logger.warning("a list of rows was not kept: the system has no thread left")
                    return
                self._thread, self._runs = thread, True

    def finish(self, seconds: float) -> bool:
        """Wait at most so long until nothing is left to store; tell whether that is so."""
        if (thread := self._thread) is not None:
            thread.join(seconds)
        return thread is None or not thread.is_alive()

    def _run(self) -> None:
        try:
            while (work := self._next()) is not None:
                self._await_pause(work[1])
                try:
                    _store(*work)
                finally:
                    with self._lock:
                        del self._waiting[work[0].list_id]
        except BaseException:
            self._runs = False  # the next list begins another thread
            raise
        finally:
            connections.close_all()

    def _await_pause(self, found: FoundRows) -> None:
        """Wait until no list was added for a moment, a longer one before a longer list."""
        pause = HEAD_START_SECONDS + found.row_count / ROWS_PER_SECOND_OF_PAUSE
        latest = time.monotonic() + LONGEST_WAIT_SECONDS
        while (left := min(self._added_at + pause, latest) - time.monotonic()) > 0:
            time.sleep(left)

    def _next(self) -> tuple[ListKey, FoundRows] | None:
        with self._lock:
            if not self._waiting:
                self._runs = False
                return None
            return next(iter(self._waiting.values()))


def _store(key: ListKey, found: FoundRows) -> None:
    try:
        with span(Step.LIST, rows=found.row_count):
            storage.store(key, found.whole(), is_in_row_order=False)
    except Error as error:  # the list only saves time: the page is answered without it
        logger.warning("a list of rows was not kept: %s", without_values(error))


KEEPER = Keeper()
