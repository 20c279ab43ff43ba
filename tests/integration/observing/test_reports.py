"""What leaves for Sentry from a real server and a real worker: what is needed, and no value."""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from django.contrib.auth.models import User
from django.test import Client

from session_events.models import SessionStream
from tests.crash.victims import OwnRedis
from tests.support.celery_processes import celery
from tests.support.logged import JOB, REQUEST, Line, lines_in, lines_of
from tests.support.patience import eventually
from tests.support.refused_rows import rows_are_refused
from tests.support.sentry_server import Received, sentry_server
from tests.support.serving import Server
from tests.support.small_datasets import publish
from tests.support.studio_client import STRUCTURED, Answer, Studio
from tests.support.studios import open_studio, rename
from tests.support.uploads import DATASETS, MULTIPART, form, part
from tests.support.users import token_of

pytestmark = pytest.mark.django_db(transaction=True)

TRACEPARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
ENVIRONMENT = {
    "DJANGO_SETTINGS_MODULE": "tests.support.faulty_settings",
    "LOG_FORMAT": "json",
    "SESSION_SNAPSHOT_EVERY_EVENTS": "3",
    "SENTRY_ENVIRONMENT": "rehearsal",
    "SENTRY_RELEASE": "hydroml@12.3",
    # Only what is slow is sent as a transaction, and everything is.
    "SENTRY_TRACES_SAMPLE_RATE": "0.000001",
    "SLOW_REQUEST_MS": "1",
}


class Planted:
    """Makes values that occur nowhere else, each for one place of a request."""

    def __init__(self) -> None:
        self.values: dict[str, str] = {}

    def __call__(self, place: str) -> str:
        value = self.values[place] = f"Zq{secrets.token_hex(6)}"
        return value

    def found_in(self, requests: list[bytes]) -> list[str]:
        sent = b"".join(requests).lower()
        return [place for place, value in self.values.items() if value.lower().encode() in sent]


@pytest.fixture(scope="module")
def sentry() -> Iterator[Received]:
    with sentry_server() as received:
        yield received


@pytest.fixture(scope="module")
def server(
    django_db_setup: None,
    module_redis: OwnRedis,
    sentry: Received,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Server]:
    directory = tmp_path_factory.mktemp("reports")
    environment = {**ENVIRONMENT, "SENTRY_DSN": sentry.dsn}
    broker_url = module_redis.url
    with (
        celery(
            *("worker", "--concurrency=1"),
            broker_url=broker_url,
            log=directory / "worker",
            environment=environment,
        ),
        Server(
            log=directory / "server", workers=1, redis_url=broker_url, environment=environment
        ) as server,
    ):
        yield server


def is_about(**tags: str) -> Any:
    return lambda item: tags.items() <= item.get("tags", {}).items()


def arrived(items: Any, **tags: str) -> dict[str, Any]:
    """Wait for the one item with these tags, and return it."""
    found: list[dict[str, Any]] = []

    def has_arrived() -> bool:
        found[:] = filter(is_about(**tags), items())
        return bool(found)

    eventually(has_arrived, told=lambda: repr([each.get("tags") for each in items()]))
    assert len(found) == 1, found
    return found[0]


def open_with(planted: Planted, server: Server, user: User) -> Studio:
    columns = [(planted("column"), "text"), ("number", "float")]
    rows = [[planted("cell"), 1.5], [planted("another cell"), None]]
    dataset = publish(user, columns, rows, name=planted("dataset"))
    return open_studio(user, dataset, transport=server.transport, headers=STRUCTURED)


