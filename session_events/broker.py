"""Give jobs to the broker without ever waiting long for it, even if it is dead.

A broker that refuses or does not answer costs the first caller a second (`REDIS_TIMEOUTS`). The
process then leaves it alone for `_SILENCE_SECONDS`, so that hardly any request pays that second.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import Any, TypeVar

import msgspec
from celery import Task, current_app
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from session_events.error_names import without_values

logger = logging.getLogger(__name__)

T = TypeVar("T")

SENT_AT = "sent_at"  # the header of a job that says when it was sent, by `time.time()`

_SILENCE_SECONDS = 30.0
_MOST_QUEUED = 10_000

_silent_until = 0.0  # by time.monotonic()


def give(job: Task[..., object], *arguments: str, queue: str | None = None) -> bool:
    """Give the job to the broker; return false if no broker takes it.

    Without a `queue` the job waits where the routes of the settings say.

    A broker that did not answer may still have taken the job, so jobs must be safe to run twice.
    """
    global _silent_until
    if time.monotonic() < _silent_until:
        return False
    try:
        options: dict[str, Any] = {} if queue is None else {"queue": queue}
        job.apply_async(arguments, retry=False, **options)
    except (OperationalError, OSError) as error:
        _silent_until = time.monotonic() + _SILENCE_SECONDS
        logger.warning("The broker takes no jobs and is left alone for a while: %s", error)
        return False
    return True


def queue_lengths() -> dict[str, int] | None:
    """Return how many jobs wait in each queue; None if the broker does not say."""
    return _ask(
        "how many jobs wait",
        lambda client: {name: int(client.llen(name)) for name in current_app.amqp.queues},
    )


def queue_ages() -> dict[str, float] | None:
    """Return for how many seconds the next job of each queue has waited, 0.0 if none waits.

    A queue is left out if its next job does not say when it was sent, as those of older versions.
    None if the broker does not say. The clocks of the hosts must agree.
    """
    now = time.time()

    def read(client: Any) -> dict[str, float]:
        next_jobs = {name: client.lindex(name, -1) for name in current_app.amqp.queues}
        sent = {name: now if job is None else _sent_at(job) for name, job in next_jobs.items()}
        return {name: max(0.0, now - at) for name, at in sent.items() if at is not None}

    return _ask("for how long jobs wait", read)


def queued() -> list[str] | None:
    """Return the jobs that no worker has taken yet, as their messages; None if nobody can tell.

    Nobody can if more than 10,000 wait in one queue. For a job, not for a request: it takes as long
    as the broker does.
    """

    def read(client: Any) -> list[str] | None:
        waiting: list[str] = []
        for name in current_app.amqp.queues:
            entries = client.lrange(name, 0, _MOST_QUEUED)
            if len(entries) > _MOST_QUEUED:
                return None
            waiting += (entry.decode(errors="replace") for entry in entries)
        return waiting

    return _ask("which jobs wait", read)


def _ask(what: str, read: Callable[[Any], T]) -> T | None:
    """Return what `read` gets from a client of Redis; None if the broker does not say."""
    try:
        with current_app.connection_for_read() as connection:
            channel: Any = connection.default_channel  # of Redis
            return read(channel.client)
    except (OperationalError, RedisError, OSError) as error:
        logger.warning("The broker does not say %s: %s", what, without_values(error))
        return None


class _Headers(msgspec.Struct):
    sent_at: float | None = None


class _Message(msgspec.Struct):
    headers: _Headers


def _sent_at(message: bytes) -> float | None:
    """Return when a job was sent; None if it does not say, or is not a job at all."""
    try:
        return msgspec.json.decode(message, type=_Message).headers.sent_at
    except msgspec.DecodeError:
        return None
