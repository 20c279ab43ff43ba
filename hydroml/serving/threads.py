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
        self._turns = Turns(most=turns)
        self._is_ending = False

    def add_task(self, task: Task) -> None:
        """Have a thread serve the task when it is its turn."""
        with self._lock:
            self._turns.add(task)
            self._give_turns()

    def look_again(self) -> None:
        """Give the turns of those who have had theirs for too long to others. Call it at times."""
        with self._lock:
            self._give_turns()

    def end(self) -> None:
        """End each thread when it has nothing to do."""
        with self._lock:
            self._is_ending = True
            for idle in self._idle:
                idle.put(None)

    def _give_back(self, turn: Turn) -> None:
        with self._lock:
            self._turns.end(turn)
            self._give_turns()

    def _give_turns(self) -> None:
        while (self._idle or self._started < self._most) and (
            turn := self._turns.next(self._give_back)
        ):
            if self._idle:
                self._idle.pop().put(turn)
            else:
                self._started += 1
                name = f"web-{self._started}"
                threading.Thread(target=self._serve, args=(turn,), name=name, daemon=True).start()

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
                turn = self._turns.next(self._give_back)
                if turn is not None:
                    continue
                if self._is_ending:
                    return
                self._idle.append(own)
            turn = own.get()
