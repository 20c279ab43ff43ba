"""A real worker whose list of jobs in a real Redis holds what is no job: it works on."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import redis
from celery import Celery

from tests.crash.victims import OwnRedis
from tests.support.celery_processes import LaterLines, celery
from tests.support.patience import eventually

JOB = "data_tools.tasks.prune_row_lists"
ENVIRONMENT = {"DJANGO_SETTINGS_MODULE": "tests.support.patient_settings"}


def message(**changes: Any) -> dict[str, Any]:
    """A message as Celery writes it; `headers`, `properties` and `body` go over its own."""
    arguments: list[Any] = [[], {}, {}]
    body = changes.pop("body", base64.b64encode(json.dumps(arguments).encode()).decode())
    headers = {"lang": "py", "task": JOB, "id": "an-id", "root_id": "an-id", "retries": 0}
    properties = {
        "delivery_tag": "a-tag",
        "delivery_mode": 2,
        "delivery_info": {"exchange": "", "routing_key": "celery"},
        "priority": 0,
        "body_encoding": "base64",
    }
    return {
        "body": body,
        "content-encoding": "utf-8",
        "content-type": "application/json",
        "headers": headers | changes.pop("headers", {}),
        "properties": properties | changes.pop("properties", {}),
        **changes,
    }


def without(part: str, name: str) -> dict[str, Any]:
    written = message()
    del written[part][name]
    return written


def encoded(value: object) -> str:
    return base64.b64encode(json.dumps(value).encode()).decode()


ENTRIES: dict[str, bytes] = {
    "nothing": b"",
    "text": b"garbage",
    "bytes that are no UTF-8": b"\xff\xfe\x00garbage\x80",
    "UTF-16": json.dumps(message()).encode("utf-16"),
    "a zero byte": b"\x00",
    "a pickle": b"\x80\x04\x95\x0b\x00\x00\x00\x00\x00\x00\x00\x8c\x07garbage\x94.",
    "half a message": json.dumps(message()).encode()[:100],
    "two messages": json.dumps(message()).encode() * 2,
    "nested deeper than the stack": b"[" * 100_000 + b"]" * 100_000,
    "a type that JSON has not": b'{"__type__": "uuid", "__value__": 5}',
} | {
    name: json.dumps(value).encode()
    for name, value in {
        "null": None,
        "a number": 42,
        "a list": [],
        "a string": "job",
        "an empty object": {},
        "no properties": {"body": "", "headers": {}},
        "properties that are a list": message() | {"properties": []},
        "no delivery tag": without("properties", "delivery_tag"),
        "a delivery tag that is an object": message(properties={"delivery_tag": {}}),
        "a delivery tag that is null": message(properties={"delivery_tag": None}),
        "delivery information that is a number": message(properties={"delivery_info": 5}),
        "an unknown encoding of the body": message(properties={"body_encoding": "rot13"}),
        "a body that is not base64": message(body="%%%"),
        "a body that is not JSON": message(body=base64.b64encode(b"{").decode()),
        "a body that is a number": message(body=encoded(7)),
        "a body of two": message(body=encoded([[], {}])),
        "a body that is an object": message(body=5),
        "no body": message(body=""),
        "arguments that are a number": message(body=encoded([7, {}, {}])),
        "arguments that do not fit": message(body=encoded([["too", "many"], {}, {}])),
        "named arguments that are a list": message(body=encoded([[], [1], {}])),
        "callbacks that are none": message(body=encoded([[], {}, {"callbacks": [5]}])),
        "headers that are null": message() | {"headers": None},
        "headers that are a list": message() | {"headers": [1]},
        "headers that are text": message() | {"headers": "task"},
        "an unknown task": message(headers={"task": "nobody.knows.this"}),
        "an unknown task without an id": {
            **message(),
            "headers": {"task": "nobody.knows.this"},
        },
        "a task that is a list": message(headers={"task": []}),
        "a task that is null": message(headers={"task": None}),
        "no task": without("headers", "task"),
        "no id": without("headers", "id"),
        "an id that is a list": message(headers={"id": []}),
        "an id that is a number": message(headers={"id": 5}),
        "a time that is none": message(headers={"eta": "yesterday"}),
        "a time that is a number": message(headers={"eta": 5}),
        "a time beyond the calendar": message(headers={"eta": "9999-12-31T23:59:59+00:00"}),
        "an expiry that is a list": message(headers={"expires": []}),
        "limits that are text": message(headers={"timelimit": "no limit"}),
        "limits of text": message(headers={"timelimit": ["a", "b"]}),
        "limits below zero": message(headers={"timelimit": [-1, -1]}),
        "three limits": message(headers={"timelimit": [1, 2, 3]}),
        "tries that are text": message(headers={"retries": "many"}),
        "stamps that are a number": message(headers={"stamped_headers": 5, "stamps": 5}),
        "a pickled body": message(**{"content-type": "application/x-python-serialize"}),
        "an unknown content type": message(**{"content-type": "application/x-unknown"}),
        "a content type that is a list": message(**{"content-type": []}),
        "an unknown character set": message(**{"content-encoding": "utf-99"}),
        "a compression that is none": message(headers={"compression": "bzip99"}),
        "the old protocol without a task": message(headers={"task": None}, body=encoded({})),
    }.items()
}


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
        eventually(lambda: "ready." in log.read_text(), log.read_text)
        yield log


@pytest.fixture
def worker(transactional_db: None, workers_log: Path) -> LaterLines:
    """A worker that is ready; its log."""
    return LaterLines(workers_log)


def finished(worker: LaterLines) -> list[str]:
    """The ids of the jobs that succeeded."""
    return re.findall(rf"Task {JOB}\[(\S+)\] succeeded", worker.read_text())


def test_the_worker_waits_while_redis_refuses_to_give_jobs(
    worker: LaterLines, module_redis: OwnRedis
) -> None:
    with (
        redis.Redis.from_url(module_redis.url) as client,
        Celery(broker=module_redis.url, set_as_current=False) as app,
    ):
        client.set("celery", "no list at all")
        eventually(lambda: "server:ResponseError" in worker.read_text(), worker.read_text)
        client.delete("celery")
        client.replicaof("127.0.0.1", module_redis.port + 1)
        eventually(lambda: "read only replica" in worker.read_text(), worker.read_text)
        client.replicaof("NO", "ONE")
        app.send_task(JOB, task_id="the-last")
        eventually(lambda: "the-last" in finished(worker), worker.read_text)

    assert "Unrecoverable error" not in worker.read_text()


def test_the_worker_still_answers_remote_control(
    worker: LaterLines, module_redis: OwnRedis
) -> None:
    with Celery(broker=module_redis.url, set_as_current=False) as app:
        [answer] = app.control.ping(timeout=20, limit=1)

    assert [*answer.values()] == [{"ok": "pong"}]


def test_the_worker_goes_on_after_every_entry_that_is_no_job(
    worker: LaterLines, module_redis: OwnRedis
) -> None:
    with (
        redis.Redis.from_url(module_redis.url) as client,
        Celery(broker=module_redis.url, set_as_current=False) as app,
    ):
        for number, entry in enumerate(ENTRIES.values()):
            client.lpush("celery", entry)
            app.send_task(JOB, task_id=f"job-{number}")
        client.publish("/0.celery.pidbox", b"garbage")
        client.publish("/0.celery.pidbox", b"[1]")
        client.publish("/0.celery.pidbox", json.dumps(message(body=encoded(5))).encode())
        app.send_task(JOB, task_id="the-last")
        eventually(lambda: "the-last" in finished(worker), worker.read_text)

        done = set(finished(worker))
        missing = [name for number, name in enumerate(ENTRIES) if f"job-{number}" not in done]
        assert missing == []
        eventually(lambda: client.hlen("unacked") == 0, lambda: str(client.hgetall("unacked")))
        assert client.llen("celery") == 0

    said = worker.read_text()
    assert "Unrecoverable error" not in said
    assert "Connection to broker lost" not in said
    assert said.count("Dropped from the list of jobs") >= len(
        [entry for entry in ENTRIES.values() if not entry.startswith(b'{"body')]
    )
    assert len(said) < 1_000_000
