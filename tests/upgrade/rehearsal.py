"""One rolling upgrade under load: the version before, both beside each other, this version."""

from __future__ import annotations

import json
import random
import threading
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import orjson
from django.conf import settings
from django.db import connections

from data_tools.models import DataSource
from data_tools.row_tables.names import own_table
from tests.crash.audit import Findings, audit
from tests.crash.clients import HANG_SECONDS, Client, Reader, SolitaryEditor, Uploader
from tests.crash.ledger import Account, Ledger, Request
from tests.support.own_tables import own_tables
from tests.support.patience import eventually
from tests.support.serving import Server
from tests.support.studio_client import STRUCTURED, Studio, Transport
from tests.support.uploads import MULTIPART, form
from tests.upgrade.clients import LIST, InTurn, SigningIn, browser_session
from tests.upgrade.versions import Version, manage

PASSWORD = "a password for one rehearsal"
USERS = ("alice", "bob", "carol")
_MAKE_USERS = f"""
from django.contrib.auth.models import User
for name in {USERS!r}:
    print(name, User.objects.create_user(name, password={PASSWORD!r}).pk)
"""
CSV = b"id,day,word\n" + b"".join(b"%d,%02d.11.2026,w%d\n" % (n, n % 30 + 1, n) for n in range(200))
FIRST_PAGE = "data/?page=1&pageSize=3"
# An option that the first version does not know, and a view that the last one does not know wholly.
NEWER = {"column_name": "day", "new_type": "date", "date_format": "%d.%m.%Y"}
NEWER_VIEW = {"page_number": 1, "page_size": 3, "column_widths": {"day": 160}, "frozen_columns": 1}


