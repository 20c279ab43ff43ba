"""A real Celery worker and a real beat, as in production, on the tests' database.

Starting a worker takes seconds, so the tests of a module share one where none kills it; each of
them reads `LaterLines` of its log.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from tests.support.processes import end, start_module


class LaterLines:
    """What is added to a log from now on, read like a file."""

    def __init__(self, log: Path) -> None:
        self._log = log
        self._already_there = log.stat().st_size

    def read_text(self) -> str:
        return self._log.read_bytes()[self._already_there :].decode(errors="replace")


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
