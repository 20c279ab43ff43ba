"""Save a session as a new dataset.

Note [Saved is one commit]
    The event that ends the session and the new dataset are written in one transaction: a process
    that dies leaves both or neither. The transaction also writes the rows if they are few. If they
    are many, it holds the order to write them, which `data_tools.saving.job` carries out however
    often it is interrupted.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from django.conf import settings
from django.db import transaction

from data_tools import tasks
from data_tools.exceptions import DatasourceNotFound
from data_tools.jobs import background
from data_tools.models import DataSource
from data_tools.operations.recipes import written_recipe
from data_tools.quotas.limits import Quota
from data_tools.quotas.room import require_storage
from data_tools.quotas.stored_bytes import RowsBudget, note_published
from data_tools.row_tables.making import attach, new_rows
from data_tools.rows.session_rows import SessionRows
from data_tools.saving.writing import least_bytes, write_rows
from data_tools.services.session_lookup import owned_dataset, require_session
from data_tools.services.session_request import SessionRequest
from data_tools.under_way.admission import begin_heavy_work
from session_events import saved_sessions
from session_events.exceptions import SessionConflict, SessionNotFound
from session_events.loading import Session
from session_events.recording import Command, with_retries
from session_events.state import SessionState

_SUFFIX = "_transformed"
_NAME_CHARACTERS = 255


@dataclass(frozen=True, slots=True, kw_only=True)
class Saved:
    """The new dataset, and the session, which saving has ended.

    `is_repeat` is true if the same request had saved it before: nothing was done again.
    """

    datasource: DataSource
    session: Session
    is_repeat: bool


def save(request: SessionRequest, *, name: str | None, description: str | None) -> Saved:
    """Store the session's rows as a new dataset, and end the session; it stays recoverable.

    The dataset is READY, or PROCESSING if it has more than `SAVE_IN_REQUEST_ROWS` rows. Without a
    name it is called after the dataset it comes from. See Note [Saved is one commit].

    Raises:
        DatasourceNotFound: the dataset does not exist or belongs to somebody else, or the dataset
            that a repeated request saved has been deleted since.
        QuotaExceeded: there is no room for another dataset, or for its rows.
        And as `require_session` and `session_events.recording.execute_all`. Nothing was written,
            and the session is what it was.
    """
    saved = _saved_before(request.command, request.datasource_id)
    if saved is not None:
        return saved
    refusal: Exception = SessionNotFound()
    try:
        # Each try rolls back the rows that it wrote, so it reads everything anew.
        saved = with_retries(
            lambda: _save(request, name, description),
            is_final=request.command.expects,
        )
    except (SessionConflict, SessionNotFound) as error:
        refusal = error
    # The same request may have been sent twice at once, and the other one was a moment faster.
    saved = saved or _saved_before(request.command, request.datasource_id)
    if saved is None:
        raise refusal
    return saved


def _saved_before(command: Command, datasource_id: uuid.UUID) -> Saved | None:
    before = saved_sessions.saved_before(command, dataset_id=datasource_id)
    if before is None:
        return None
    datasource = owned_dataset(command.actor_id, before.new_dataset_id).first()
    if datasource is None:
        raise DatasourceNotFound("The dataset that this request saved has been deleted since.")
    return Saved(datasource=datasource, session=before.session, is_repeat=True)


def _save(request: SessionRequest, name: str | None, description: str | None) -> Saved | None:
    """Save the session; return None, with nothing written, if the same request was faster."""
    source, session = require_session(request.user_id, request.datasource_id)
    if _are_few(SessionRows.of(session.state)):
        begin_heavy_work()  # now, because nobody may wait within the transaction
    saved = DataSource(
        owner_id=request.user_id,
        parent_id=source.pk,
        name=name or source.name[: _NAME_CHARACTERS - len(_SUFFIX)] + _SUFFIX,
        description=f"Transformed version of {source.name}" if description is None else description,
        status=DataSource.Status.PROCESSING,
    )

    row_bytes: int | None = None
    row_count = 0

    def write(state: SessionState) -> uuid.UUID:
        nonlocal row_bytes, row_count
        saved.recipe = written_recipe(state, source_name=source.name)
        rows = SessionRows.of(state)
        row_count = rows.total_rows
        wanted = {Quota.DATASETS: 1, Quota.ROWS_BYTES: least_bytes(rows)}
        require_storage(request.user_id, wanted, is_final=True)
        if _are_few(rows):
            row_bytes = _write_now(saved, rows)
        return saved.pk

    with transaction.atomic():
        outcome = saved_sessions.save(session, write, command=request.command)
        if not outcome.recorded:
            transaction.set_rollback(True)
            return None
        dataset = owned_dataset(request.user_id, request.datasource_id)
        if not dataset.select_for_update(no_key=True).exists():
            raise DatasourceNotFound
        head = outcome.session.head
        saved.saved_from = {
            "session_id": str(head.stream_id),
            "version": head.position.version,
            "attempts": 0,
            "rows": row_count,
        }
        saved.save(force_insert=True)
        if row_bytes is not None:
            note_published(saved.pk, revision=saved.revision, row_bytes=row_bytes)
        if saved.status == DataSource.Status.PROCESSING:
            background.start(tasks.write_saved_rows, saved.pk)
        for revision in saved.own_tables:
            attach(saved.pk, revision)
    return Saved(datasource=saved, session=outcome.session, is_repeat=False)


def _are_few(rows: SessionRows) -> bool:
    """Tell whether the session's rows are few enough to be written within the request."""
    return rows.total_rows <= settings.SAVE_IN_REQUEST_ROWS


def _write_now(saved: DataSource, rows: SessionRows) -> int:
    """Write the rows and fill in the dataset's fields; return the bytes of the rows."""
    budget = RowsBudget.of(saved.owner_id)
    with new_rows(saved.pk, 1, row_count=rows.total_rows) as into:
        written = write_rows(rows, into=into, budget=budget)
    saved.own_tables = [1] if into.has_own_table else []
    saved.columns = written.columns
    saved.row_count = written.row_count
    saved.fingerprint = written.fingerprint
    saved.revision = 1
    saved.status = DataSource.Status.READY
    saved.progress_percent = 100
    return written.row_bytes
