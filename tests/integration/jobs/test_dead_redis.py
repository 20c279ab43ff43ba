"""A dead Redis costs nobody an answer: every request gets the one it gets without Redis."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Iterator
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import urlencode

import kombu.exceptions
import orjson
import pytest
from celery import Celery
from django.contrib.auth.hashers import PBKDF2PasswordHasher
from django.contrib.auth.models import User
from pytest_django import Settings

from data_tools.models import DataSource
from tests.support.dead_redis import DeadRedis
from tests.support.patience import eventually
from tests.support.serving import Server
from tests.support.small_datasets import publish
from tests.support.studio_client import STRUCTURED, Answer, OverSocket, Studio
from tests.support.uploads import DATASETS, MULTIPART, form
from tests.support.users import UserFactory

PATIENCE_SECONDS = 30
SILENCE_SECONDS = 10
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
OF_ONE_REQUEST = re.compile(
    rb"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"
    rb"|20[2-9]\d-\d\d-\d\dT[0-9:.]+(Z|\+00:00)"
    rb"|(?<=\"trace_id\":\")[0-9a-f]{32}"
    rb"|(?<=\"state_digest\":\")[0-9a-f]{64}"
    rb"|\"user_id\":\d+,"
    rb"|\"(events_replayed|duration_ms)\":[0-9.]+,?"  # less in a process that remembers
)
CSV = b"a,b\n" + b"".join(b"%d,%d\n" % (row, row * 2) for row in range(200))
REMOVAL = {
    "format": "data-studio-recipe",
    "format_version": 1,
    "operations": [
        {
            "operation": "filter_rows",
            "parameters": {"filter": [{"column": "id", "op": "ne", "value": 7}]},
        }
    ],
}
PENDING = {
    "client_operation_id": "6f2b8d5e-6b0e-4c62-9b43-3c1c0a6d0b11",
    "operation": "drop_missing_rows",
    "parameters": {"columns": ["airline"]},
}


def test_sending_a_job_fails_soon(dead_redis: DeadRedis) -> None:
    app = Celery("trial", broker=dead_redis.url, set_as_current=False)
    app.config_from_object("django.conf:settings", namespace="CELERY")
    app.conf.update(broker_url=dead_redis.url, task_always_eager=False)
    start = time.monotonic()

    with app, pytest.raises(kombu.exceptions.OperationalError):
        app.send_task("any.task")

    assert time.monotonic() - start < PATIENCE_SECONDS


def test_a_job_without_a_broker_runs_in_the_process(settings: Settings) -> None:
    app = Celery("trial", set_as_current=False)
    app.config_from_object("django.conf:settings", namespace="CELERY")

    @app.task
    def process_id() -> int:
        return os.getpid()

    assert settings.BACKGROUND_JOBS_USE_BROKER is False
    assert process_id.delay().get() == os.getpid()


@pytest.fixture(scope="module")
def cut_off(
    django_db_setup: None, dead_redis: DeadRedis, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    """A server whose Redis is dead and that no worker works for; every third event wakes a job."""
    with Server(
        log=tmp_path_factory.mktemp("server") / "log",
        workers=1,
        redis_url=dead_redis.url,
        environment={
            "RATE_LIMITS": "true",
            "SESSION_SNAPSHOT_EVERY_EVENTS": "3",
            "SESSION_VIEW_CHANGE_INTERVAL_SECONDS": "86400",
        },
    ) as server:
        yield server


@pytest.fixture
def person(transactional_db: None) -> User:
    """Somebody whose password the server, which knows production's hashes alone, can check."""
    return a_person()


def a_person() -> User:
    person = UserFactory()
    person.password = PBKDF2PasswordHasher().encode("password", "salt")
    person.save()
    return person


def patient(server: Server) -> OverSocket:
    """Gives up after a time in which a request that waits for a dead Redis would not be through."""
    return OverSocket(port=server.port, timeout_seconds=PATIENCE_SECONDS)


def sign_in(transport: OverSocket, user: User) -> dict[str, str]:
    """The cookies of a login session, by the page for people."""
    page = transport.send("GET", "/accounts/login/", content=b"", headers={})
    token = re.search(rb'name="csrfmiddlewaretoken" value="([^"]+)"', page.content)
    assert token is not None, page
    form = {
        "username": user.username,
        "password": "password",
        "csrfmiddlewaretoken": token[1].decode(),
    }
    cookie = SimpleCookie(page.headers["Set-Cookie"])["csrftoken"].OutputString([])
    answer = transport.send(
        "POST",
        "/accounts/login/",
        content=urlencode(form).encode(),
        headers={**FORM, "Cookie": cookie},
    )
    assert (answer.status, answer.headers["Location"]) == (302, "/"), answer
    session = re.search(r"sessionid=\w+", str(answer.headers))
    assert session is not None, "no login session was begun"
    return {"Cookie": session[0]}


def token_by_password(transport: OverSocket, user: User) -> str:
    asking = Studio(transport=transport)
    answer = asking.post("/api/auth/token/", {"username": user.username, "password": "password"})
    assert answer.status == 200, answer
    return str(answer.body["token"])


