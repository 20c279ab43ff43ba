"""A caller's shares of the work in all processes, counted in Redis.

Each share is a lock of redis-py with an expiry, so those of a killed process become free by
themselves. While Redis does not answer, nothing is counted across processes, and each process has
only its own gates: the limit protects the service, and must not stop work because Redis is down.
"""

from __future__ import annotations

import functools
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from django.conf import settings
from django.core.signals import setting_changed
from redis.exceptions import LockError, RedisError
from redis.lock import Lock

from data_tools.under_way.redis_outage import RedisOutage, client_of, outage_of

_KEY = "hydroml:at-once"


@dataclass(slots=True, kw_only=True, eq=False)
class Share:
    """One of a caller's places. It becomes free when it is given back, or when it expires."""

    lock: Lock | None = None
    seconds: float = 0
    outage: RedisOutage = field(default_factory=lambda: RedisOutage(""))
    _extended_at: float = field(default_factory=time.monotonic)

    def extend(self) -> None:
        """Restart the expiry, unless that was done recently. For work that takes long."""
        now = time.monotonic()
        if self.lock is None or now - self._extended_at < self.seconds / 4:
            return
        self._extended_at = now
        if not self.outage.is_on:
            self._tell(self.lock.reacquire)

    def give_back(self) -> None:
        if self.lock is not None and not self.outage.do_without(self.lock.release):
            self._tell(self.lock.release)

    def _tell(self, change: Callable[[], object]) -> None:
        try:
            change()
        except LockError:
            pass  # it has expired
        except RedisError as error:
            self.outage.begin(error)


class Shares:
    """The shares in the Redis at `redis_url`; without a URL, shares are not limited."""

    def __init__(self, redis_url: str) -> None:
        self._redis = client_of(redis_url) if redis_url else None
        self._outage = outage_of(redis_url)

    def take(self, gate: str, caller: str, *, most: int, seconds: float) -> Share | None:
        """Return one of the caller's `most` shares of a gate for this long; None if none is left.

        While Redis does not answer, returns a share that is not counted.
        """
        if self._redis is None or self._outage.is_on:
            return Share()
        try:
            for place in range(most):
                # Not thread-local: a file's last piece may be sent by another thread.
                lock = Lock(
                    self._redis, f"{_KEY}:{gate}:{caller}:{place}", seconds, thread_local=False
                )
                if lock.acquire(blocking=False):
                    return Share(lock=lock, seconds=seconds, outage=self._outage)
        except RedisError as error:
            self._outage.begin(error)
            return Share()
        return None


_building = threading.Lock()


def shares() -> Shares:
    """Return the process's only `Shares`, even if several threads ask at once."""
    with _building:
        return _built_shares()


@functools.cache
def _built_shares() -> Shares:
    return Shares(settings.REDIS_URL)


def _read_settings_again(*, setting: str, **_: object) -> None:
    if setting == "REDIS_URL":
        _built_shares.cache_clear()


setting_changed.connect(_read_settings_again)  # sent by tests alone
