"""Rounds of killing: under load, kill -9 something, start it again, see everybody served again."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.contrib.auth.models import User
from django.core.management import call_command
from django.db import connection, connections
from django.test import Client as DjangoClient
from tqdm import tqdm

from session_events.models import SessionSnapshot
from tests.crash.audit import Findings, audit
from tests.crash.clients import (
    HANG_SECONDS,
    Client,
    Reader,
    SharedEditor,
    SolitaryEditor,
    Uploader,
    attempt,
)
from tests.crash.ledger import Account, Ledger
from tests.crash.victims import OwnPostgres, OwnRedis, Worker
from tests.support.patience import PATIENCE_SECONDS, eventually
from tests.support.serving import Server, free_port
from tests.support.small_datasets import publish
from tests.support.studio_client import Studio
from tests.support.users import token_of

POSTGRES, WEB, WORKER, BACKEND = "PostgreSQL", "web", "worker", "one PostgreSQL backend"
SINGLE = (POSTGRES, WEB, BACKEND, WORKER)
TOGETHER = (f"{POSTGRES} and {WEB}", f"{POSTGRES}, {WEB} and {WORKER}")
SOLITARY_EDITORS = 3
SHARED_EDITORS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """What was killed, for how long it was down, and how long after that everybody was served."""

    victim: str
    down_ms: float
    served_again_ms: float


@dataclass(slots=True, kw_only=True)
class Campaign:
    """One run: what is started in `start` is ended in `close`, whatever happened between."""

    directory: Path
    postgres: OwnPostgres
    seed: int
    choice: random.Random = field(init=False)
    ledger: Ledger = field(default_factory=Ledger)
    rounds: list[Round] = field(default_factory=list)
    postgres_version: str = ""
    web: Server = field(init=False)
    worker: Worker | None = None
    _clients: list[Client] = field(default_factory=list)
    _probes: list[Studio] = field(default_factory=list)
    _studios: dict[UUID, Studio] = field(default_factory=dict)
    _stopping: threading.Event = field(default_factory=threading.Event)
    _resources: ExitStack = field(default_factory=ExitStack)

    def __post_init__(self) -> None:
        self.choice = random.Random(self.seed)

    def start(self, *, with_worker: bool = True) -> None:
        """Start the service, with a worker if there is a Redis to be had, and its clients."""
        call_command("migrate", verbosity=0, interactive=False)
        with connection.cursor() as cursor:
            cursor.execute("SHOW server_version")
            self.postgres_version = cursor.fetchone()[0]
        environment = {
            "DJANGO_SETTINGS_MODULE": "tests.crash.service_settings",
            "CRASH_DIRECTORY": str(self.directory),
            "SECRET_KEY": settings.SECRET_KEY,
            "REDIS_URL": "",
            "SENTRY_DSN": "",
        }
        if with_worker and OwnRedis.is_there():
            broker = OwnRedis(directory=self.directory, port=free_port())
            broker.start()
            self._resources.callback(broker.stop)
            environment["REDIS_URL"] = broker.url
            self.worker = Worker(
                log=self.directory / "worker.log", broker_url=broker.url, environment=environment
            )
            self._resources.callback(self.worker.kill)
            self.worker.start()
        self.web = Server(
            log=self.directory / "web.log",
            port=free_port(),
            environment=environment,
        )
        self._resources.callback(self.web.kill)
        self.web.start()
        self._make_clients()
        connections.close_all()

    def close(self) -> None:
        self._stopping.set()
        connections.close_all()
        self._resources.close()

    def run(self, rounds: int, *, limit_seconds: float) -> Findings:
        """Kill so many times, or until the time is over; then compare the ledger and the log."""
        ends_at = time.monotonic() + limit_seconds
        with ThreadPoolExecutor(len(self._clients)) as pool:
            running = [pool.submit(client.run) for client in self._clients]
            try:
                victims = self._victims()
                for _ in tqdm(range(rounds), desc="kill -9", unit="round", disable=None):
                    if time.monotonic() > ends_at or self.ledger.faults:
                        break
                    self.rounds.append(self._round(next(victims)))
                eventually(self._has_a_snapshot)
            finally:
                self._stopping.set()
            for client in running:
                client.result()
        findings = audit(self.ledger, self._studios)
        if findings.snapshots == 0:
            self.ledger.fault("no snapshot was taken, so nothing was shown of them")
        return findings

    def _has_a_snapshot(self) -> bool:
        return SessionSnapshot.objects.exists()

    def _victims(self) -> Iterator[str]:
        """Each alone first, then all of them again and again, shuffled like cards."""
        cards = list(SINGLE)
        while True:
            self.choice.shuffle(cards)
            for card in cards:
                if WORKER not in card or self.worker is not None:
                    yield card
            cards = [*SINGLE, *TOGETHER]

    def _round(self, victim: str) -> Round:
        time.sleep(self.choice.uniform(0.2, 1.5))
        began = time.monotonic()
        if victim == BACKEND:
            self.postgres.kill_one_backend(self.choice)
        else:
            self._kill_and_start(victim)
        is_up = time.monotonic()
        self._wait_until_served(since=is_up)
        served = time.monotonic()
        return Round(
            victim=victim, down_ms=(is_up - began) * 1000, served_again_ms=(served - is_up) * 1000
        )

    def _kill_and_start(self, victim: str) -> None:
        if POSTGRES in victim:
            self.postgres.kill()
        if WEB in victim:
            self.web.kill()
        if WORKER in victim and self.worker is not None:
            self.worker.kill()
        if victim == POSTGRES:
            self._look_without_database()
        time.sleep(self.choice.uniform(0, 0.5))
        if POSTGRES in victim:
            self.postgres.start()
        if WEB in victim:
            self.web.start()
        if WORKER in victim and self.worker is not None:
            self.worker.start()

    def _look_without_database(self) -> None:
        """Every kind of request is answered 503 with the error object, soon."""
        for studio in self._probes:
            for method, path, content in (
                ("GET", "session/validate/", b""),
                ("GET", "session/status/", b""),
                ("GET", "data/?page=1", b""),
                ("POST", "session/undo/", b"{}"),
                ("POST", "session/recover/", b"{}"),
                ("GET", "/api/datasources/", b""),
            ):
                answer = attempt(studio, method, path, ledger=self.ledger, content=content)
                if answer is None or answer.status != 503:
                    self.ledger.fault(f"without a database {method} {path} got {answer!r}")
        ready = self.web.transport.send("GET", "/readyz", content=b"", headers={})
        if ready.status != 503:
            self.ledger.fault(f"without a database /readyz says {ready!r}")

    def _wait_until_served(self, since: float) -> None:
        deadline = since + PATIENCE_SECONDS
        while not all(
            client.answered_at > since
            for client in self._clients
            if not isinstance(client, Uploader)
        ):
            if time.monotonic() > deadline:
                late = [client.name for client in self._clients if client.answered_at <= since]
                self.ledger.fault(f"after {PATIENCE_SECONDS} s not served again: {late}")
                return
            time.sleep(0.005)

    def _make_clients(self) -> None:
        transport = replace(self.web.transport, timeout_seconds=HANG_SECONDS)
        for number in range(SOLITARY_EDITORS + 1):
            user = User.objects.create(username=f"user{number}")
            dataset = publish(user)
            is_shared = number == SOLITARY_EDITORS
            account = Account(user_id=user.pk, dataset_id=dataset.pk, is_ordered=not is_shared)
            self.ledger.accounts.append(account)
            studio = Studio(
                datasource_id=dataset.pk,
                token=token_of(user),
                transport=transport,
                headers={"X-Studio-Capabilities": "structured-errors"},
            )
            self._studios[dataset.pk] = studio
            kind = SharedEditor if is_shared else SolitaryEditor
            for tab in range(SHARED_EDITORS if is_shared else 1):
                name = f"editor {number}.{tab}"
                editor = kind(**self._client(name, studio), account=account)
                editor.open()
                self._clients.append(editor)
            if number == 0:
                self._clients.append(Reader(**self._client("reader", studio)))
                self._probes.append(studio)
            elif is_shared:
                browser = _signed_in(user, studio)
                self._clients.append(Reader(**self._client("browser", browser)))
                self._probes.append(browser)
            if is_shared and self.worker is not None:
                self._clients.append(Uploader(**self._client("uploader", studio)))

    def _client(self, name: str, studio: Studio) -> dict[str, object]:
        return {
            "name": name,
            "studio": studio,
            "ledger": self.ledger,
            "choice": random.Random(f"{self.seed} {name}"),
            "stopping": self._stopping,
        }


def _signed_in(user: User, studio: Studio) -> Studio:
    """The same client as a browser: a login cookie in place of the token."""
    browser = DjangoClient()
    browser.force_login(user)
    cookie = f"{settings.SESSION_COOKIE_NAME}={browser.cookies[settings.SESSION_COOKIE_NAME].value}"
    return Studio(
        datasource_id=studio.datasource_id,
        transport=studio.transport,
        headers={**studio.headers, "Cookie": cookie, "Sec-Fetch-Site": "same-origin"},
    )
