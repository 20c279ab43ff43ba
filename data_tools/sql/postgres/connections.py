"""psycopg2's connection and cursor, whose calls can be ended from another thread."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any, TypeVar

from psycopg2 import extensions
from psycopg2.sql import Composable

from data_tools.observing.activity import note_statement
from data_tools.sql.postgres.calls import Purpose, require_answers, watched
from session_events.durable_writes import is_durable_write

T = TypeVar("T")

_READING = ("SELECT", "WITH", "SHOW", "SET", "RESET", "EXPLAIN", "VALUES", "TABLE")
_CLEANING_UP = ("ROLLBACK", "RELEASE")
_BEGINNING = 100  # characters of a statement, blanks included


class Connection(extensions.connection):
    """A connection that any thread can end with `sever`."""

    _descriptor: int = -1

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        require_answers()
        super().__init__(*args, **kwargs)
        # A descriptor of our own, because libpq may close its own at any moment, and another thread
        # may then open something else with the same number.
        self._descriptor = os.dup(self.fileno())

    def sever(self) -> None:
        descriptor = self._descriptor
        if descriptor < 0:
            return
        with socket.socket(fileno=os.dup(descriptor)) as shared, suppress(OSError):
            shared.shutdown(socket.SHUT_RDWR)

    def commit(self) -> None:
        watched(self, Purpose.WRITE, super().commit)

    def rollback(self) -> None:
        watched(self, Purpose.CLEAN_UP, super().rollback)

    def close(self) -> None:
        super().close()
        self._release()

    def __del__(self) -> None:
        self._release()

    def _release(self) -> None:
        descriptor, self._descriptor = self._descriptor, -1
        if descriptor >= 0:
            os.close(descriptor)


class Cursor(extensions.cursor):
    """A cursor of a `Connection`. Only a named one fetches rows from the server as it is read."""

    connection: Connection

    def execute(self, query: Any, vars: Any = None) -> None:
        self._run(query, partial(super().execute, query, vars))

    def executemany(self, query: Any, vars_list: Any) -> None:
        self._run(query, partial(super().executemany, query, vars_list))

    def copy_expert(self, sql: Any, file: Any, size: int = 8192) -> None:
        began = time.perf_counter()
        try:
            watched(self.connection, Purpose.READ, partial(super().copy_expert, sql, file, size))
        finally:
            note_statement(time.perf_counter() - began)

    def fetchone(self) -> tuple[Any, ...] | None:
        return self._fetched(super().fetchone)

    def fetchmany(self, size: int | None = None) -> list[tuple[Any, ...]]:
        return self._fetched(partial(super().fetchmany, size or self.arraysize))

    def fetchall(self) -> list[tuple[Any, ...]]:
        return self._fetched(super().fetchall)

    def _fetched(self, fetch: Callable[[], T]) -> T:
        return watched(self.connection, Purpose.READ, fetch) if self.name else fetch()

    def _run(self, query: Any, call: Callable[[], None]) -> None:
        began = time.perf_counter()
        try:
            watched(self.connection, self._purpose_of(query), call)
        finally:
            note_statement(time.perf_counter() - began)

    def _purpose_of(self, query: Any) -> Purpose:
        """Return the purpose. Within a transaction nothing takes effect before its COMMIT."""
        text = query.as_string(self) if isinstance(query, Composable) else query
        beginning = str(text[:_BEGINNING]).lstrip(" \n(").upper()
        if not self.connection.autocommit:
            return Purpose.CLEAN_UP if beginning.startswith(_CLEANING_UP) else Purpose.READ
        is_read = beginning.startswith(_READING) and not is_durable_write()
        return Purpose.READ if is_read else Purpose.WRITE
