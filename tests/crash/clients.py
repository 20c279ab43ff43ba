"""The load: clients that send until they are answered, and then go on.

A request that got no answer, or 503, is sent again with the same client operation id. So at the end
every request was answered, and the ledger knows how.
"""

from __future__ import annotations

import random
import threading
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.client import HTTPException
from typing import Any, ClassVar

import orjson

from tests.crash.ledger import Account, Ledger, Request
from tests.support.studio_client import Answer, Studio

# A hang is a fault. No statement runs longer than 30 s, and no wait for a lock or a connection than
# 5 s; a server that has just been started on a busy machine takes some seconds to answer first.
HANG_SECONDS = 30.0
GIVE_UP_SECONDS = 120.0
PAUSE_SECONDS = 0.03
STATES_OF_ONE_SESSION = 150


class GaveUp(Exception):
    """The service did not come back."""


@dataclass(kw_only=True)
class Client:
    """One client, run by one thread. `answered_at` is when it last got a good answer."""

    name: str
    studio: Studio
    ledger: Ledger
    choice: random.Random
    stopping: threading.Event
    answered_at: float = 0.0

    think_seconds: ClassVar[float] = 0.04

    def run(self) -> None:
        try:
            while not self.stopping.is_set():
                self.step()
                time.sleep(self.choice.uniform(0, self.think_seconds))
        except GaveUp as error:
            self.ledger.fault(f"{self.name}: {error}")

    def step(self) -> None:
        raise NotImplementedError

    def answer_to(
        self, method: str, path: str, *, request: Request | None = None, **sent: Any
    ) -> Answer:
        """Send until there is an answer other than 503."""
        deadline = time.monotonic() + GIVE_UP_SECONDS
        while time.monotonic() < deadline:
            if request is not None:
                request.sends += 1
            answer = attempt(self.studio, method, path, ledger=self.ledger, **sent)
            if answer is not None and answer.status != 503:
                if answer.status < 300:
                    self.answered_at = time.monotonic()
                return answer
            time.sleep(PAUSE_SECONDS)
        raise GaveUp(f"{method} {path} was not answered for {GIVE_UP_SECONDS:.0f} s")


def attempt(
    studio: Studio, method: str, path: str, *, ledger: Ledger, **sent: Any
) -> Answer | None:
    """Send once and count what came; None when nothing did. 503 must carry the error object."""
    began = time.monotonic()
    try:
        answer = studio.request(method, path, **sent)
    except TimeoutError:
        ledger.fault(f"{method} {path}: no answer within {time.monotonic() - began:.0f} s")
        return None
    except ConnectionRefusedError:
        ledger.count("refused connection")
        return None
    except (OSError, HTTPException):
        ledger.count("broken connection")
        return None
    seconds = time.monotonic() - began
    ledger.count(str(answer.status), seconds)
    if seconds > HANG_SECONDS:
        ledger.fault(f"{method} {path}: answered {answer.status} after {seconds:.1f} s")
    if answer.status == 503:
        is_expected = answer.error.get("code") in ("DATABASE_UNAVAILABLE", "OUTCOME_UNKNOWN")
        if not is_expected or not answer.error.get("trace_id"):
            ledger.fault(f"{method} {path}: {answer!r}")
    elif answer.status >= 500:
        ledger.fault(f"{method} {path}: {answer!r}")
    return answer


@dataclass(kw_only=True)
class Editor(Client):
    """Changes a session: operations, undo, redo, reset, and now and then a new session."""

    account: Account
    columns: list[str] = field(default_factory=list)
    number: int = 0

    def open(self) -> None:
        self._take(self.answer_to("POST", "session/initialize/", content=b"{}"))

    def change(self, path: str, fields: Mapping[str, Any] | None = None) -> Answer:
        """Send one request until it is acknowledged or refused, and keep what it was told."""
        request = Request(client_operation_id=uuid.UUID(int=self.choice.getrandbits(128)))
        self.account.requests.append(request)
        body = {**(fields or {}), "client_operation_id": str(request.client_operation_id)}
        while True:
            answer = self.answer_to("POST", path, request=request, content=orjson.dumps(body))
            if answer.status != 409:
                break
            time.sleep(self.choice.uniform(0, PAUSE_SECONDS))  # somebody else was faster
        if answer.status == 200:
            request.version = answer.body["version"]
            request.is_acknowledged = True
        elif answer.status == 400:
            request.is_refused = True
        else:
            self.ledger.fault(f"{self.name}: POST {path}: {answer!r}")
        return answer

    def rename(self, column: str) -> tuple[Answer, str]:
        self.number += 1
        new_name = f"{self.name} {self.number}"
        fields = {"old_name": column, "new_name": new_name}
        return self.change("session/rename-column/", fields), new_name

    def _take(self, answer: Answer) -> None:
        if answer.status == 200 and answer.body["column_info"] is not None:
            self.columns = answer.body["column_info"]


