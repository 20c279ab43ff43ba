"""The job that writes the rows of a dataset saved from a session too large for a request.

The session's log defines the rows, and the rows it was made on stay as long as the log does, so the
work may be interrupted at any moment and start again from the beginning.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Q

from data_tools.columns import base_columns
from data_tools.exceptions import RowsGone
from data_tools.ingest.exceptions import DatasetDeleted
from data_tools.ingest.loading.advisory_locks import lock_for_transaction
from data_tools.ingest.loading.interrupted import (
    MOST_ATTEMPTS,
    has_waited_long,
    is_interruption,
    is_silent,
    take_unattended,
)
from data_tools.ingest.loading.outcome import Stored, fail, publish
from data_tools.ingest.loading.progress import Progress
from data_tools.jobs.connections import analyze_rows, second_connection, take_as_long_as_it_takes
from data_tools.models import DataSource
from data_tools.profiles.stored import keep_base_profiles
from data_tools.quotas.refusal import QuotaExceeded
from data_tools.quotas.stored_bytes import RowsBudget
from data_tools.row_tables.making import new_rows
from data_tools.rows.session_rows import SessionRows
from data_tools.saving.writing import write_rows
from session_events import heads
from session_events.advisory_locks import open_lock_holder
from session_events.exceptions import SessionNotFound
from session_events.time_travel import session_at

_GONE = (
    "The dataset that this was saved from was deleted, or lost its rows, before all of them were"
    " written."
)
_NOT_KEPT = "The session that this was saved from no longer exists."
_UNEXPECTED = (
    "The rows could not be written because of a fault of the service. "
    "Recover the session and save it again."
)
_NO_ROOM = "There is no room for these rows. Make room, recover the session and save it again."
_INTERRUPTED = "Writing the rows was interrupted too often. Recover the session and save it again."


def write_saved_rows(datasource_id: UUID) -> DataSource:
    """Write the rows of a dataset saved from a session and make it READY, all of them or none.

    It is safe to call again at any time: a dataset that has its rows, or failed, does not change,
    and one that another process is writing is left to it. Returns the dataset afterwards. Must not
    be called in a transaction.

    Raises:
        DataSource.DoesNotExist: it does not exist, or was deleted meanwhile.
        BaseException: any unforeseen error; the dataset is then in ERROR, with the reason, and the
            session can still be recovered. If the process is to stop, or the database was lost, the
            dataset is left as it is, to be written by another call.
    """
    DataSource.objects.get(pk=datasource_id)
    with open_lock_holder() as holder, second_connection() as second:
        if lock_for_transaction(holder, datasource_id) and (origin := _claim(datasource_id)):
            try:
                progress = Progress(datasource_id=datasource_id, connection=second)
                _write(datasource_id, origin, progress)
            except DatasetDeleted:
                pass  # its owner deleted it meanwhile
            except QuotaExceeded as refused:
                _fail(datasource_id, f"{_NO_ROOM} {refused.room}", **refused.details)
            except (RowsGone, SessionNotFound) as error:
                _fail(datasource_id, _GONE if isinstance(error, RowsGone) else _NOT_KEPT)
            except BaseException as error:
                connection.close_if_unusable_or_obsolete()
                if not is_interruption(error):
                    _fail(datasource_id, _UNEXPECTED)
                raise
    return DataSource.objects.get(pk=datasource_id)


def take_interrupted(
    *, among: Collection[UUID] | None = None, queued: Collection[UUID] | None = None
) -> list[UUID]:
    """Return the datasets that wait for rows which nobody writes, to be started again.

    Each is returned once in `INGEST_HEARTBEAT_SECONDS`, however often this is called. `among`
    restricts the search to these datasets. Those in `queued` are left out: their jobs will come.
    Where the caller does not know, a job that nobody has begun counts as lost after a long wait.
    """
    waiting = DataSource.waiting_for_saved_rows().filter(is_silent())
    if settings.BACKGROUND_JOBS_USE_BROKER and queued is None:
        waiting = waiting.filter(Q(saved_from__attempts__gt=0) | has_waited_long())
    return take_unattended(waiting, among=among, queued=queued)


def _claim(datasource_id: UUID) -> dict[str, Any] | None:
    """Count one more attempt and return which session, at which version, the rows come from.

    None if there is nothing to write, or no attempt is left.
    """
    with transaction.atomic(durable=True):
        waiting = DataSource.waiting_for_saved_rows().select_for_update()
        datasource = waiting.filter(pk=datasource_id).first()
        if datasource is None or datasource.saved_from is None:
            return None
        if datasource.saved_from["attempts"] >= MOST_ATTEMPTS:
            _fail(datasource_id, _INTERRUPTED)
            return None
        datasource.saved_from["attempts"] += 1
        datasource.progress_percent = 0
        datasource.save(update_fields=["saved_from", "progress_percent", "updated_at"])
    return datasource.saved_from


def _write(datasource_id: UUID, origin: dict[str, Any], progress: Progress) -> None:
    progress.stage(0, 85)
    with transaction.atomic(durable=True):
        take_as_long_as_it_takes()
        head = heads.head_by_id(UUID(origin["session_id"]))
        if head is None:
            raise SessionNotFound
        rows = SessionRows.of(session_at(head, origin["version"]).state)
        with new_rows(datasource_id, 1, row_count=rows.total_rows) as into:
            saved = write_rows(
                rows,
                into=into,
                budget=RowsBudget.of(head.user_id),
                advance=progress.advance,
            )
            progress.stage(85, 99)
            keep_base_profiles(
                datasource_id,
                revision=1,
                row_count=saved.row_count,
                columns=base_columns(saved.columns),
                on_pass=progress.advance,
            )
        publish(
            datasource_id,
            revision=1,
            stored=Stored(row_bytes=saved.row_bytes, has_own_table=into.has_own_table),
            row_count=saved.row_count,
            columns=saved.columns,
            fingerprint=saved.fingerprint,
        )
    if not into.has_own_table:
        analyze_rows(written=saved.row_count)


def _fail(datasource_id: UUID, reason: str, **details: Any) -> None:
    fail(
        datasource_id,
        reason=reason,
        report={"code": "SAVE_FAILED", **details},
        among=[DataSource.Status.PROCESSING],
    )
