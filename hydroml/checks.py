"""What is missing in the configuration, or in the way, said once at start."""

from importlib.util import find_spec
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
            "REDIS_URL is not set: each process counts calls for itself, background jobs run "
            "in the process that asks for them, and those that look for work by the clock do not.",
            hint="Set REDIS_URL, for example to redis://127.0.0.1:6379/0, and start a worker with "
            "`celery -A celery_app worker`.",
            id="hydroml.W001",
        )
    ]


@register()
def psycopg_3_is_not_installed(**kwargs: Any) -> list[CheckMessage]:
    """hydroml.W002: Django prefers psycopg 3 where it can import it, whatever else is installed."""
    if find_spec("psycopg") is None:
        return []
    return [
        Warning(
            "psycopg 3 is installed beside psycopg2, and Django uses it: no file can be loaded, "
            "and errors of the database are misread.",
            hint="Run `pip uninstall psycopg`, or give what needs psycopg 3 an environment of its "
            "own.",
            id="hydroml.W002",
        )
    ]
