"""The log of a real server and a real worker: a line for each request and job, and no value."""

from __future__ import annotations

import json
import socket
import uuid
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from celery import Celery
from django.contrib.auth.models import User
from django.db import connection, transaction
from django.test import Client

from tests.crash.victims import OwnRedis
from tests.support.celery_processes import celery
from tests.support.logged import JOB, REQUEST, Line, documented_fields, lines_in, lines_of
from tests.support.patience import eventually
from tests.support.serving import Server
from tests.support.small_datasets import publish
from tests.support.studio_client import Studio
from tests.support.studios import open_studio, rename
from tests.support.uploads import DATASETS, MULTIPART, form
from tests.support.users import token_of

pytestmark = pytest.mark.django_db(transaction=True)

ENVIRONMENT = {
    "DJANGO_SETTINGS_MODULE": "tests.support.patient_settings",
    "LOG_FORMAT": "json",
    "SESSION_SNAPSHOT_EVERY_EVENTS": "2",
    "WEB_HEADER_SECONDS": "2",
}
OF_EVERY_LINE = {"time", "level", "logger", "message", "trace_id"}


@pytest.fixture(scope="module")
def server(
    django_db_setup: None, module_redis: OwnRedis, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    log = tmp_path_factory.mktemp("server") / "log"
    redis_url = module_redis.url
    with Server(log=log, workers=1, redis_url=redis_url, environment=ENVIRONMENT) as server:
        yield server


@pytest.fixture(scope="module")
def workers_log(
    django_db_setup: None, module_redis: OwnRedis, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Path]:
    log = tmp_path_factory.mktemp("worker") / "log"
    with celery(
        *("worker", "--concurrency=1"),
        broker_url=module_redis.url,
        log=log,
        environment=ENVIRONMENT,
    ):
        eventually(lambda: " ready." in log.read_text(), log.read_text)
        yield log


def a_trace() -> tuple[str, dict[str, str]]:
    """Return a new trace id, and the header that sets it."""
    trace_id = uuid.uuid4().hex
    return trace_id, {"traceparent": f"00-{trace_id}-b7ad6b7169203331-01"}


def of_trace(log: Path, logger: str, trace_id: str) -> list[Line]:
    return [line for line in lines_in(log, logger) if line["trace_id"] == trace_id]


def line_of(server: Server, trace_id: str) -> Line:
    """Return the only line of the request, once it is written."""
    eventually(lambda: bool(of_trace(server.log, REQUEST, trace_id)), server.log.read_text)
    [line] = of_trace(server.log, REQUEST, trace_id)
    return line


def upload(studio: Studio, content: bytes, filename: str, headers: dict[str, str]) -> Any:
    body = form(content, filename)
    return studio.request("POST", DATASETS, content=body, headers={**MULTIPART, **headers})


def test_every_line_of_the_server_and_its_master_is_an_object(server: Server) -> None:
    trace_id, header = a_trace()
    server.transport.send("GET", "/readyz", content=b"", headers=header)
    line_of(server, trace_id)

    written = server.log.read_text().splitlines()

    assert len(lines_of("\n".join(written))) == len(written)
    assert {"gunicorn.error", REQUEST} <= {json.loads(line)["logger"] for line in written}
    for line in written:
        assert {*json.loads(line)} >= OF_EVERY_LINE


def test_a_request_waits_for_a_thread_and_is_a_line_once(server: Server, user: User) -> None:
    trace_id, header = a_trace()
    studio = open_studio(user, transport=server.transport, headers=header)

    [line] = [
        line
        for line in of_trace(server.log, REQUEST, trace_id)
        if line["route"].endswith("/session/initialize/")
    ]

    assert (line["user_id"], line["dataset_id"]) == (user.pk, str(studio.datasource_id))
    assert line["queued_ms"] >= 0


POST = b"POST /api/ HTTP/1.1\r\nHost: x\r\nContent-Length: "


@pytest.mark.parametrize(
    ("sent", "status", "code"),
    [
        (b"GARBAGE\r\n\r\n", 400, "INVALID_REQUEST"),
        (b"GET /" + b"x" * 9_000 + b" HTTP/1.1\r\n\r\n", 414, "URI_TOO_LONG"),
        (POST + b"99999999\r\n\r\n", 413, "PAYLOAD_TOO_LARGE"),
        (POST + b"9\r\n\r\nbroken", 400, "INVALID_REQUEST"),
    ],
)
def test_a_request_that_the_server_refuses_is_logged(
    server: Server, sent: bytes, status: int, code: str
) -> None:
    answer, _ = server.send_raw(sent)

    assert answer.status == status
    line = line_of(server, answer.headers["X-Trace-Id"])
    assert (line["status"], line["error_code"]) == (status, code)
    assert (line["route"], line["level"]) == (None, "INFO")
    assert line["response_bytes"] == len(answer.content)


def test_a_request_that_arrives_too_slowly_is_logged(server: Server) -> None:
    with closing(socket.create_connection(("127.0.0.1", server.port))) as slow:
        slow.sendall(b"GET /api/ HTTP/1.1\r\n")
        slow.recv(9)

    eventually(
        lambda: any(line.get("error_code") == "REQUEST_TOO_SLOW" for line in lines_in(server.log)),
        server.log.read_text,
    )


def test_a_probe_that_the_loop_answers_is_not_logged(server: Server) -> None:
    trace_id, header = a_trace()
    server.transport.send("GET", "/healthz", content=b"", headers=header)
    later, header = a_trace()
    server.transport.send("GET", "/readyz", content=b"", headers=header)

    line_of(server, later)
    assert of_trace(server.log, REQUEST, trace_id) == []


def test_a_client_that_went_away_is_no_failure(server: Server, user: User) -> None:
    trace_id, header = a_trace()
    studio = open_studio(user, transport=server.transport)
    head = {**header, "Host": "127.0.0.1", "Authorization": f"Token {studio.token}"}
    lines = "".join(f"{name}: {value}\r\n" for name, value in head.items())
    path = f"{studio.mount}{studio.datasource_id}/data/"
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("LOCK TABLE data_tools_datasource IN ACCESS EXCLUSIVE MODE")

        with closing(socket.create_connection(("127.0.0.1", server.port))) as gone:
            gone.sendall(f"GET {path} HTTP/1.1\r\n{lines}\r\n".encode())
            eventually(lambda: waits_for_the_lock(cursor))

        line = line_of(server, trace_id)

    assert line["is_client_gone"] is True
    assert line["level"] == "INFO" or line["message"] == "slow request"


def waits_for_the_lock(cursor: Any) -> bool:
    cursor.execute(
        "SELECT count(*) FROM pg_locks"
        " WHERE relation = 'data_tools_datasource'::regclass AND NOT granted"
    )
    return bool(cursor.fetchone()[0])


def job_lines(log: Path) -> dict[str, Line]:
    """Return the last line of each job, by its name."""
    return {line["task"].rpartition(".")[2]: line for line in lines_in(log, JOB)}


def test_a_job_logs_one_line_with_what_became_of_it(
    server: Server, workers_log: Path, user: User, module_redis: OwnRedis
) -> None:
    studio = Studio(token=token_of(user), transport=server.transport)

    dataset_id = upload(studio, b"a,b\n1,2\n3,4\n", "f.csv", {}).body["datasource"]["id"]
    with Celery(broker=module_redis.url, set_as_current=False) as app:
        app.send_task("session_events.tasks.take_snapshot", ["no id"])
        app.send_task("session_events.tasks.expire_idle_sessions")
    jobs = {"ingest_dataset", "take_snapshot", "expire_idle_sessions"}
    eventually(lambda: jobs <= {*job_lines(workers_log)}, workers_log.read_text)

    lines = job_lines(workers_log)
    loaded, failed = lines["ingest_dataset"], lines["take_snapshot"]
    assert (loaded["dataset_id"], loaded["outcome"], loaded["rows"]) == (dataset_id, "READY", 2)
    assert loaded["query_count"] > 5
    assert 0 < loaded["db_ms"] < loaded["total_ms"]
    assert (failed["session_id"], failed["outcome"]) == (None, "failed")
    assert (failed["error"], failed["level"]) == ("ValueError", "WARNING")
    assert lines["expire_idle_sessions"]["counts"] == {"expired": 0, "skipped": 0}
    seen = {name for line in lines.values() for name in line} - OF_EVERY_LINE
    of_some_jobs = {name for name in documented_fields("job") if name.endswith("_ms")}
    assert seen | of_some_jobs == documented_fields("job")


def test_every_line_of_a_worker_behind_its_banner_is_an_object(workers_log: Path) -> None:
    _, _, later = workers_log.read_text().partition(" ready.")

    written = later.splitlines()[1:]

    assert all({*json.loads(line)} >= OF_EVERY_LINE for line in written)


def test_one_trace_id_finds_the_request_and_its_event_in_the_admin(
    server: Server, user: User, admin_client: Client
) -> None:
    trace_id, header = a_trace()
    studio = open_studio(user, transport=server.transport)

    path, body = rename("id", "key")
    answer = studio.post(path, body, headers=header)
    refused = studio.post(path, body, headers=header)

    assert answer.headers["X-Trace-Id"] == refused.error["trace_id"] == trace_id
    eventually(lambda: len(of_trace(server.log, REQUEST, trace_id)) == 2, server.log.read_text)
    done, failed = of_trace(server.log, REQUEST, trace_id)
    assert (done["operation"], done["version"]) == ("rename_column", 2)
    assert failed["error_code"] == refused.error["code"]
    found = admin_client.get("/admin/session_events/sessionstream/", {"q": trace_id})
    assert done["session_id"] in found.content.decode()
    none = admin_client.get("/admin/session_events/sessionstream/", {"q": "0" * 32})
    assert done["session_id"] not in none.content.decode()


def test_one_trace_id_finds_the_jobs_of_a_request(
    server: Server, workers_log: Path, user: User
) -> None:
    trace_id, header = a_trace()
    studio = open_studio(user, transport=server.transport)

    dataset_id = upload(studio, b"a\n1\n", "f.csv", header).body["datasource"]["id"]
    studio.post(*rename("id", "key"), headers=header)

    tasks = {"data_tools.tasks.ingest_dataset", "session_events.tasks.take_snapshot"}
    eventually(
        lambda: {line["task"] for line in of_trace(workers_log, JOB, trace_id)} == tasks,
        workers_log.read_text,
    )
    assert len(of_trace(workers_log, "celery.app.trace", trace_id)) == 2
    by_task = {line["task"]: line for line in of_trace(workers_log, JOB, trace_id)}
    assert by_task["data_tools.tasks.ingest_dataset"]["dataset_id"] == dataset_id
    session_id = by_task["session_events.tasks.take_snapshot"]["session_id"]
    assert session_id in {line["session_id"] for line in of_trace(server.log, REQUEST, trace_id)}


PLANTED = [f"planted{number}x" for number in range(100, 160)]


def requests_that_carry(values: Iterator[str], user: User, server: Server) -> Iterator[Any]:
    """Send a value in every place that a request has; yield each answer."""
    token = token_of(user)
    columns = [(next(values), "text"), ("n", "integer")]
    dataset = publish(user, columns, [[next(values), 1], [next(values), None]], next(values))
    studio = open_studio(user, dataset, transport=server.transport)

    def condition(**more: Any) -> dict[str, str]:
        return {"filter": json.dumps([{"column": columns[0][0], "op": "eq", **more}])}

    # Cells, names of columns and files, values of filters and operations
    yield studio.get("data/", condition(value=next(values)))
    yield studio.get("data/", condition(value=next(values), op=next(values)))
    yield studio.get("data/", {"sort": next(values)})
    yield studio.get("export/", {"format": "csv", **condition(value=next(values))})
    yield studio.get("columns/values/", {"column": columns[0][0], "search": next(values)})
    yield studio.get(f"columns/{columns[0][0]}/values/", {"search": next(values)})
    yield studio.get(f"columns/{next(values)}/values/")
    yield studio.post("session/rename-column/", {"old_name": "n", "new_name": next(values)})
    yield studio.post("session/rename-column/", {"old_name": next(values), "new_name": "x"})
    unknown = {"operation": next(values), "parameters": {next(values): next(values)}}
    yield studio.post("operations/", unknown)
    yield studio.post("session/save/", {"name": next(values), "description": next(values)})
    yield upload(
        studio, f"{next(values)},b\n{next(values)},2\n".encode(), f"{next(values)}.csv", {}
    )
    yield upload(studio, b"PAR1" + next(values).encode(), f"{next(values)}.parquet", {})
    # Secrets
    yield studio.get("data/", headers={"Authorization": f"Token {next(values)}"})
    yield studio.get("data/", headers={"Cookie": f"sessionid={next(values)}", "Authorization": ""})
    sign_in = {"username": next(values), "password": next(values)}
    yield studio.post("/api/auth/token/", sign_in, headers={"Authorization": ""})
    as_form = f"username={next(values)}&password={next(values)}".encode()
    yield studio.request(
        *("POST", "/accounts/login/"),
        content=as_form,
        headers={"Content-Type": "application/x-www-form-urlencoded", "Authorization": ""},
    )
    # What cannot be read
    yield studio.request("POST", "session/undo/", content=f'{{"{next(values)}'.encode())
    yield studio.get(f"/api/{next(values)}/", {next(values): next(values)})
    yield studio.get(f"/{next(values)}/")
    yield studio.get("data/", headers={"Host": f"{next(values)}.example"})
    yield studio.request(next(values).upper(), "data/")
    named = ("Referer", "User-Agent", "Idempotency-Key", "traceparent", "X-Studio-Capabilities")
    yield studio.post("session/undo/", headers={name: next(values) for name in named})
    head = f"GET / HTTP/1.1\r\nHost: x\r\nX {next(values)}: 1\r\nAuthorization: {token}\r\n\r\n"
    yield server.send_raw(head.encode())[0]


def test_no_value_of_a_user_is_in_the_log_of_the_server_or_the_worker(
    server: Server, workers_log: Path, user: User
) -> None:
    jobs_before = len(lines_in(workers_log, JOB))
    values = iter(PLANTED)

    traces = [answer.headers["X-Trace-Id"] for answer in requests_that_carry(values, user, server)]

    for trace_id in traces:
        line_of(server, trace_id)
    eventually(lambda: len(lines_in(workers_log, JOB)) >= jobs_before + 2, workers_log.read_text)
    assert len(PLANTED) - len([*values]) > 40  # so many were sent
    for log in (server.log, workers_log):
        text = log.read_text().lower()
        assert [value for value in (*PLANTED, "hydroml_") if value in text] == []
