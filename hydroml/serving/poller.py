"""Waits for the sockets of the loop.

Before each wait waitress asks every connection what it is waiting for, so that a thousand idle ones
cost every request half a millisecond. This poller asks only those for which that may have changed.

Note [An answer that ends meanwhile]
    A connection is not read while its answer is being written, and a thread may finish that answer
    at any moment: also between the question what the connection waits for and the question whether
    it is settled. If the loop then forgot the connection, nobody would read its next request. So
    the loop asks whether it is settled first, and once more after it began to listen; and the
    thread that finishes an answer wakes the loop unless it listens for input already.
"""

from __future__ import annotations

import contextlib
import os
import select
from typing import Any

from waitress import wasyncore

_MOST_EVENTS = 256


class Poller:
    """epoll on the objects of waitress's `map` of sockets."""

    def __init__(self, map: dict[int, Any]) -> None:
        self._map = map
        self._epoll = select.epoll()
        self._listened_to: dict[int, int] = {}
        self._unsettled: set[Any] = set()
        self._is_woken = False
        self._read_end, self._write_end = os.pipe()
        for end in (self._read_end, self._write_end):
            os.set_blocking(end, False)
        self._epoll.register(self._read_end, select.EPOLLIN)

    @property
    def unsettled(self) -> tuple[Any, ...]:
        """The objects that have work to do whether or not their client does anything."""
        return tuple(self._unsettled)

    def watch(self, each: Any) -> None:
        """Ask this object before the next wait what it is waiting for."""
        self._unsettled.add(each)

    def wake(self) -> None:
        """End the current wait, or the next one. May be called by any thread."""
        if not self._is_woken:
            self._is_woken = True
            with contextlib.suppress(BlockingIOError):  # a full pipe wakes the loop as well
                os.write(self._write_end, b"x")

    def forget(self, fileno: int | None) -> None:
        """Stop listening to a socket that is about to be closed."""
        if fileno is not None and self._listened_to.pop(fileno, None) is not None:
            self._epoll.unregister(fileno)

    def wait(self, seconds: float) -> None:
        """Wait for events for at most this long, and have the objects handle them."""
        self._is_woken = False  # first, so that a wake-up from here on is not lost
        for each in self.unsettled:
            self._listen_to(each)
        for fileno, flags in self._epoll.poll(seconds, _MOST_EVENTS):
            if fileno == self._read_end:
                os.read(fileno, 4096)
                continue
            each = self._map.get(fileno)
            if each is None:
                continue
            if flags & select.EPOLLRDHUP and not flags & select.EPOLLHUP:
                each.handle_input_ended()
            wasyncore.readwrite(each, flags & ~select.EPOLLRDHUP)
            self._unsettled.add(each)

    def close(self) -> None:
        self._epoll.close()
        os.close(self._read_end)
        os.close(self._write_end)

    def listens_for_input(self, each: Any) -> bool:
        """Tell whether the loop reads what the client sends next. May be called by any thread."""
        return bool(self._listened_to.get(each._fileno, 0) & select.EPOLLIN)

    def _listen_to(self, each: Any) -> None:
        """Listen for what the object waits for. See Note [An answer that ends meanwhile]."""
        fileno = each._fileno
        is_settled = False
        while not is_settled:
            if fileno is None or self._map.get(fileno) is not each:
                self._unsettled.discard(each)
                return
            is_settled = getattr(each, "is_settled", True)
            flags = 0
            if each.readable():
                flags |= select.EPOLLIN
            elif not getattr(each, "has_input_ended", True):
                flags |= select.EPOLLRDHUP
            if each.writable():
                flags |= select.EPOLLOUT
            before = self._listened_to.get(fileno)
            self._listened_to[fileno] = flags
            if before is None:
                self._epoll.register(fileno, flags)
            elif before != flags:
                self._epoll.modify(fileno, flags)
            if not (is_settled or each.is_settled):
                return  # it is asked again before the next wait
        self._unsettled.discard(each)
