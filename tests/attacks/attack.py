"""What an attack is: clients that do harm from `begin` to `end`, and count what they are told."""

from __future__ import annotations

import threading
import time
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from http.client import HTTPException
from typing import ClassVar

from tests.attacks.clients import Client, Line, Reply
from tests.attacks.service import AttackedService

CUT = "no answer"
PAUSE_SECONDS = 0.02  # after a refusal, so that an attacker does not only measure itself
END_SECONDS = 60


@dataclass(kw_only=True, eq=False)
class Attack(ABC):
    """One attack.

    `title` names it in the table. `accounts` says how many accounts it needs; it gets them in
    `attackers`. `answers` counts what the attackers were told: statuses, and `CUT`; `largest_bytes`
    is their largest answer. With `stops_pages`, the honest user's pages may be refused during the
    attack, because a part that every page needs does not answer; `/healthz` must be answered.
    """

    title: ClassVar[str]
    accounts: ClassVar[int] = 1
    stops_pages: ClassVar[bool] = False

    service: AttackedService
    attackers: list[Client]
    answers: Counter[str] = field(default_factory=Counter)
    largest_bytes: int = 0
    stopping: threading.Event = field(default_factory=threading.Event)

    def prepare(self) -> None:  # noqa: B027 - most need nothing
        """Make what the attack needs, such as datasets. It does no harm yet."""

    @abstractmethod
    def begin(self) -> None:
        """Start, and return at once. The attack goes on until `end`."""

    @abstractmethod
    def end(self) -> None:
        """Cut all connections and stop the attackers."""

    def is_on(self) -> bool:
        """Tell whether the attackers have reached the service: something waits, or was answered."""
        return bool(self.waiting() or self.answers)

    def waiting(self) -> int:
        """Count the requests or connections that are open now."""
        return 0

    def oldest_seconds(self) -> float:
        """Return how long the longest open request has been waiting for its answer."""
        return 0.0


@dataclass(kw_only=True, eq=False)
class RequestAttack(Attack):
    """Attackers that send requests, each in a loop of its own, as fast as they are answered."""

    at_once: int = 16

    _lines: dict[int, Line] = field(default_factory=dict)
    _threads: list[threading.Thread] = field(default_factory=list)

    @abstractmethod
    def step(self, number: int, turn: int) -> Reply | None:
        """Send what attacker `number` sends on its `turn`, by `self.send`."""

    def send(self, number: int, client: Client, method: str, path: str, **how: object) -> Reply:
        """Send a request whose connection `end` can cut."""
        line = self._lines[number] = client.line()
        try:
            if self.stopping.is_set():
                raise ConnectionAbortedError
            return client.request(method, path, line=line, **how)  # type: ignore[arg-type]
        finally:
            self._lines.pop(number, None)

    def begin(self) -> None:
        self._threads = [
            threading.Thread(target=self._run, args=(number,), name=f"attacker-{number}")
            for number in range(self.at_once)
        ]
        for thread in self._threads:
            thread.start()

    def end(self) -> None:
        self.stopping.set()
        for line in list(self._lines.values()):
            line.cut()
        for thread in self._threads:
            thread.join(END_SECONDS)
            assert not thread.is_alive(), f"{self.title}: {thread.name} does not end"

    def waiting(self) -> int:
        return len(self._lines)

    def oldest_seconds(self) -> float:
        begun = [line.began for line in list(self._lines.values()) if line.began]
        return time.monotonic() - min(begun) if begun else 0.0

    def _run(self, number: int) -> None:
        turn = 0
        while not self.stopping.is_set():
            try:
                reply = self.step(number, turn)
            except (OSError, HTTPException, ValueError, AttributeError):
                # The last two are what http.client raises on a connection cut at the wrong moment.
                if not self.stopping.is_set():
                    self.answers[CUT] += 1
                self.stopping.wait(PAUSE_SECONDS)
            else:
                if reply is not None:
                    self.answers[str(reply.status)] += 1
                    self.largest_bytes = max(self.largest_bytes, len(reply.content))
                    if reply.status >= 400:
                        self.stopping.wait(PAUSE_SECONDS)
            turn += 1


@dataclass(kw_only=True, eq=False)
class FaultAttack(Attack):
    """Not a client but a part of the service that stalls, from `begin` to `end`."""

    _undo: list[Callable[[], object]] = field(default_factory=list)

    def end(self) -> None:
        self.stopping.set()
        while self._undo:
            with suppress(ProcessLookupError):
                self._undo.pop()()

    def is_on(self) -> bool:
        return bool(self._undo)
