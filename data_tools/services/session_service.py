"""Sessions over datasets: what a view asks for, in one call each.

Joins the two halves of the house: `session_events`, which knows what was done, and `row_queries`,
which knows the rows. Every function takes the user and the dataset's id, and raises the domain's
errors; `errors` maps them.
"""

from __future__ import annotations

import logging
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import Error

from data_tools import operations
from data_tools.exceptions import DatasourceNotFound, DatasourceNotReady
from data_tools.filtering import PageSpec, SortSpec
from data_tools.models import DataSource
from data_tools.revisions import columns_of, revision_of
from data_tools.row_queries import Page
from data_tools.services.pending_operations import (
    PendingOperation,
    PendingOutcome,
    apply_pending,
)
from data_tools.services.session_rows import dataset_rows, event_of, rows_of
from session_events import heads, recovering, services
from session_events.events import Column, OperationApplied, View
from session_events.exceptions import SessionNotFound
from session_events.heads import StreamHead
from session_events.loading import Session, load
from session_events.recording import Command, Outcome
from session_events.recovering import Validation
from session_events.recovery import Source
from session_events.recovery_ways import Recovery, RecoveryRequest
from session_events.services import DatasetFacts
from session_events.state import SessionState

logger = logging.getLogger(__name__)

PREVIEW = PageSpec(page_number=1, page_size=100)

# Every request sends it. As a query of the ORM, putting it together took half of a page read.
_LOCATE = f"""
SELECT id, name, status, progress_percent, revision, row_count, columns, fingerprint,
       {heads.open_head_sql("dataset.id")} AS open_head
FROM data_tools_datasource AS dataset WHERE id = %s AND owner_id = %s
"""  # noqa: S608 - both parts are texts of ours


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionData:
    """What a client sees of a dataset: its session, None if there is none, and one page of rows.

    Without a session, `columns` and `page` are the dataset's own. `page_error` says why `page`
    holds no rows though there are some: it could not be read behind a command that took effect.
    """

    datasource: DataSource
    session: Session | None
    columns: tuple[Column, ...]
    page: Page
    page_error: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Applied:
    """An operation's effect: the data after it, and what it did in a sentence.

    `is_repeat` is true when the same request had been applied before: nothing was done again.
    """

    data: SessionData
    message: str
    cells_changed: int
    is_repeat: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Recovered:
    """A recovery, what became of the pending operations behind it, and the data after them."""

    recovery: Recovery
    pending: tuple[PendingOutcome, ...]
    data: SessionData


def get_session_data(
    *, user_id: int, datasource_id: uuid.UUID, page: PageSpec = PREVIEW
) -> SessionData:
    """Return the session as it stands with one page of its rows, in row order. Writes nothing.

    Raises:
        DatasourceNotFound, DatasourceNotReady.
        LogDamaged, LogUnreadable: the session cannot be read.
    """
    datasource, head = located(user_id, datasource_id)
    session = None if head is None else load(head)
    return data_of(datasource, session, page)


def get_paginated_session_data(
    *,
    user_id: int,
    datasource_id: uuid.UUID,
    page: PageSpec,
    sort: SortSpec | None,
    command: Command,
) -> SessionData:
    """Return one page of the session's rows in the order asked for; ties by row number.

    What the user looks at is recorded, coalesced, so that a recovery can show it again; that it
    could not be recorded never fails the read. Raises as `get_session_data`, and ColumnNotFound.
    """
    datasource, head = located(user_id, datasource_id)
    session = None if head is None else load(head)
    data = data_of(datasource, session, page, sort)
    if session is None:
        return data
    view = View(page_number=page.page_number, page_size=page.page_size, sort=_sort_spelling(sort))
    return SessionData(
        datasource=datasource,
        session=services.change_view(session, view, command=command),
        columns=data.columns,
        page=data.page,
    )


def initialize(
    *, user_id: int, datasource_id: uuid.UUID, page: PageSpec, command: Command
) -> tuple[SessionData, bool]:
    """Open the user's session on the dataset, and tell whether it had to be begun or reopened."""
    datasource, head = located(user_id, datasource_id)
    outcome = services.open_or_start(head, dataset=_facts(datasource), command=command)
    return data_after(datasource, outcome.session, page), outcome.recorded


