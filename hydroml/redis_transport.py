"""Celery's way over Redis, for a worker that outlives a Redis that goes away during a job."""

from __future__ import annotations

from typing import Any

from kombu.transport import redis as kombu_redis
from redis.exceptions import ConnectionError


class Channel(kombu_redis.Channel):
    """A channel that is closed after its connection says so in the words that Celery expects.

    It wants to give the unfinished job back then, and finds no address to do so at. Celery 5.7
    ended the worker by the AttributeError; a lost connection it bears, and the job is done again
    when its visibility timeout is over.
    """

    def _connparams(self, asynchronous: bool = False) -> dict[str, Any]:
        if self.connection.client is None:
            raise ConnectionError("the connection is closed")
        return super()._connparams(asynchronous=asynchronous)


class Transport(kombu_redis.Transport):
    """In place of kombu's own; see `celery_app`."""

    Channel = Channel