def told(answer: Answer) -> Any:
    """All that an answer says of the session and its rows."""
    return orjson.loads(OF_ONE_REQUEST.sub(b"", answer.content))


def work(server: Server, user: User, datasource: DataSource) -> list[tuple[str, int, Any]]:
    """One person's work: what each request was answered, in order."""
    token = token_by_password(patient(server), user)
    studio = Studio(
        datasource_id=datasource.pk, token=token, transport=patient(server), headers=STRUCTURED
    )
    requests: tuple[tuple[str, dict[str, Any] | None], ...] = (
        ("session/initialize/", {}),
        ("session/rename-column/", {"old_name": "carrier", "new_name": "airline"}),
        ("session/fill-missing-values/", {"columns": ["delay"], "strategy": "mean"}),
        ("transform/columns/", {"operation": "duplicate", "columns": ["id"]}),
        ("data/", None),
        ("session/undo/", {}),
        ("session/redo/", {}),
        ("session/undo/", {}),
        ("session/status/", None),
        ("session/validate/", None),
        ("session/apply-recipe/", {"recipe": REMOVAL}),
        ("session/pause/", {}),
        ("session/recover/", {"pending_operations": [PENDING]}),
        ("session/save/", {}),
        ("session/validate/", None),
        ("session/recover/", {}),
        ("session/fork/", {"from_version": 3}),
        ("session/clear/", {}),
        ("session/validate/", None),
        ("session/recover/", {}),
        ("session/rename-column/", {"old_name": "no such", "new_name": "column"}),
        ("data/", None),
    )
    answered = []
    for path, body in requests:
        answer = studio.get(path) if body is None else studio.post(path, body)
        answered.append((path, answer.status, told(answer)))
    return answered


@pytest.mark.django_db(transaction=True)
def test_every_request_is_answered_as_without_redis(cut_off: Server, server: Server) -> None:
    one, other = a_person(), a_person()

    without = work(server, other, publish(other))
    answered = work(cut_off, one, publish(one))

    assert answered == without
    *done, refused, page = answered
    assert {status for _, status, _ in done} == {200}
    assert refused[1] == 400
    assert [(row["airline"], row["delay"]) for row in page[2]["data"]][:2] == [
        ("UA", 2.5),
        ("AA", 7.75),
    ]


@pytest.mark.django_db(transaction=True)
def test_people_sign_in_and_out(cut_off: Server, person: User) -> None:
    datasource = publish(person, name="Flights of mine")

    cookies = sign_in(patient(cut_off), person)
    browser = Studio(
        datasource_id=datasource.pk,
        transport=patient(cut_off),
        headers={**cookies, "Sec-Fetch-Site": "same-origin"},
    )

    assert b"Flights of mine" in browser.get("/").content
    assert browser.post("session/initialize/").status == 200
    assert browser.get("session/status/").status == 200
    token = re.search(
        rb'name="csrfmiddlewaretoken" value="([^"]+)"', (home := browser.get("/")).content
    )
    assert token is not None
    csrf = SimpleCookie(home.headers["Set-Cookie"])["csrftoken"].OutputString([])
    left = browser.request(
        "POST",
        "/accounts/logout/",
        content=urlencode({"csrfmiddlewaretoken": token[1].decode()}).encode(),
        headers={**FORM, "Cookie": f"{cookies['Cookie']}; {csrf}"},
    )
    assert left.status == 302
    assert browser.get("session/status/").status in (401, 403)


@pytest.mark.django_db(transaction=True)
def test_an_upload_is_loaded_and_the_dead_redis_is_left_alone_for_a_while(
    cut_off: Server, dead_redis: DeadRedis, person: User
) -> None:
    began, connections_before = time.monotonic(), dead_redis.connections
    token = token_by_password(patient(cut_off), person)
    asking = Studio(token=token, transport=patient(cut_off))

    made = asking.request("POST", DATASETS, content=form(CSV), headers=MULTIPART)

    assert made.status == 201, made
    address = f"/api/datasources/{made.body['datasource']['id']}/"
    eventually(
        lambda: asking.get(address).body["datasource"]["status"] == "READY", cut_off.log.read_text
    )
    studio = Studio(
        datasource_id=made.body["datasource"]["id"], token=token, transport=patient(cut_off)
    )
    assert studio.post("session/initialize/").status == 200
    for number in range(8):
        renamed = {"old_name": f"a{number}" if number else "a", "new_name": f"a{number + 1}"}
        assert studio.post("session/rename-column/", renamed).status == 200
    assert studio.get("data/").body["data"][3] == {"a8": 3, "b": 6}
    if dead_redis.accepts:
        seconds = time.monotonic() - began
        by_requests = 1 + 1 + seconds // SILENCE_SECONDS  # one for the limits, and those for jobs
        made_now = dead_redis.connections - connections_before
        assert made_now <= by_requests + seconds  # a thread asks once a second at most
