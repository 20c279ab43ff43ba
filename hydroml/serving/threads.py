"""The threads that run the application."""

from __future__ import annotations

import threading
from collections import deque
from queue import SimpleQueue
from typing import Protocol

from waitress.utilities import logger


class Task(Protocol):
    def service(self) -> None: ...


class Threads:
    """Starts a thread when all others are busy, and gives work to the one that became idle last.

    Its database connection and caches are the warmest. waitress would take all threads in turn.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._started = 0
        self._lock = threading.Lock()
        self._idle: list[SimpleQueue[Task | None]] = []
        self._queue: deque[Task] = deque()
        self._is_ending = False

    def add_task(self, task: Task) -> None:
        """Have a thread serve the task: at once, or in order of arrival."""
        with self._lock:
            if self._idle:
                self._idle.pop().put(task)
            elif self._started < self._most:
                self._started += 1
                name = f"web-{self._started}"
                threading.Thread(target=self._serve, args=(task,), name=name, daemon=True).start()
            else:
                self._queue.append(task)

    def end(self) -> None:
        """End each thread when it has nothing to do."""
        with self._lock:
            self._is_ending = True
            for idle in self._idle:
                idle.put(None)

    def _serve(self, first: Task) -> None:
        own: SimpleQueue[Task | None] = SimpleQueue()
        task: Task | None = first
        while task is not None:
            try:
                task.service()
            except BaseException:  # noqa: BLE001  (an error must not end the thread)
                logger.exception("an answer failed")
            with self._lock:
                if self._queue:
                    task = self._queue.popleft()
                    continue
                if self._is_ending:
                    return
                self._idle.append(own)
            task = own.get()
