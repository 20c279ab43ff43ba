"""A dead Redis costs a request a moment, not its life."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Iterator
from contextlib import closing

import kombu.exceptions
import pytest
import redis
from celery import Celery
from django.core.cache import caches
from pytest_django import Settings

PATIENCE_SECONDS = 5


@pytest.fixture(params=["refuses", "is silent"])
def dead_redis_url(request: pytest.FixtureRequest) -> Iterator[str]:
    """A port where nobody listens, or where somebody accepts and never answers."""
    with closing(socket.socket()) as listener:
        listener.bind(("127.0.0.1", 0))
        if request.param == "is silent":
            listener.listen()
        yield f"redis://127.0.0.1:{listener.getsockname()[1]}/0"


def test_sending_a_job_fails_soon(dead_redis_url: str) -> None:
    app = Celery("trial", broker=dead_redis_url, set_as_current=False)
    app.config_from_object("django.conf:settings", namespace="CELERY")
    app.conf.update(broker_url=dead_redis_url, task_always_eager=False)
    start = time.monotonic()

    with app, pytest.raises(kombu.exceptions.OperationalError):
        app.send_task("any.task")

    assert time.monotonic() - start < PATIENCE_SECONDS


def test_the_cache_fails_soon(dead_redis_url: str, settings: Settings) -> None:
    settings.CACHES = {"default": settings.REDIS_CACHE | {"LOCATION": dead_redis_url}}
    start = time.monotonic()

    with pytest.raises(redis.exceptions.RedisError):
        caches["default"].get("anything")

    assert time.monotonic() - start < PATIENCE_SECONDS


def test_a_job_without_a_broker_runs_in_the_process(settings: Settings) -> None:
    app = Celery("trial", set_as_current=False)
    app.config_from_object("django.conf:settings", namespace="CELERY")

    @app.task
    def process_id() -> int:
        return os.getpid()

    assert settings.BACKGROUND_JOBS_USE_BROKER is False
    assert process_id.delay().get() == os.getpid()