def test_an_error_is_reported_with_what_is_needed_to_find_its_cause(
    server: Server, sentry: Received, user: User
) -> None:
    planted = Planted()
    studio = open_with(planted, server, user).take(
        ("session/fill-missing-values/", {"columns": ["number"], "strategy": "mean"})
    )
    new_name = planted("new name")

    with rows_are_refused("session_events_sessionevent", new_name):
        answer = studio.post(
            "session/rename-column/",
            {"old_name": planted.values["column"], "new_name": new_name},
            headers={"traceparent": TRACEPARENT},
        )

    assert (answer.status, answer.error["code"]) == (500, "INTERNAL_ERROR")
    trace_id = TRACEPARENT.split("-")[1]
    assert answer.headers["X-Trace-Id"] == trace_id
    report = arrived(lambda: sentry.errors, trace_id=trace_id)
    assert report["contexts"]["trace"]["trace_id"] == trace_id
    assert report["tags"] == {
        "code": "INTERNAL_ERROR",
        "sqlstate": "P0001",
        "route": "/api/studio/<uuid:datasource_id>/session/rename-column/",
        "method": "POST",
        "operation": "rename_column",
        "dataset_id": str(studio.datasource_id),
        "session_id": str(SessionStream.objects.get(user=user).pk),
        "version": "2",
        "trace_id": trace_id,
    }
    assert report["user"] == {"id": str(user.pk)}
    assert (report["release"], report["environment"]) == ("hydroml@12.3", "rehearsal")
    assert [crumb["message"] for crumb in report["breadcrumbs"]["values"]] == [
        "Session started (version 1)",
        "Operation applied: fill_missing_values (version 2)",
    ]
    raised, translated = report["exception"]["values"]
    assert (raised["type"], translated["type"]) == ("RaiseException", "InternalError")
    modules = {frame["module"] for frame in translated["stacktrace"]["frames"]}
    assert "session_events.store" in modules
    assert report["contexts"]["work"]["query_count"] > 0
    # The request's own transaction belongs to the same trace, and the report to its root.
    transaction = arrived(lambda: sentry.transactions, trace_id=trace_id)
    assert transaction["contexts"]["trace"]["status"] == "internal_error"
    assert transaction["contexts"]["trace"]["span_id"] == report["contexts"]["trace"]["span_id"]
    assert planted.found_in(sentry.requests) == []


def test_a_slow_filter_is_a_transaction_with_its_steps(
    server: Server, sentry: Received, user: User
) -> None:
    planted = Planted()
    studio = open_with(planted, server, user)
    condition = [{"column": planted.values["column"], "op": "eq", "value": planted("filter")}]

    answer = studio.get("data/", {"filter": json.dumps(condition)})

    assert answer.status == 200
    trace_id = answer.headers["X-Trace-Id"]
    transaction = arrived(lambda: sentry.transactions, trace_id=trace_id)
    assert transaction["transaction"] == "/api/studio/<uuid:datasource_id>/data/"
    assert transaction["contexts"]["trace"]["op"] == "http.server"
    assert transaction["contexts"]["trace"]["status"] == "ok"
    assert transaction["tags"]["dataset_id"] == str(studio.datasource_id)
    assert transaction["contexts"]["work"]["filter_shape"]
    assert transaction["contexts"]["work"]["rows_scanned"] > 0
    assert transaction["user"] == {"id": str(user.pk)}
    steps = {span["description"]: span for span in transaction["spans"]}
    assert {"filter", "list", "page", "encode"} <= set(steps)
    ids = {span["span_id"] for span in transaction["spans"]}
    root_id = transaction["contexts"]["trace"]["span_id"]
    for span in steps.values():
        assert span["trace_id"] == trace_id
        assert span["parent_span_id"] in {root_id, *ids}
        assert transaction["start_timestamp"] <= span["start_timestamp"] <= span["timestamp"]
        assert span["timestamp"] <= transaction["timestamp"] + 0.001
    assert planted.found_in(sentry.requests) == []


def test_a_failing_job_is_reported_in_the_trace_of_the_request_that_caused_it(
    server: Server, sentry: Received, user: User
) -> None:
    planted = Planted()
    cell = planted("cell")
    client = Studio(token=token_of(user), transport=server.transport, headers=STRUCTURED)

    def upload(content: str) -> Answer:
        body = form(content.encode(), planted("file name"))
        return client.request("POST", DATASETS, content=body, headers=MULTIPART)

    with rows_are_refused("data_tools_datarow", cell):
        answer = upload(f"{planted('column')},b\n{cell},1\n")
        dataset_id = answer.body["datasource"]["id"]
        report = arrived(
            lambda: sentry.errors, task="data_tools.tasks.ingest_dataset", dataset_id=dataset_id
        )

    assert report["tags"]["sqlstate"] == "P0001"
    trace_id = answer.headers["X-Trace-Id"]
    assert report["tags"]["trace_id"] == report["contexts"]["trace"]["trace_id"] == trace_id
    assert report["transaction"] == "data_tools.tasks.ingest_dataset"
    transaction = arrived(
        lambda: sentry.transactions, task="data_tools.tasks.ingest_dataset", dataset_id=dataset_id
    )
    assert transaction["contexts"]["trace"]["op"] == "queue.process"
    assert transaction["contexts"]["trace"]["status"] == "internal_error"
    # Celery logs the same error once more; that is behind the worker once it has done another job.
    another_id = upload("a\n1\n").body["datasource"]["id"]
    arrived(
        lambda: sentry.transactions, task="data_tools.tasks.ingest_dataset", dataset_id=another_id
    )
    assert len([*filter(is_about(dataset_id=dataset_id), sentry.errors)]) == 1
    assert planted.found_in(sentry.requests) == []


