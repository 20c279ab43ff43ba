"""The progress of a load: told to a callback at once, and to the database once a second."""

from __future__ import annotations

import time
from collections.abc import Callable
from uuid import UUID

from django.db.backends.base.base import BaseDatabaseWrapper

OnProgress = Callable[[int], None]

_SECONDS_BETWEEN_WRITES = 1.0


class Progress:
    """A percentage that only grows.

    It is written through a connection of its own, since nobody sees the writes of the transaction
    that loads the rows before it commits. Each write also sets `updated_at`: the heartbeat of the
    load.
    """

    def __init__(
        self,
        *,
        datasource_id: UUID,
        connection: BaseDatabaseWrapper,
        on_progress: OnProgress | None = None,
    ) -> None:
        self._datasource_id = datasource_id
        self._connection = connection
        self._on_progress = on_progress
        self._percent = -1
        self._start, self._end = 0, 100
        self._written_at = time.monotonic()

    def stage(self, start: int, end: int) -> None:
        """Begin a stage: from now on, `advance` goes from one percentage to the other."""
        self._start, self._end = start, end

    def advance(self, fraction: float) -> None:
        """Report the fraction of the stage that is done, from 0 to 1."""
        percent = int(self._start + (self._end - self._start) * min(1.0, fraction))
        if percent > self._percent:
            self._percent = percent
            if self._on_progress:
                self._on_progress(percent)
        if time.monotonic() - self._written_at >= _SECONDS_BETWEEN_WRITES:
            self._write()

    def _write(self) -> None:
        with self._connection.cursor() as cursor:
            cursor.execute(
                "UPDATE data_tools_datasource SET progress_percent = %s, updated_at = now()"
                " WHERE id = %s AND status = 'PROCESSING'",
                [max(0, self._percent), self._datasource_id],
            )
        self._written_at = time.monotonic()
