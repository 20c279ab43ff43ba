"""The backend that Django loads. See Note [Ended from outside] in this package."""

from __future__ import annotations

import time
from functools import cached_property
from types import TracebackType
from typing import Any

import psycopg2
import psycopg2.errors
from django.db import DEFAULT_DB_ALIAS
from django.db.backends.postgresql import base
from django.db.utils import DatabaseErrorWrapper

from data_tools.exceptions import RowsGone
from data_tools.row_tables.names import OWN_PREFIX
from data_tools.sql.outage import OUTAGE
from data_tools.sql.postgres.calls import require_answers
from data_tools.sql.postgres.connections import Connection, Cursor
from data_tools.sql.postgres.silence import LONGEST_ANSWER_SECONDS, SILENCE
from data_tools.sql.refused_writes import note_refused_write
from data_tools.under_way.requests import at_most


class _Errors(DatabaseErrorWrapper):
    """Notes what an error says about the database, wherever it is raised, a COMMIT included.

    Raises `RowsGone` for rows whose own table is gone: see `data_tools.row_tables`.
    """

    def __init__(self, wrapper: DatabaseWrapper) -> None:
        super().__init__(wrapper)
        self._connection = wrapper

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc_value: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        is_primarys = self._connection.alias == DEFAULT_DB_ALIAS
        if is_primarys and isinstance(exc_value, psycopg2.Error):
            note_refused_write(self._connection, exc_value)
        is_undefined = isinstance(exc_value, psycopg2.errors.UndefinedTable)
        if is_primarys and is_undefined and OWN_PREFIX in str(exc_value):
            raise RowsGone from exc_value
        super().__exit__(exc_type, exc_value, traceback)


class DatabaseWrapper(base.DatabaseWrapper):
    """A connection whose calls end when the request that makes them does."""

    _opened_at = 0.0  # by time.monotonic()

    def get_connection_params(self) -> dict[str, Any]:
        parameters: dict[str, Any] = super().get_connection_params()
        return parameters | {"connection_factory": Connection, "cursor_factory": Cursor}

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        self._opened_at = began = time.monotonic()
        try:
            return super().get_new_connection(conn_params)
        except psycopg2.OperationalError:
            if time.monotonic() - began > LONGEST_ANSWER_SECONDS:
                SILENCE.suspect()
            raise

    def close_if_unusable_or_obsolete(self) -> None:
        if self.connection is not None and self._opened_at <= OUTAGE.read_only_at:
            self.close_at = 0  # see `note_refused_write`
        super().close_if_unusable_or_obsolete()

    def create_cursor(self, name: str | None = None) -> Any:
        if self.connection is not None and self.connection.closed:
            require_answers()  # if the request is over, its error says why
        return super().create_cursor(name)

    def chunked_cursor(self) -> Any:
        """Return a cursor that fetches rows in parts if a transaction keeps its connection.

        Elsewhere all rows come at once: behind a pooler, the next part might be asked for on
        another connection to the server, which does not know the cursor.
        """
        is_in_transaction = self.connection is not None and not self.connection.autocommit
        return super().chunked_cursor() if is_in_transaction else self.cursor()

    def is_usable(self) -> bool:
        with at_most(LONGEST_ANSWER_SECONDS):
            return super().is_usable()

    @cached_property
    def wrap_database_errors(self) -> DatabaseErrorWrapper:
        return _Errors(self)
