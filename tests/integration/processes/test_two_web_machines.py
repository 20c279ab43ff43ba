"""Two servers on one database, that share nothing else but the folder of uploaded files and Redis.

They run on one machine here, each with its own port, processes, memory and metrics.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from data_tools.models import DataSource
from tests.crash.victims import OwnRedis
from tests.support.at_once import at_once
from tests.support.blocked_inserts import nobody_inserts_into
from tests.support.patience import eventually
from tests.support.serving import Server
from tests.support.small_datasets import publish
from tests.support.studio_client import STRUCTURED, Studio
from tests.support.studios import studio_of
from tests.support.uploads import DATASETS, MULTIPART, form

pytestmark = pytest.mark.django_db(transaction=True)

Status = DataSource.Status
PAGE = "data/?page_number=1&page_size=2"
LIMIT = 20


def machine(place: Path, name: str, redis_url: str = "", **environment: str) -> Server:
    return Server(
        log=place / f"{name}.log",
        workers=2,
        redis_url=redis_url,
        environment={
            "DJANGO_SETTINGS_MODULE": "tests.support.quick_sign_in_settings",
            "VAR_DIR": str(place / "shared"),
            "METRICS_DIR": str(place / f"metrics-{name}"),
            **environment,
        },
    )


@contextmanager
def machines(place: Path, *servers: Server) -> Iterator[None]:
    (place / "shared" / "media").mkdir(parents=True, exist_ok=True)
    with ExitStack() as running:
        for server in servers:
            running.enter_context(server)
        yield


@pytest.fixture
def pair(tmp_path: Path) -> Iterator[tuple[Server, Server]]:
    """Two machines without Redis."""
    both = machine(tmp_path, "a"), machine(tmp_path, "b")
    with machines(tmp_path, *both):
        yield both


def clients(user: User, pair: tuple[Server, Server]) -> tuple[Studio, Studio]:
    """Return a client of each machine, of one dataset."""
    dataset = publish(user)
    a, b = (
        studio_of(user, dataset, transport=server.transport, headers=STRUCTURED) for server in pair
    )
    return a, b


def test_a_session_goes_on_at_whichever_machine_is_asked(
    user: User, pair: tuple[Server, Server]
) -> None:
    a, b = clients(user, pair)
    first, *_ = a.post("session/initialize/").body["column_info"]
    steps = [("session/rename-column/", {"old_name": first, "new_name": "of a"})]
    steps += [("session/rename-column/", {"old_name": "of a", "new_name": "of b"})]

    versions = [
        at.post(path, body).body["version"] for at, (path, body) in zip((a, b), steps, strict=True)
    ]
    undone = a.post("session/undo/").body
    redone = b.post("session/redo/").body
    pages = [at.get(PAGE).body for at in (a, b, a, b)]

    assert (undone["version"], redone["version"]) == (versions[1] + 1, versions[1] + 2)
    assert undone["column_info"][0] == "of a"
    assert [page["columns"][0]["name"] for page in pages] == ["of b"] * 4
    assert len({str(page["data"]) for page in pages}) == 1
    assert [at.get("session/validate/").body["suggested_action"] for at in (a, b)] == [
        "continue",
        "continue",
    ]


def test_of_two_steps_from_one_version_the_second_is_a_conflict(
    user: User, pair: tuple[Server, Server]
) -> None:
    a, b = clients(user, pair)
    opened = a.post("session/initialize/").body
    first, version = opened["column_info"][0], opened["version"]

    answers = at_once(
        [
            lambda at=at, name=name: at.post(
                "session/rename-column/",
                {"old_name": first, "new_name": name, "expected_version": version},
            )
            for at, name in ((a, "of a"), (b, "of b"))
        ]
    )

    assert Counter(answer.status for answer in answers) == {200: 1, 409: 1}
    [refused] = [answer for answer in answers if answer.status == 409]
    assert refused.error["code"] == "SESSION_CONFLICT"


def test_a_step_sent_again_to_the_other_machine_is_taken_once(
    user: User, pair: tuple[Server, Server]
) -> None:
    a, b = clients(user, pair)
    first, *_ = a.post("session/initialize/").body["column_info"]
    body = {"old_name": first, "new_name": "once", "client_operation_id": str(uuid4())}

    versions = [at.post("session/rename-column/", body).body["version"] for at in (a, b, a)]

    assert len(set(versions)) == 1


def test_a_session_is_recovered_at_the_other_machine_when_one_is_gone(
    user: User, pair: tuple[Server, Server]
) -> None:
    a, b = clients(user, pair)
    first, *_ = a.post("session/initialize/").body["column_info"]
    a.take(("session/rename-column/", {"old_name": first, "new_name": "kept"}))
    pair[0].kill()

    assert b.get("session/validate/").body["suggested_action"] == "continue"
    assert b.post("session/recover/").status == 200
    assert b.get(PAGE).body["columns"][0]["name"] == "kept"


def test_a_load_at_one_machine_is_left_alone_by_the_other_and_seen_there_when_done(
    user: User, pair: tuple[Server, Server]
) -> None:
    a, b = clients(user, pair)
    with nobody_inserts_into("data_tools_datarow") as count_waiting:
        made = a.request("POST", DATASETS, content=form(b"n\n1\n2\n"), headers=MULTIPART).body
        loading = DataSource.objects.filter(pk=made["datasource"]["id"])
        eventually(lambda: count_waiting() > 0)
        # As if A had not been heard of for long: only the lock that it holds says that it loads.
        long_ago = timezone.now() - timedelta(hours=1)
        at_once([lambda: loading.update(updated_at=long_ago)])  # in a transaction of its own

        assert b.request("GET", DATASETS).status == 200
    eventually(lambda: loading.get().status == Status.READY)
    assert (loading.get().load_attempts, loading.get().restarts) == (1, 0)
    of_b = studio_of(user, loading.get(), transport=pair[1].transport, headers=STRUCTURED)
    assert [row["n"] for row in of_b.take(("session/initialize/", {})).get(PAGE).body["data"]] == [
        1,
        2,
    ]


def test_a_load_of_a_machine_that_died_begins_again_at_the_other_from_the_shared_folder(
    user: User, pair: tuple[Server, Server]
) -> None:
    a, b = clients(user, pair)
    with nobody_inserts_into("data_tools_datarow") as count_waiting:
        made = a.request("POST", DATASETS, content=form(b"n\n1\n2\n"), headers=MULTIPART).body
        loading = DataSource.objects.filter(pk=made["datasource"]["id"])
        eventually(lambda: count_waiting() > 0)
        pair[0].kill()
        eventually(lambda: count_waiting() == 0)
    loading.update(updated_at=timezone.now() - timedelta(hours=1))

    def is_loaded() -> bool:
        return b.request("GET", DATASETS).status == 200 and loading.get().status == Status.READY

    eventually(is_loaded)
    assert loading.get().restarts == 1


def test_limits_count_the_calls_of_both_machines(
    user: User, own_redis: OwnRedis, tmp_path: Path
) -> None:
    limits = {
        "DJANGO_SETTINGS_MODULE": "tests.support.patient_settings",
        "RATE_LIMITS": "true",
        "RATE_LIMIT_READS": f"{LIMIT}/hour",
    }
    pair = [machine(tmp_path, name, own_redis.url, **limits) for name in ("a", "b")]
    with machines(tmp_path, *pair):
        a, b = clients(user, (pair[0], pair[1]))

        answers = at_once([lambda at=at: at.get("session/status/") for at in (a, b) * LIMIT])

    assert Counter(answer.status for answer in answers) == {200: LIMIT, 429: LIMIT}