@dataclass(kw_only=True)
class SolitaryEditor(Editor):
    """Alone in its session, so it knows what every answer must be."""

    done: list[tuple[int, str, str]] = field(default_factory=list)
    undone: list[tuple[int, str, str]] = field(default_factory=list)
    original: list[str] = field(default_factory=list)
    changes: int = 0

    def open(self) -> None:
        super().open()
        self.original = list(self.columns)
        self.done, self.undone, self.changes = [], [], 0

    def step(self) -> None:
        self.changes += 1
        if self.changes > STATES_OF_ONE_SESSION:
            self.change("session/clear/")
            self.open()
            return
        expected = list(self.columns)
        choice = self.choice.random()
        if choice < 0.2 and self.done:
            at, old, new = self.done.pop()
            self.undone.append((at, old, new))
            expected[at] = old
            answer = self.change("session/undo/")
        elif choice < 0.35 and self.undone:
            at, old, new = self.undone.pop()
            self.done.append((at, old, new))
            expected[at] = new
            answer = self.change("session/redo/")
        elif len(self.done) > 30:
            self.done, self.undone, expected = [], [], list(self.original)
            answer = self.change("session/reset/")
        else:
            at = self.choice.randrange(len(expected))
            answer, new = self.rename(expected[at])
            self.done.append((at, expected[at], new))
            self.undone, expected[at] = [], new
        if answer.status != 200 or answer.body["column_info"] != expected:
            self.ledger.fault(f"{self.name}: expected the columns {expected}, got {answer!r}")
        self.columns = expected


@dataclass(kw_only=True)
class SharedEditor(Editor):
    """One of several tabs on one session; others change it meanwhile, and some changes fail."""

    def step(self) -> None:
        choice = self.choice.random()
        if choice < 0.3:
            answer = self.change("session/undo/")
        elif choice < 0.4:
            answer = self.change("session/redo/")
        elif choice < 0.45:
            answer = self.change("session/reset/")
        else:
            answer, _ = self.rename(self.choice.choice(self.columns))
        if answer.status != 200:
            answer = self.answer_to("GET", "session/status/")
        self._take(answer)


@dataclass(kw_only=True)
class Reader(Client):
    """Looks at pages and verdicts; each must come, or be 503."""

    paths: ClassVar[tuple[str, ...]] = (
        "session/status/",
        "data/?page=1&pageSize=5",
        "session/validate/",
        "/api/datasources/",
    )

    def step(self) -> None:
        path = self.choice.choice(self.paths)
        answer = self.answer_to("GET", path)
        if answer.status != 200:
            self.ledger.fault(f"{self.name}: GET {path}: {answer!r}")


@dataclass(kw_only=True)
class Uploader(Client):
    """Uploads small files, which a background job loads."""

    think_seconds: ClassVar[float] = 1.5

    def step(self) -> None:
        name = f"{self.name}-{self.choice.getrandbits(32):08x}"
        lines = "".join(f"{row},{self.choice.random()}\r\n" for row in range(200))
        content = (
            f'--x\r\nContent-Disposition: form-data; name="file"; filename="{name}.csv"\r\n'
            f"Content-Type: text/csv\r\n\r\nid,value\r\n{lines}\r\n--x--\r\n"
        )
        answer = self.answer_to(
            "POST",
            "/api/datasources/",
            content=content.encode(),
            headers={"Content-Type": "multipart/form-data; boundary=x"},
        )
        if answer.status == 201:
            self.ledger.uploads.append(uuid.UUID(answer.body["datasource"]["id"]))
        else:
            self.ledger.fault(f"{self.name}: upload: {answer!r}")