@dataclass(slots=True, kw_only=True)
class Rehearsal:
    """What `run` does, and what was seen; `directory` is emptied by the caller."""

    directory: Path
    revision: str
    seconds_of_each_phase: float
    ledger: Ledger = field(default_factory=Ledger)
    migrated_seconds: float = 0.0
    before_on_newer_event: str = ""
    _environment: dict[str, str] = field(default_factory=dict)
    _version: Version = field(init=False)
    _before: Server = field(init=False)
    _now: Server = field(init=False)
    _users: dict[str, int] = field(default_factory=dict)
    _studios: dict[UUID, Studio] = field(default_factory=dict)
    _editors: list[SolitaryEditor] = field(default_factory=list)
    _clients: list[Client] = field(default_factory=list)
    _stopping: threading.Event = field(default_factory=threading.Event)

    def run(self) -> Findings:
        """Return what the log holds of what was acknowledged. Faults are in the ledger."""
        shared = {"SECRET_KEY": settings.SECRET_KEY, "REDIS_URL": "", "RATE_LIMITS": "false"}
        old = shared | {"DJANGO_SETTINGS_MODULE": "hydroml.settings"}
        new = shared | {
            "DJANGO_SETTINGS_MODULE": "tests.crash.service_settings",
            "CRASH_DIRECTORY": str(self.directory),
            # What is loaded from now on has tables of its own, and so has what is moved into them.
            "OWN_TABLE_ROWS": "100",
        }
        self._environment = new
        self._version = Version.unpack(self.revision, self.directory)
        self._version.manage("migrate", "--verbosity", "0", environment=old)
        made = self._version.manage("shell", "-c", _MAKE_USERS, environment=old)
        lines = [line.split() for line in made.splitlines() if line.startswith(USERS)]
        self._users = {name: int(number) for name, number in lines}
        self._before = Server(
            log=self.directory / "before.log",
            workers=2,
            environment=old,
            tree=self._version.tree,
            python=self._version.python,
        )
        self._now = Server(log=self.directory / "now.log", workers=2, environment=new)
        try:
            self._before.start()
            self._make_clients()
            with self._everybody_works():
                time.sleep(self.seconds_of_each_phase)
                began = time.monotonic()
                manage("migrate", "--verbosity", "0", environment=new)
                self.migrated_seconds = time.monotonic() - began
                time.sleep(self.seconds_of_each_phase)
                self._now.start()
                self._work_side_by_side()
                time.sleep(self.seconds_of_each_phase)
                self._compare_both()
                self._require_own_tables_before()
                self._move_to(self._now.transport)
                self._wait_until_all_are_answered_there()
                self._before.stop()
                manage("finish_upgrade", environment=new)
                time.sleep(self.seconds_of_each_phase)
            self._require_sign_ins_last()
            manage("verify_event_log", "--all", environment=new)
            return audit(self.ledger, self._studios)
        finally:
            self._stopping.set()
            self._before.kill()
            self._now.kill()
            connections.close_all()

    def _make_clients(self) -> None:
        transport = replace(self._before.transport, timeout_seconds=HANG_SECONDS)
        credentials = {"username": "carol", "password": PASSWORD}
        for name, user_id in self._users.items():
            nobody = Studio(transport=transport, headers=STRUCTURED)
            sent = orjson.dumps({"username": name, "password": PASSWORD})
            token = nobody.request("POST", "/api/auth/token/", content=sent).body["token"]
            studio = self._uploaded(replace(nobody, token=token))
            account = Account(
                user_id=user_id, dataset_id=UUID(str(studio.datasource_id)), is_ordered=True
            )
            self.ledger.accounts.append(account)
            self._studios[account.dataset_id] = studio
            editor = SolitaryEditor(**self._client(f"editor {name}", studio), account=account)
            editor.open()
            self._editors.append(editor)
        _, second, third = self._editors
        cookie, _ = browser_session(third.studio, **credentials)
        browser = replace(third.studio, token="", headers={**STRUCTURED, "Cookie": cookie})
        self._clients = [
            *self._editors[:2],
            Reader(**self._client("reader", second.studio)),
            Reader(**self._client("browser", browser)),
            Uploader(**self._client("uploader", second.studio)),
            SigningIn(**self._client("signing in", third.studio), **credentials),
        ]

    def _client(self, name: str, studio: Studio) -> dict[str, Any]:
        return {
            "name": name,
            "studio": studio,
            "ledger": self.ledger,
            "choice": random.Random(name),
            "stopping": self._stopping,
        }

    def _uploaded(self, studio: Studio) -> Studio:
        made = studio.request("POST", LIST, content=form(CSV), headers=MULTIPART)
        dataset_id = made.body["datasource"]["id"]

        def is_ready() -> bool:
            answer = studio.request("GET", f"{LIST}{dataset_id}/")
            return b'"READY"' in answer.content

        eventually(is_ready)
        return replace(studio, datasource_id=dataset_id)

    @contextmanager
    def _everybody_works(self) -> Iterator[None]:
        with ThreadPoolExecutor(len(self._clients)) as pool:
            running: list[Future[None]] = [pool.submit(client.run) for client in self._clients]
            try:
                yield
            finally:
                self._stopping.set()
            for client in running:
                client.result()

    def _work_side_by_side(self) -> None:
        """One session stays with the version before, one is served by this one, others by both."""
        now = replace(self._now.transport, timeout_seconds=HANG_SECONDS)
        before = self._editors[0].studio.transport
        for client in self._clients:
            if client is self._editors[1]:
                client.studio = replace(client.studio, transport=now)
            elif isinstance(client, Reader):
                both = InTurn((now, before))
                client.studio = replace(client.studio, transport=both)

    def _compare_both(self) -> None:
        """Pages are the same on both; an event of this version harms nobody."""
        before = self._editors[2].studio
        now = replace(before, transport=self._now.transport)
        self._editors[2].rename("word")
        for page in (1, 2, 4):
            path = f"data/?page={page}&pageSize=50"
            rows = [studio.get(path).body["data"] for studio in (before, now)]
            if len(rows[0]) != 50 or rows[0] != rows[1]:
                self.ledger.fault(f"{path} differs: {json.dumps(rows)[:2000]}")
        self._editors[2].studio = now
        newer = self._editors[2].change("session/change-column-type/", NEWER)
        if newer.status != 200:
            self.ledger.fault(f"an event of this version: {newer!r}")
        self._look(self._editors[2])
        told = before.get(FIRST_PAGE)
        if told.status == 200:
            is_same = told.body["data"] == now.get(FIRST_PAGE).body["data"]
            self.before_on_newer_event = "read" if is_same else "read without what it does not know"
        else:
            self.before_on_newer_event = f"{told.status} {told.error['code']}"
        for _ in range(3):
            answer = now.get("session/status/")
            if answer.status != 200:
                self.ledger.fault(f"after a version before looked at it: {answer!r}")

    def _require_own_tables_before(self) -> None:
        """The version before reads rows that lie in a table of their own, as this one does."""
        loaded = self._uploaded(replace(self._editors[2].studio, transport=self._now.transport))
        manage("move_rows", environment=self._environment)
        dataset = DataSource.objects.get(pk=loaded.datasource_id)
        if dataset.own_tables != [1] or own_table(dataset.pk, 1) not in own_tables():
            self.ledger.fault(f"no table of its own, but {dataset.own_tables}: {own_tables()}")
        before = replace(loaded, transport=self._before.transport)
        rows = [studio.get("data/?page=2&pageSize=50").body["data"] for studio in (before, loaded)]
        if len(rows[0]) != 50 or rows[0] != rows[1]:
            self.ledger.fault(f"rows of a table of their own: {json.dumps(rows)[:2000]}")
        deleted = before.request("DELETE", f"{LIST}{before.datasource_id}/")
        if deleted.status not in (200, 204):
            self.ledger.fault(f"a dataset with a table of its own: {deleted!r}")
        if own_table(dataset.pk, 1) in own_tables():
            self.ledger.fault("the version before deleted a dataset, and its table is still there")

    def _look(self, editor: SolitaryEditor) -> None:
        """Report a view as a page of this version does."""
        request = Request(client_operation_id=uuid4())
        editor.account.requests.append(request)
        item = {"client_operation_id": str(request.client_operation_id), "type": "view_changed"}
        content = orjson.dumps({"items": [{**item, "view": NEWER_VIEW}]})
        answer = editor.answer_to("POST", "session/activity/", request=request, content=content)
        if answer.status == 200:
            request.is_acknowledged = True
        else:
            self.ledger.fault(f"a view of this version: {answer!r}")

    def _move_to(self, transport: Transport) -> None:
        now = replace(transport, timeout_seconds=HANG_SECONDS)
        for client in (*self._clients, *self._editors):
            client.studio = replace(client.studio, transport=now)
        for dataset_id, studio in self._studios.items():
            self._studios[dataset_id] = replace(studio, transport=now)

    def _wait_until_all_are_answered_there(self) -> None:
        moved_at = time.monotonic()
        eventually(lambda: all(client.answered_at > moved_at for client in self._clients))

    def _require_sign_ins_last(self) -> None:
        """Every token and login session that any version gave lets its user in."""
        for client in self._clients:
            if not isinstance(client, SigningIn):
                continue
            sent = [{"Authorization": f"Token {token}"} for token in client.tokens]
            sent += [{"Cookie": cookie} for cookie in client.cookies]
            for headers in sent:
                answer = client.studio.request("GET", LIST, headers=headers)
                if answer.status != 200:
                    self.ledger.fault(f"{list(headers)} was given, and got {answer!r}")
