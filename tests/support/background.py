"""A real Celery worker and a real beat, as in production, on the tests' database, and what keeps
a job at work."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.db import connection, transaction

from data_tools.jobs.connections import take_as_long_as_it_takes
from tests.support.patience import PATIENCE_SECONDS
from tests.support.serving import database_url


@contextmanager
def celery(
    *arguments: str, broker_url: str, log: Path, environment: Mapping[str, str] | None = None
) -> Iterator[Path]:
    """`celery -A celery_app …` while the block runs, with `environment` over production's.

    Yields its log. It is in a process group of its own, which this ends and nothing else.
    """
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "celery", "-A", "celery_app", *arguments, "--loglevel=INFO"],
            cwd=settings.BASE_DIR,
            env={
                **os.environ,
                "DJANGO_SETTINGS_MODULE": "hydroml.settings",
                "DATABASE_URL": database_url(),
                "SECRET_KEY": settings.SECRET_KEY,
                "REDIS_URL": broker_url,
                "SENTRY_DSN": "",
                **(environment or {}),
            },
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
        try:
            yield log
        finally:
            os.killpg(process.pid, signal.SIGTERM)
            try:
                process.wait(PATIENCE_SECONDS)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait(PATIENCE_SECONDS)


@contextmanager
def nobody_inserts_into(table: str) -> Iterator[Callable[[], int]]:
    """Hold up inserts while the block runs; yields a count of those who wait for it to end."""

    def waiting() -> int:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM pg_locks JOIN pg_database ON pg_database.oid = database"
                " WHERE datname = current_database() AND relation = %s::regclass AND NOT granted",
                [table],
            )
            return int(cursor.fetchone()[0])

    with transaction.atomic():
        take_as_long_as_it_takes()
        with connection.cursor() as cursor:
            cursor.execute(f"LOCK TABLE {table} IN SHARE MODE")
        yield waiting
