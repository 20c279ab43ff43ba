"""What is missing in the configuration, said once at start."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Warning, register


@register()
def redis_is_configured(**kwargs: Any) -> list[CheckMessage]:
    """hydroml.W001: the service runs without Redis, for one machine and one person."""
    if settings.REDIS_URL:
        return []
    return [
        Warning(
            "REDIS_URL is not set: each process has a cache and limits of its own, and background "
            "jobs run in the process that asks for them.",
            hint="Set REDIS_URL, for example to redis://127.0.0.1:6379/0, and start a worker with "
            "`celery -A celery_app worker`.",
            id="hydroml.W001",
        )
    ]
