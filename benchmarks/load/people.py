"""Clients at work, each on a dataset of its own, one request after the other without a pause."""

from __future__ import annotations

import asyncio
import random
import time
import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from urllib.parse import quote

import orjson

from benchmarks.load.http_client import HttpClient
from benchmarks.load.urls import TRIVIAL

PAGE, FILTER, OPERATION, UNDO, VALIDATE, TRIVIAL_VIEW = (
    "page",
    "filter",
    "operation",
    "undo",
    "validate",
    "trivial view",
)
PAGE_ROWS = 50
_RENAME = orjson.dumps({"old_name": "few_1", "new_name": "region"})
# What a person does next, of a hundred times; an operation is followed by its undo.
_PAGES, _FILTERS, _OPERATIONS = 70, 10, 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """One request: what it was, when it was sent, how long it took, and the status."""

    kind: str
    at: float
    ms: float
    status: int


@dataclass(slots=True, kw_only=True)
class Person:
    """A user at one dataset, in which a session is open."""

    client: HttpClient
    dataset_id: uuid.UUID
    row_count: int
    choice: random.Random
    seen: list[Seen] = field(default_factory=list)

    async def work(self, ends_at: float) -> None:
        """Do what people do in a studio: mostly pages, sometimes a filter or a change."""
        while time.monotonic() < ends_at:
            drawn = self.choice.randrange(100)
            if drawn < _PAGES:
                number = self.choice.randint(1, self.row_count // PAGE_ROWS)
                await self._get(PAGE, f"data/?page_size={PAGE_ROWS}&page_number={number}")
            elif drawn < _PAGES + _FILTERS:
                await self._filter()
            elif drawn < _PAGES + _FILTERS + _OPERATIONS:
                await self._send(OPERATION, "POST", "session/rename-column/", _RENAME)
                await self._send(UNDO, "POST", "session/undo/", b"{}")
            else:
                await self._get(VALIDATE, "session/validate/")

    async def ask_trivial(self, ends_at: float) -> None:
        """Ask the trivial view again and again."""
        while time.monotonic() < ends_at:
            await self._noted(TRIVIAL_VIEW, lambda: self.client.send("GET", f"/{TRIVIAL}"))

    async def _filter(self) -> None:
        """Filter by a number that nobody filtered by before."""
        least = round(self.choice.uniform(0, 150), 6)
        condition = [{"column": "float_1", "op": "gt", "value": least}]
        filter_ = quote(orjson.dumps(condition).decode())
        await self._get(FILTER, f"data/?page_size={PAGE_ROWS}&filter={filter_}")

    async def _get(self, kind: str, endpoint: str) -> None:
        await self._send(kind, "GET", endpoint, b"")

    async def _send(self, kind: str, method: str, endpoint: str, body: bytes) -> None:
        target = f"/api/studio/{self.dataset_id}/{endpoint}"
        await self._noted(kind, lambda: self.client.send(method, target, body))

    async def _noted(self, kind: str, send: Callable[[], Awaitable[int]]) -> None:
        begun = time.monotonic()
        status = await send()
        ms = (time.monotonic() - begun) * 1000
        self.seen.append(Seen(kind=kind, at=begun, ms=ms, status=status))


async def all_at_once(works: list[Awaitable[None]], watch: Callable[[], object]) -> None:
    """Do all works at the same time, and call `watch` every second meanwhile, in another thread."""

    async def watching() -> None:
        while True:
            await asyncio.to_thread(watch)
            await asyncio.sleep(1)

    watcher = asyncio.create_task(watching())
    try:
        await asyncio.gather(*works)
    finally:
        watcher.cancel()