def apply_operation(
    *,
    user_id: int,
    datasource_id: uuid.UUID,
    name: str,
    parameters: Mapping[str, Any],
    page: PageSpec,
    command: Command,
) -> Applied:
    """Apply one operation to the session: check, fit on its rows, record. No row is rewritten.

    Raises:
        Refused: the operation does not make sense here; SessionNotFound and the other errors of
        `recording.execute`. Nothing changed in any of these cases.
    """
    datasource, session = required(user_id, datasource_id)
    message, cells_changed = "Already applied", 0

    def prepare(state: SessionState) -> OperationApplied:
        nonlocal message, cells_changed
        prepared = operations.prepare(name, parameters, rows_of(state))
        message, cells_changed = prepared.message, prepared.cells_changed
        return event_of(prepared)

    # An id stands for the operation, not for the address or the moment that it was sent to.
    outcome = services.apply_operation(
        session, prepare, command=command.asking([name, dict(parameters)])
    )
    return Applied(
        data=data_after(datasource, outcome.session, page),
        message=message,
        cells_changed=cells_changed,
        is_repeat=not outcome.recorded,
    )


def undo(
    *, user_id: int, datasource_id: uuid.UUID, page: PageSpec, command: Command
) -> SessionData:
    """Take the last operation back. Raises `NothingToUndo` and as `apply_operation`."""
    datasource, session = required(user_id, datasource_id)
    return data_after(datasource, services.undo(session, command=command).session, page)


def redo(
    *, user_id: int, datasource_id: uuid.UUID, page: PageSpec, command: Command
) -> SessionData:
    """Put the operation undone last back. Raises `NothingToRedo` and as `apply_operation`."""
    datasource, session = required(user_id, datasource_id)
    return data_after(datasource, services.redo(session, command=command).session, page)


def reset(
    *, user_id: int, datasource_id: uuid.UUID, page: PageSpec, command: Command
) -> SessionData:
    """Go back to the dataset's own columns and values; the work stays recoverable by version."""
    datasource, session = required(user_id, datasource_id)
    return data_after(datasource, services.reset(session, command=command).session, page)


def pause(*, user_id: int, datasource_id: uuid.UUID, command: Command) -> Outcome:
    """Put the session aside; it does not expire."""
    _, session = required(user_id, datasource_id)
    return services.pause(session, command=command)


def resume(
    *, user_id: int, datasource_id: uuid.UUID, page: PageSpec, command: Command
) -> SessionData:
    """Take a paused session up again."""
    datasource, session = required(user_id, datasource_id)
    return data_after(datasource, services.resume(session, command=command).session, page)


def clear(*, user_id: int, datasource_id: uuid.UUID, command: Command) -> Outcome | None:
    """Put the session away, recoverable for the retention time.

    None when there is no session, or one too damaged to be read; that is put away as well.
    """
    _, head = located(user_id, datasource_id, must_be_ready=False)
    if head is None:
        return None
    return services.clear(head, command=command)


def validate(
    *,
    user_id: int,
    datasource_id: uuid.UUID,
    session_id: uuid.UUID | None = None,
    known_version: int | None = None,
) -> Validation:
    """Return the verdict on the session. Writes nothing and reads no rows.

    A deleted dataset is a verdict too, if the user has a session on it.

    Raises:
        DatasourceNotFound: no such dataset, and no session either.
    """
    datasource = owned(user_id, datasource_id).first()
    validation = recovering.validate(
        user_id=user_id,
        dataset_id=datasource_id,
        source=_source(datasource),
        revision=revision_of(datasource),
        session_id=session_id,
        known_version=known_version,
    )
    if datasource is None and validation.head is None:
        raise DatasourceNotFound
    return validation


