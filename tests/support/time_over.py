"""The time of a request ends after a statement that a test names, however fast the machine is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection

from data_tools.under_way import requests


@contextmanager
def time_is_over_after(text: str) -> Iterator[None]:
    """End the time of the request that runs the first statement with `text` in it, right after it.

    Raises:
        AssertionError: there was no such statement in a request.
    """
    seen = []

    def watch(execute: Callable[..., Any], sql: str, *arguments: Any) -> Any:
        result = execute(sql, *arguments)
        request = requests.current()
        if text in sql and request is not None and not seen:
            seen.append(sql)
            request.ends_at = 0.0
        return result

    with connection.execute_wrapper(watch):
        yield
    assert seen, text
