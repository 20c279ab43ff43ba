"""Celery's Redis transport, with a fix that lets a worker outlive a Redis that goes away."""

from __future__ import annotations

from typing import Any

from kombu.transport import redis as kombu_redis
from redis.exceptions import ConnectionError


class Channel(kombu_redis.Channel):
    """A channel that reports a lost connection as a `ConnectionError`.

    When Redis goes away during a job, Celery 5.7 wants to return the unfinished job, looks for the
    address of a connection that is closed, and ends the worker with an AttributeError. It survives
    a ConnectionError: the job is delivered again when its visibility timeout is over.
    """

    def _connparams(self, asynchronous: bool = False) -> dict[str, Any]:
        if self.connection.client is None:
            raise ConnectionError("the connection is closed")
        return super()._connparams(asynchronous=asynchronous)


class Transport(kombu_redis.Transport):
    """kombu's transport with this channel; `celery_app` installs it."""

    Channel = Channel
