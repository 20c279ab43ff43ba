"""A real Celery worker and a real beat, as in production, on the tests' database."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from tests.support.processes import end, start_module


@contextmanager
def celery(
    *arguments: str, broker_url: str, log: Path, environment: Mapping[str, str]
) -> Iterator[Path]:
    """Run `celery -A celery_app …` during the block, and yield its log."""
    process = start_module(
        *("celery", "-A", "celery_app", *arguments, "--loglevel=INFO"),
        log=log,
        redis_url=broker_url,
        environment=environment,
    )
    try:
        yield log
    finally:
        end(process)
