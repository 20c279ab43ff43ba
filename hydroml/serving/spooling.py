"""Where an answer waits until its client has read it.

Note [An answer that nobody reads]
    A thread writes its answer to memory, then to temporary files, and is free again. It waits only
    while more than `WEB_ANSWER_BYTES` of the answer, or `WEB_ANSWERS_BYTES` of all answers, have
    not been read, and for at most `WEB_ANSWER_WAIT_SECONDS` in all. The loop closes the connection
    of a client that reads too slowly, which ends the wait as well.
"""

from __future__ import annotations

import threading
import time
from typing import Any

from waitress.channel import ClientDisconnected, HTTPChannel

from hydroml.serving.limits import (
    MOST_BYTES_IN_MEMORY,
    MOST_BYTES_IN_MEMORY_WHEN_CROWDED,
    SPOOL_FILE_BYTES,
)
from hydroml.serving.surroundings import Surroundings

_LOOK_AGAIN_SECONDS = 0.5


class SpoolingChannel(HTTPChannel):
    """waitress's channel, with bounds on what it keeps. A thread writes to it."""

    server: Surroundings
    must_cut = False  # the loop has to end the connection
    has_answer_begun = False
    _waited_seconds = 0.0

    def begin_answer(self) -> None:
        self.has_answer_begun = False
        self._waited_seconds = 0.0

    def write_soon(self, data: Any) -> int:
        self.has_answer_begun = True
        buffer = self.outbufs[-1]
        if hasattr(buffer, "overflow"):
            is_crowded = self.server.are_answers_crowded
            buffer.overflow = (
                MOST_BYTES_IN_MEMORY_WHEN_CROWDED if is_crowded else MOST_BYTES_IN_MEMORY
            )
        if self.current_outbuf_count >= SPOOL_FILE_BYTES:
            self.current_outbuf_count = self.adj.outbuf_high_watermark  # begins a new buffer
        return int(super().write_soon(data))

    def _flush_outbufs_below_high_watermark(self) -> None:
        """Wait for room. See Note [An answer that nobody reads].

        Raises:
            ClientDisconnected: the client is gone, or reads too slowly.
        """
        if threading.get_ident() == self.server.thread_id:  # the loop must not wait for itself
            return
        while self.connected and not self._has_room():
            if self._waited_seconds >= self.server.limits.answer_wait_seconds:
                self.logger.warning("cut off an answer that %s reads too slowly", self.addr)
                self.must_cut = True  # the loop does it: the socket may never become writable
                raise ClientDisconnected
            before = time.monotonic()
            with self.outbuf_lock:
                self.server.poller.wake()
                self.outbuf_lock.wait(_LOOK_AGAIN_SECONDS)
            self._waited_seconds += time.monotonic() - before

    def _has_room(self) -> bool:
        waiting = self.total_outbufs_len
        return waiting < self.server.limits.answer_bytes and (
            waiting < MOST_BYTES_IN_MEMORY or self.server.has_room_for_answers()
        )