def recover(
    *,
    user_id: int,
    datasource_id: uuid.UUID,
    request: RecoveryRequest,
    page: PageSpec | None,
    command: Command,
    pending: Sequence[PendingOperation] = (),
) -> Recovered:
    """Bring the session back, apply what is pending, and show the page asked for.

    Without one it is the page last looked at. The recovery is durable before the first pending
    operation is looked at, and so is each of them before the next.

    Raises as `recovering.recover`, and DatasourceNotFound as `validate`.
    """
    datasource = owned(user_id, datasource_id).first()
    if datasource is None and not heads.latest_head(user_id=user_id, dataset_id=datasource_id):
        raise DatasourceNotFound
    source = _source(datasource)
    recovery = recovering.recover(
        user_id=user_id,
        dataset_id=datasource_id,
        source=source,
        dataset=_facts(datasource) if datasource and source is Source.READY else None,
        revision=revision_of(datasource),
        request=request,
        command=command,
    )
    if datasource is None:  # a repeated command whose dataset was deleted since
        raise DatasourceNotFound
    session, outcomes = apply_pending(recovery.session, pending, command=command)
    view = session.state.view
    sort = None
    if view is not None:
        sort = _sort_of(view, session.state)
        page = page or PageSpec(page_number=view.page_number, page_size=view.page_size)
    return Recovered(
        recovery=recovery,
        pending=outcomes,
        data=data_after(datasource, session, page or PageSpec(), sort),
    )


def owned(user_id: int, datasource_id: uuid.UUID) -> Any:
    """Return the query of the user's dataset of that id."""
    return DataSource.objects.filter(pk=datasource_id, owner_id=user_id)


def located(
    user_id: int, datasource_id: uuid.UUID, *, must_be_ready: bool = True
) -> tuple[DataSource, StreamHead | None]:
    """Return the user's dataset and the head of their open session on it, in one round trip."""
    located = DataSource.objects.raw(_LOCATE, [user_id, datasource_id, user_id])
    datasource = next(iter(located), None)
    if datasource is None:
        raise DatasourceNotFound
    if must_be_ready and not datasource.is_published:
        raise DatasourceNotReady(status=datasource.status, progress=datasource.progress_percent)
    return datasource, heads.head_from_json(datasource.open_head)


def required(user_id: int, datasource_id: uuid.UUID) -> tuple[DataSource, Session]:
    """Return the user's dataset and their open session on it. Raises: SessionNotFound."""
    datasource, head = located(user_id, datasource_id)
    if head is None:
        raise SessionNotFound
    return datasource, load(head)


def data_of(
    datasource: DataSource,
    session: Session | None,
    page: PageSpec,
    sort: SortSpec | None = None,
) -> SessionData:
    """Return the session with one page of its rows, or the dataset with one of its own."""
    rows = dataset_rows(_facts(datasource)) if session is None else rows_of(session.state)
    return SessionData(
        datasource=datasource,
        session=session,
        columns=rows.columns,
        page=rows.page(page, sort),
    )


def data_after(
    datasource: DataSource, session: Session, page: PageSpec, sort: SortSpec | None = None
) -> SessionData:
    """Return what `data_of` does, behind a command that has taken effect.

    What is in the log is done, whatever becomes of the page: an error here would tell a client to
    do again what was done already.
    """
    try:
        return data_of(datasource, session, page, sort)
    except Error:
        logger.exception("no page behind version %d of %s", session.state.version, datasource.pk)
    rows = rows_of(session.state)
    return SessionData(
        datasource=datasource,
        session=session,
        columns=rows.columns,
        page=Page(
            rows=[],
            page_number=page.page_number,
            page_size=page.page_size,
            total_rows=rows.total_rows,
        ),
        page_error="This took effect and is saved, but the rows could not be read just now.",
    )


def _facts(datasource: DataSource) -> DatasetFacts:
    return DatasetFacts(
        dataset_id=datasource.pk,
        revision=datasource.revision,
        fingerprint=datasource.fingerprint,
        columns=columns_of(datasource),
        row_count=datasource.row_count,
    )


def _source(datasource: DataSource | None) -> Source:
    if datasource is None:
        return Source.DELETED
    return Source.READY if datasource.is_published else Source.NOT_READY


def _sort_spelling(sort: SortSpec | None) -> tuple[str, ...]:
    if sort is None:
        return ()
    return (f"-{sort.column_name}" if sort.descending else sort.column_name,)


def _sort_of(view: View, state: SessionState) -> SortSpec | None:
    """Return the view's order, None if its column is not there any more."""
    for name in view.sort:
        sort = SortSpec(column_name=name.removeprefix("-"), descending=name.startswith("-"))
        if any(column.name == sort.column_name for column in state.columns):
            return sort
    return None
