"""The threads that run the application."""

from __future__ import annotations

import threading
from queue import SimpleQueue

from waitress.utilities import logger

from hydroml.serving.turns import Task, Turn, Turns


class Threads:
    """Starts a thread when all others are busy, and gives work to the one that became idle last.

    Its database connection and caches are the warmest. waitress would take all threads in turn.
    Which task is next, and how many have a turn at once, is decided in `turns`.
    """

    def __init__(self, most: int, *, turns: int) -> None:
        self._most = most
        self._started = 0
        self._lock = threading.Lock()
        self._idle: list[SimpleQueue[Turn | None]] = []
        self._turns = Turns(most=turns, end_early=self._end_early)
        self._is_ending = False

    def add_task(self, task: Task, caller: str) -> None:
        """Have a thread serve the caller's task when it is its turn."""
        with self._lock:
            self._turns.add(task, caller)
            self._begin_turns()

    def look_again(self) -> None:
        """Begin the turns that others have had for too long to keep. Call it at times."""
        with self._lock:
            self._begin_turns()

    def end(self) -> None:
        """End each thread when it has nothing to do."""
        with self._lock:
            self._is_ending = True
            while self._idle:
                self._idle.pop().put(None)

    def _end_early(self, turn: Turn) -> None:
        with self._lock:
            self._turns.end(turn)
            self._begin_turns()

    def _begin_turns(self) -> None:
        while (self._idle or self._started < self._most) and (turn := self._turns.next()):
            if self._idle:
                self._idle.pop().put(turn)
            elif not self._has_started_with(turn):
                self._turns.put_back(turn)
                return

    def _has_started_with(self, turn: Turn) -> bool:
        name = f"web-{self._started + 1}"
        thread = threading.Thread(target=self._serve, args=(turn,), name=name, daemon=True)
        try:
            thread.start()
        except RuntimeError:  # the system has no room for it now
            logger.exception("a thread cannot be started")
            return False
        self._started += 1
        return True

    def _serve(self, first: Turn) -> None:
        own: SimpleQueue[Turn | None] = SimpleQueue()
        turn: Turn | None = first
        while turn is not None:
            try:
                turn.task.service(turn)
            except BaseException:  # noqa: BLE001  (an error must not end the thread)
                logger.exception("an answer failed")
            with self._lock:
                self._turns.end(turn)
                self._idle.append(own)
                self._begin_turns()
                if self._is_ending and own in self._idle:
                    self._idle.remove(own)
                    return
            turn = own.get()
