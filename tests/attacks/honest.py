"""Honest users, in a process of their own, so that the attackers' threads do not slow their clocks.

`python -m tests.attacks.honest` reads one JSON object from its input, acts until the input ends,
and prints a line for each request: what it was, when it was sent (`time.monotonic()`, which all
processes of a machine share), how long it took, and the status, 0 for no answer.
"""

from __future__ import annotations

import json
import random
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from http.client import HTTPException
from typing import Any

from tests.attacks.clients import Client

PAGE, HEALTH, FILTER, CHANGE, UNDO, STATUS = (
    "page",
    "health",
    "filter",
    "operation",
    "undo",
    "status",
)
NO_ANSWER = 0
HANG_SECONDS = 60.0
_printing = threading.Lock()


@dataclass(kw_only=True)
class Visitor:
    """One user or probe, run by one thread, which pauses between two requests."""

    client: Client
    pause_seconds: float
    choice: random.Random
    stopping: threading.Event
    rows: int

    def turn_pages(self) -> None:
        """Read pages of 50 rows at random depths."""
        self._each(lambda: self._page())

    def ask_health(self) -> None:
        self._each(lambda: self._send(HEALTH, lambda: self.client.get("/healthz")))

    def work(self) -> None:
        """Do what people do in a studio: mostly pages, sometimes a filter or a change."""
        self._each(self._something)

    def _each(self, act: Callable[[], object]) -> None:
        while not self.stopping.wait(self.pause_seconds * self.choice.uniform(0.5, 1.5)):
            act()

    def _something(self) -> None:
        draw = self.choice.random()
        if draw < 0.6:
            self._page()
        elif draw < 0.75:
            self._send(STATUS, lambda: self.client.get("session/status/"))
        elif draw < 0.85:
            bound = self.choice.randrange(self.rows)
            filter_ = f"[{{%22column%22:%22id%22,%22op%22:%22gt%22,%22value%22:{bound}}}]"
            self._send(FILTER, lambda: self.client.get(f"data/?page_size=50&filter={filter_}"))
        else:
            body = {"operation": "duplicate", "columns": ["id"]}
            self._send(CHANGE, lambda: self.client.post("transform/columns/", body))
            self._send(UNDO, lambda: self.client.post("session/undo/"))

    def _page(self) -> None:
        number = self.choice.randrange(1, max(2, self.rows // 50))
        self._send(PAGE, lambda: self.client.get(f"data/?page_size=50&page_number={number}"))

    def _send(self, kind: str, request: Callable[[], Any]) -> None:
        began = time.monotonic()
        try:
            status = request().status
        except (OSError, HTTPException):
            status = NO_ANSWER
        line = json.dumps([kind, began, time.monotonic() - began, status])
        with _printing:
            print(line, flush=True)


def main() -> None:
    told = json.loads(sys.stdin.readline())
    stopping = threading.Event()
    visitors = [
        Visitor(
            client=Client(timeout_seconds=HANG_SECONDS, **fields),
            pause_seconds=told["pause_seconds"],
            choice=random.Random(number),
            stopping=stopping,
            rows=told["rows"],
        )
        for number, fields in enumerate(told["clients"])
    ]
    acts = [visitor.work if told["works"] else visitor.turn_pages for visitor in visitors]
    acts.append(visitors[0].ask_health)
    threads = [threading.Thread(target=act, daemon=True) for act in acts]
    for thread in threads:
        thread.start()
    sys.stdin.read()
    stopping.set()
    for thread in threads:
        thread.join(HANG_SECONDS)


if __name__ == "__main__":
    main()
