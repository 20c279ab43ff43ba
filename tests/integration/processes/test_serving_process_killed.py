"""The serving process is killed, again and again, in the middle of work: nobody loses any."""

from __future__ import annotations

import itertools
import random
import threading
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.client import HTTPException
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection

from data_tools.models import DataSource
from session_events.heads import StreamHead
from session_events.state import SessionState, state_digest
from tests.support import written_log
from tests.support.patience import PATIENCE_SECONDS
from tests.support.serving import Server
from tests.support.small_datasets import publish
from tests.support.studio_client import STRUCTURED, Studio
from tests.support.studios import studio_of

pytestmark = pytest.mark.django_db(transaction=True)

KILLS = 4
MOST_KILLS = 40
CLIENTS = 3
LONGEST_LIFE_SECONDS = 1.0
COLUMNS = [("a", "integer"), ("b", "float"), ("c", "text")]
ROWS = [[row, row / 4 if row % 3 else None, str(row) if row % 2 else None] for row in range(50)]

# Fits whenever it comes round again, and ends with the session as it was. No pause: recovering
# ends it, so that resuming then has nothing to write.
ROUND: tuple[tuple[str, dict[str, Any]], ...] = (
    ("session/rename-column/", {"old_name": "a", "new_name": "x"}),
    ("session/fill-missing-values/", {"columns": ["b"], "strategy": "median"}),
    ("session/undo/", {}),
    ("session/redo/", {}),
    ("session/change-column-type/", {"column_name": "x", "new_type": "string"}),
    ("transform/columns/", {"operation": "duplicate", "columns": ["c"]}),
    ("session/undo/", {}),
    ("session/fill-missing-values/", {"columns": ["c"], "strategy": "constant", "fill_value": "?"}),
    ("session/reset/", {}),
)


@dataclass(slots=True)
class Client:
    """Works as fast as it can, and remembers what it was told is saved.

    `unanswered` is the request it got no answer for; it is sent again, as it was, before any other.
    """

    studio: Studio
    acknowledged: list[tuple[uuid.UUID, int]] = field(default_factory=list)
    unanswered: tuple[str, dict[str, Any]] | None = None
    lost_answers: int = 0
    written_though_unanswered: int = 0
    to_do: Iterator[tuple[str, dict[str, Any]]] = field(
        default_factory=lambda: itertools.cycle(ROUND)
    )

    def work(self) -> None:
        """Until the server is gone."""
        while self.send_next():
            pass

    def send_next(self) -> bool:
        """Send the next request, and tell whether it was answered."""
        if self.unanswered is None:
            path, body = next(self.to_do)
            self.unanswered = path, body | {"client_operation_id": str(uuid.uuid4())}
        path, body = self.unanswered
        try:
            answer = self.studio.post(path, body)
        except (OSError, HTTPException):
            self.lost_answers += 1
            return False
        assert answer.status == 200, (path, answer)
        self.acknowledged.append((uuid.UUID(body["client_operation_id"]), answer.body["version"]))
        self.unanswered = None
        return True

    def come_back(self) -> None:
        """Recover the session, and send again what was never answered."""
        recovered = self.studio.post("session/recover/", {"strategy": "auto", "page_size": 10})
        assert recovered.status == 200 or recovered.error["code"] == "RECOVERY_IMPOSSIBLE", (
            recovered
        )
        if self.unanswered is not None:
            assert self.send_next()

    def note_whether_it_was_written(self, user: User, dataset: DataSource) -> None:
        """Look in the log, before it is sent again, for the request that was not answered."""
        if self.unanswered is not None:
            _, body = self.unanswered
            written = operation_ids(written_log.head(user.pk, dataset.pk))
            self.written_though_unanswered += uuid.UUID(body["client_operation_id"]) in written


@pytest.fixture
def fragile_server(tmp_path: Path) -> Iterator[Server]:
    server = Server(log=tmp_path / "log", workers=2)
    yield server
    server.kill()


def test_every_acknowledged_operation_is_in_the_log_once_however_often_the_server_is_killed(
    fragile_server: Server, user: User
) -> None:
    datasets = [publish(user, COLUMNS, ROWS) for _ in range(CLIENTS)]
    clients = [
        Client(studio_of(user, dataset, transport=fragile_server.transport, headers=STRUCTURED))
        for dataset in datasets
    ]
    dice = random.Random(20130101)

    fragile_server.start()
    for client in clients:
        assert client.studio.post("session/initialize/").status == 200
    for kill_number in itertools.count():
        if kill_number >= KILLS and any(client.written_though_unanswered for client in clients):
            break
        # Without a kill between a commit and its answer the test has not seen what it is for.
        assert kill_number < MOST_KILLS
        threads = [threading.Thread(target=client.work) for client in clients]
        for thread in threads:
            thread.start()
        time.sleep(dice.uniform(0.2, LONGEST_LIFE_SECONDS))
        if kill_number % 2 == 0:
            wait_for_the_next_event()
        fragile_server.kill()
        for thread in threads:
            thread.join(PATIENCE_SECONDS)
            assert not thread.is_alive()
        for client, dataset in zip(clients, datasets, strict=True):
            client.note_whether_it_was_written(user, dataset)
        fragile_server.start()
        for client in clients:
            client.come_back()

    for client, dataset in zip(clients, datasets, strict=True):
        assert client.lost_answers >= KILLS
        assert len(client.acknowledged) > KILLS
        state = nothing_is_lost(client, user, dataset)
        the_server_shows(client, state)


def wait_for_the_next_event() -> None:
    """Return the moment one is committed: its request is not answered yet, as a rule."""
    with connection.cursor() as cursor:

        def events() -> int:
            cursor.execute("SELECT sum(version) FROM session_events_sessionstream")
            return cursor.fetchone()[0]

        before, deadline = events(), time.monotonic() + 10
        while events() == before and time.monotonic() < deadline:
            pass


def operation_ids(head: StreamHead) -> list[uuid.UUID]:
    """The identities of the requests that the log holds, in its order."""
    events = written_log.events(head)
    return [event.client_operation_id for event in events if event.client_operation_id]


def nothing_is_lost(client: Client, user: User, dataset: DataSource) -> SessionState:
    """Assert that the log is what the client was told; return the state that it folds to."""
    head = written_log.head(user.pk, dataset.pk)
    state = written_log.folded(head)
    events = written_log.events(head)
    assert operation_ids(head) == [operation_id for operation_id, _ in client.acknowledged]
    places = {event.client_operation_id: event.sequence for event in events}
    for operation_id, version in client.acknowledged:
        assert version >= places[operation_id]
    return state


def the_server_shows(client: Client, state: SessionState) -> None:
    """Assert that the server, which knows the log alone, is at `state`."""
    verdict = client.studio.get("session/validate/").body
    assert (verdict["version"], verdict["state_digest"]) == (state.version, state_digest(state))
    shown = client.studio.get("session/status/").body
    assert shown["column_info"] == [column.name for column in state.columns]
    assert shown["operations_count"] == len(state.operations)
