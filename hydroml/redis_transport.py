"""Celery's Redis transport, with fixes that let a worker outlive its Redis and what is in it.

Note [Not a job]
    Whoever can write to Redis can write anything into the list of jobs. kombu and Celery let many
    such entries end the worker, or deliver them again without end. An entry that is not a job as
    our processes send it, or that Celery fails to take, is logged and dropped. The sweeps find the
    work of a job that was lost.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import partial
from typing import Annotated, Any, Literal

import msgspec
from kombu.exceptions import InconsistencyError
from kombu.transport import redis as kombu_redis
from kombu.utils.encoding import bytes_to_str
from kombu.utils.json import loads
from msgspec import Meta, Struct
from redis.exceptions import ConnectionError, ResponseError, TimeoutError

logger = logging.getLogger(__name__)

_SHOWN = 200  # of an entry that is dropped, in bytes or characters


Seconds = Annotated[float, Meta(gt=0)]


class _Headers(Struct):
    """Of a job. Celery trips over most of these only when a process is free to do the job."""

    task: str
    id: str
    root_id: str | None = None
    parent_id: str | None = None
    group: str | None = None
    shadow: str | None = None
    eta: str | None = None
    expires: str | None = None
    retries: Annotated[int, Meta(ge=0)] | None = None
    timelimit: tuple[Seconds | None, Seconds | None] | None = None
    argsrepr: str | None = None
    kwargsrepr: str | None = None
    origin: str | None = None
    ignore_result: bool | None = None
    replaced_task_nesting: int | None = None
    stamped_headers: list[str] | None = None
    stamps: dict[str, Any] | None = None
    compression: None = None
    traceparent: str | None = None
    sent_at: float | None = None


class _Properties(Struct):
    delivery_tag: str
    delivery_info: dict[str, Any]
    body_encoding: Literal["base64"]
    correlation_id: str | None = None
    reply_to: str | None = None
    priority: int | None = None


class _Job(Struct, rename="kebab"):
    """A message as our processes send it."""

    headers: _Headers
    properties: _Properties
    body: Annotated[str, Meta(min_length=1)]
    content_type: Literal["application/json"]
    content_encoding: Literal["utf-8"]


class Channel(kombu_redis.Channel):
    """A channel that reports a lost connection as a `ConnectionError`, and drops what is not a job.

    When Redis goes away during a job, Celery 5.7 wants to return the unfinished job, looks for the
    address of a connection that is closed, and ends the worker with an AttributeError. It survives
    a ConnectionError: the job is delivered again when its visibility timeout is over.
    """

    def _connparams(self, asynchronous: bool = False) -> dict[str, Any]:
        if self.connection.client is None:
            raise ConnectionError("the connection is closed")
        return super()._connparams(asynchronous=asynchronous)

    def _create_client(self, asynchronous: bool = False) -> Any:
        """Return a client that takes from a list only what is JSON."""
        client = super()._create_client(asynchronous=asynchronous)
        for command in ("BRPOP", "RPOP"):
            read = client.response_callbacks.get(command)
            client.set_response_callback(command, partial(_only_json, read))
        return client

    def basic_consume(self, queue: str, *args: Any, **kwargs: Any) -> Any:
        consumed = super().basic_consume(queue, *args, **kwargs)
        deliver = self.connection._callbacks[queue]
        # Remote control has fanout queues for its commands, and a queue for each caller's replies.
        is_of_jobs = queue not in self._fanout_queues and not queue.endswith(".pidbox")
        self.connection._callbacks[queue] = partial(
            self._deliver_or_drop, deliver, is_of_jobs=is_of_jobs
        )
        return consumed

    def _deliver_or_drop(
        self, deliver: Callable[[Any], Any], raw_message: Any, *, is_of_jobs: bool
    ) -> None:
        """Hand the message to Celery. See Note [Not a job]."""
        try:
            if is_of_jobs:
                msgspec.convert(raw_message, _Job)
            deliver(raw_message)
        except (ConnectionError, TimeoutError, OSError, InconsistencyError):
            raise  # about the connection: Celery connects again
        except Exception as error:  # noqa: BLE001  (whatever it is, it is about this message)
            _log_dropped(raw_message, error)
            self._forget(raw_message)

    def _forget(self, raw_message: Any) -> None:
        """Remove the message from those that would be delivered again."""
        try:
            tag = raw_message["properties"]["delivery_tag"]
            was_taken = tag in self.qos._delivered
        except (TypeError, LookupError):
            return  # so wrong that it was not taken
        if was_taken:
            self.basic_reject(tag, requeue=False)


class Transport(kombu_redis.Transport):
    """kombu's transport with this channel; `celery_app` installs it."""

    Channel = Channel
    # A Redis that became a replica refuses to give jobs: to wait for a better one is right.
    connection_errors = (*kombu_redis.Transport.connection_errors, ResponseError)


def _only_json(read: Callable[..., Any] | None, response: Any, **options: Any) -> Any:
    """Return the response to a command that takes from a list; None if the entry is not JSON."""
    taken = response if read is None else read(response, **options)
    entry = taken[1] if isinstance(taken, tuple | list) else taken
    if entry is not None:
        try:
            loads(bytes_to_str(entry))
        except Exception as error:  # noqa: BLE001  (also of decoders of types, and recursion)
            _log_dropped(entry, error)
            return None
    return taken


def _log_dropped(entry: Any, error: Exception) -> None:
    shown = entry[:_SHOWN] if isinstance(entry, bytes | str) else repr(entry)[:_SHOWN]
    logger.error("Dropped from the list of jobs, since it is not one: %r (%r)", shown, error)
