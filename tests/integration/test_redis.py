"""Redis as the cache, the real one."""

from __future__ import annotations

from django.core.cache import caches
from pytest_django import Settings


def test_the_cache_keeps_a_value(redis_url: str, settings: Settings) -> None:
    settings.CACHES = {"default": settings.REDIS_CACHE | {"LOCATION": redis_url}}
    cache = caches["default"]

    cache.set("test_redis", {"a": 1}, timeout=10)

    assert cache.get("test_redis") == {"a": 1}
