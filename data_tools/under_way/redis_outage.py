"""Whether Redis has stopped answering, which costs a request a second to find out.

Once one has, no other asks. A thread does, every second, until Redis answers again. It asks for a
write, because a Redis that is full, or a replica, answers anything else.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from contextlib import suppress

from django.conf import settings
from django.core.signals import setting_changed
from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

logger = logging.getLogger(__name__)

_SECONDS_BETWEEN_QUESTIONS = 1.0
_WRITTEN = "hydroml:asked"


def client_of(redis_url: str) -> Redis:
    """Return a client that gives up after `REDIS_TIMEOUTS`, and does not try again."""
    return Redis.from_url(redis_url, retry=Retry(NoBackoff(), 0), **settings.REDIS_TIMEOUTS)


class RedisOutage:
    """What this process knows about the Redis at `redis_url`. `is_on` while it answers nobody."""

    def __init__(self, redis_url: str) -> None:
        self._redis_url = redis_url
        self._lock = threading.Lock()
        self._later: list[Callable[[], object]] = []
        self.is_on = False

    def begin(self, error: Exception) -> None:
        """Note that a question was not answered. Returns at once."""
        with self._lock:
            if self.is_on:
                return
            self.is_on = True
        logger.warning(
            "Redis does not answer; this process counts for itself: %s", type(error).__name__
        )
        thread = threading.Thread(target=self._wait_for_an_answer, name="asks-redis", daemon=True)
        try:
            thread.start()
        except RuntimeError:  # the system has no room for it now
            self.is_on = False

    def do_without(self, question: Callable[[], object]) -> bool:
        """Tell whether Redis answers nobody now; if so, ask it the question once it does again."""
        with self._lock:
            if self.is_on:
                self._later.append(question)
            return self.is_on

    def end(self) -> None:
        """Ask no more."""
        self.is_on = False

    def _wait_for_an_answer(self) -> None:
        with client_of(self._redis_url) as redis:
            while self.is_on:
                time.sleep(_SECONDS_BETWEEN_QUESTIONS)
                try:
                    redis.set(_WRITTEN, b"", ex=1)
                except RedisError:
                    continue
                logger.warning("Redis answers again")
                with self._lock:
                    self.is_on = False
                    later, self._later = self._later, []
                for question in later:
                    with suppress(RedisError):
                        question()


_outages: dict[str, RedisOutage] = {}


def outage_of(redis_url: str) -> RedisOutage:
    """Return what this process knows, one object for each URL."""
    return _outages.setdefault(redis_url, RedisOutage(redis_url))


def _forget(*, setting: str, **_: object) -> None:
    if setting in ("REDIS_URL", "REDIS_TIMEOUTS"):
        while _outages:
            _outages.popitem()[1].end()


setting_changed.connect(_forget)  # sent by tests alone