def test_a_job_that_fails_in_the_server_is_logged_and_reported_once_in_its_requests_trace(
    django_db_setup: None, sentry: Received, user: User, tmp_path: Path
) -> None:
    planted = Planted()
    cell = planted("cell")
    content = f"{planted('column')},b\n{cell},1\n".encode()
    task = "data_tools.tasks.ingest_dataset"
    environment = {**ENVIRONMENT, "SENTRY_DSN": sentry.dsn}
    with (
        Server(log=tmp_path / "log", workers=1, environment=environment) as server,
        rows_are_refused("data_tools_datarow", cell),
    ):
        client = Studio(token=token_of(user), transport=server.transport, headers=STRUCTURED)
        body = form(content, planted("file name"))
        answer = client.request("POST", DATASETS, content=body, headers=MULTIPART)
        dataset_id = answer.body["datasource"]["id"]
        report = arrived(lambda: sentry.errors, task=task, dataset_id=dataset_id)
        eventually(lambda: bool(failures(server.log)), server.log.read_text)
        lines = server.log.read_text().splitlines()

    [failure] = failures(server.log)
    assert failure["level"] == "ERROR"
    assert "InternalError" in failure["exception"]
    trace_id = answer.headers["X-Trace-Id"]
    assert failure["trace_id"] == report["tags"]["trace_id"] == trace_id
    assert len([*filter(is_about(dataset_id=dataset_id), sentry.errors)]) == 1
    assert planted.found_in([line.encode() for line in lines] + sentry.requests) == []
    assert len(lines_of("\n".join(lines))) == len(lines)  # none was written in another form


def failures(log: Path) -> list[Line]:
    """Return the lines of jobs that failed in a thread of the server."""
    return lines_in(log, "data_tools.jobs.background")


def test_one_trace_id_finds_the_line_the_event_the_task_and_what_was_reported_of_both(
    server: Server, sentry: Received, user: User, admin_client: Client
) -> None:
    studio = open_with(Planted(), server, user).take(rename("number", "first"))
    task = "session_events.tasks.take_snapshot"

    trace_id = studio.post(*rename("first", "second")).headers["X-Trace-Id"]

    reported = arrived(lambda: sentry.transactions, trace_id=trace_id, task=task)
    [request] = [
        each
        for each in filter(is_about(trace_id=trace_id), sentry.transactions)
        if "task" not in each["tags"]
    ]
    assert request["contexts"]["trace"]["trace_id"] == trace_id
    assert reported["contexts"]["trace"]["trace_id"] == trace_id
    session_id = request["tags"]["session_id"]
    [line] = [line for line in lines_in(server.log, REQUEST) if line["trace_id"] == trace_id]
    assert (line["session_id"], line["version"]) == (session_id, 3)
    workers_log = server.log.parent / "worker"
    [done] = [line for line in lines_in(workers_log, JOB) if line["trace_id"] == trace_id]
    assert done["task"] == task
    found = admin_client.get("/admin/session_events/sessionstream/", {"q": trace_id})
    assert session_id in found.content.decode()


