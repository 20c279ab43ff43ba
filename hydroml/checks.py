"""System checks: what is missing in the configuration, or stands in the way."""

from importlib.util import find_spec
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Warning, register


@register()
def redis_is_configured(**kwargs: Any) -> list[CheckMessage]:
    """hydroml.W001: without Redis the service suits one machine and one person."""
    if settings.REDIS_URL:
        return []
    return [
        Warning(
            "REDIS_URL is not set: each process counts calls for itself, background jobs run in "
            "the process that starts them, and periodic jobs do not run.",
            hint="Set REDIS_URL, for example to redis://127.0.0.1:6379/0, and start a worker with "
            "`celery -A celery_app worker`.",
            id="hydroml.W001",
        )
    ]


@register()
def psycopg_3_is_not_installed(**kwargs: Any) -> list[CheckMessage]:
    """hydroml.W002: Django prefers psycopg 3 to psycopg2 wherever it can import it."""
    if find_spec("psycopg") is None:
        return []
    return [
        Warning(
            "psycopg 3 is installed beside psycopg2, and Django uses it: files cannot be loaded, "
            "and database errors are misread.",
            hint="Run `pip uninstall psycopg`, or install what needs psycopg 3 in another "
            "environment.",
            id="hydroml.W002",
        )
    ]