def test_a_wrong_sign_in_is_no_report_and_says_nothing_of_who_tried(
    server: Server, sentry: Received, user: User
) -> None:
    planted = Planted()
    client = Studio(transport=server.transport)
    typed = {"username": planted("name"), "password": planted("password")}
    user.username = planted("name of somebody")
    user.save()
    known = {"username": user.username, "password": planted("password of somebody")}
    page = client.request("GET", "/accounts/login/", headers={"traceparent": TRACEPARENT})
    csrf = re.search(r'name="csrfmiddlewaretoken" value="(.+?)"', page.content.decode())[1]
    cookie = page.headers["Set-Cookie"].partition(";")[0]
    planted.values |= {"csrf token": csrf, "cookie": cookie.partition("=")[2]}

    answers = [
        client.request("POST", "/api/auth/token/", content=json.dumps(typed).encode()),
        client.request("POST", "/api/auth/token/", content=json.dumps(known).encode()),
        client.request(
            "POST",
            "/accounts/login/",
            content=urlencode({**typed, "csrfmiddlewaretoken": csrf}).encode(),
            headers={"Content-Type": "application/x-www-form-urlencoded", "Cookie": cookie},
        ),
    ]

    assert [answer.status for answer in answers] == [400, 400, 200]
    for answer in answers:
        trace_id = answer.headers["X-Trace-Id"]
        transaction = arrived(lambda: sentry.transactions, trace_id=trace_id)
        assert transaction["user"] == {}
        assert not any(map(is_about(trace_id=trace_id), sentry.errors))
    assert planted.found_in(sentry.requests) == []


def test_no_value_leaves_from_any_place_of_a_request(
    server: Server, sentry: Received, user: User
) -> None:
    planted = Planted()
    studio = open_with(planted, server, user)
    planted.values["token"] = studio.token
    everywhere = {
        "Cookie": f"sessionid={planted('cookie')}; csrftoken={planted('csrf cookie')}",
        "User-Agent": planted("agent"),
        "Referer": f"http://127.0.0.1/{planted('referer')}",
        "X-Forwarded-For": planted("forwarded"),
        "X-Anything": planted("header"),
        "Idempotency-Key": planted("idempotency key"),
        "traceparent": f"00-{planted('traceparent')}-b7ad6b7169203331-01",
        "tracestate": f"a={planted('tracestate')}",
        "sentry-trace": f"{planted('sentry trace')}-b7ad6b7169203331-1",
        "baggage": f"sentry-transaction={planted('baggage')},sentry-user_segment=a",
    }
    query = urlencode({"filter": planted("query"), planted("parameter"): "1"})
    studio = studio.with_headers(everywhere)
    multipart = b"".join(
        [
            part("a field", planted("field").encode()),
            part("file", planted("content").encode(), planted("file name") + ".csv"),
            b"--x--\r\n",
        ]
    )
    json_type = {"Content-Type": "application/json"}
    form_type = {"Content-Type": "application/x-www-form-urlencoded"}

    answers = [
        # An error that quotes everything, of each kind, with everything in its local variables.
        *(
            studio.request(
                "POST",
                f"/faulty/{kind}/{planted(f'path of {kind}')}/?{query}",
                content=content,
                headers=content_type,
            )
            for kind, content, content_type in [
                ("chained", multipart, MULTIPART),
                ("group", f'{{"{planted("key")}": "{planted("text")}"}}'.encode(), json_type),
                ("sql", urlencode({"a": planted("form")}).encode(), form_type),
                ("logged", planted("no json").encode(), json_type),
            ]
        ),
        # What is refused is no error, but may be a transaction.
        studio.get("data/", {"sort": planted("sorted column")}),
        studio.get("data/", {"filter": planted("no filter")}),
        studio.get(f"columns/{planted('column in the path')}/values/"),
        studio.request("GET", f"/{planted('unknown address')}/"),
        studio.post(
            "operations/",
            {
                "operation": "find_and_replace",
                "parameters": {"pattern": planted("pattern"), "columns": [planted("no column")]},
            },
        ),
        studio.post("session/apply-recipe/", {"recipe": {planted("recipe"): planted("step")}}),
        studio.request("POST", DATASETS, content=multipart, headers=MULTIPART),
        studio.with_headers({"Authorization": f"Token {planted('wrong token')}"}).get("data/"),
        studio.with_headers({"Host": planted("host")}).get("data/"),
        studio.request(planted("method"), "/api/datasources/"),
    ]

    assert [answer.status for answer in answers[:4]] == [500] * 4
    assert all(400 <= answer.status < 500 for answer in answers[4:]), answers
    last = studio.get("data/").headers["X-Trace-Id"]
    arrived(lambda: sentry.transactions, trace_id=last)  # and whatever was sent before
    trace_ids = [answer.headers["X-Trace-Id"] for answer in answers]
    reported = [error["tags"]["trace_id"] for error in sentry.errors]
    assert set(trace_ids) & set(reported) == set(trace_ids[:4])
    assert len(planted.values) >= 30
    assert planted.found_in(sentry.requests) == []
