"""Sessions over datasets: what a view asks for, in one call each.

Joins the two halves of the house: `session_events`, which knows what was done, and `row_queries`,
which knows the rows. Every function takes the user and the dataset's id, and raises the domain's
errors; `errors` maps them.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any

from data_tools.filtering import EVERYTHING, PageSpec, Selection
from data_tools.rows.session_rows import SessionRows, event_of
from data_tools.services.page_tags import NotModified, tag_of_page, tag_of_status
from data_tools.services.recorded_views import view_of
from data_tools.services.recovery_context import require_known, require_rows
from data_tools.services.session_data import PREVIEW, SessionData, data_after, data_of, facts
from data_tools.services.session_lookup import find_dataset, find_session, require_session
from session_events import services
from session_events.events import OperationApplied
from session_events.loading import load
from session_events.recording import Command, Outcome
from session_events.state import SessionState


@dataclass(frozen=True, slots=True, kw_only=True)
class Applied:
    """An operation's effect: the data after it, and what it did in a sentence.

    `is_repeat` is true when the same request had been applied before: nothing was done again.
    """

    data: SessionData
    message: str
    cells_changed: int
    rows_removed: int
    is_repeat: bool


def get_session_data(
    *,
    user_id: int,
    datasource_id: uuid.UUID,
    page: PageSpec = PREVIEW,
    selection: Selection = EVERYTHING,
    paged: bool = True,
    known_tags: Collection[str] = (),
) -> SessionData | NotModified:
    """Return the session as it stands with one page of its rows. Writes nothing.

    Where `known_tags` has the tag of that, no row is read; see `page_tags`. `paged` tells apart
    answers that show a page and those that show the same rows as a preview.

    Raises:
        DatasourceNotFound, DatasourceNotReady, DatasourceFailed.
        LogDamaged, LogUnreadable, RowsGone: the session cannot be read.
        ColumnNotFound, InvalidFilter: it has no such columns.
    """
    datasource, session = find_session(user_id, datasource_id)
    tag = tag_of_status(datasource, session, page, selection, paged=paged)
    if tag in known_tags:
        return NotModified(tag=tag)
    return replace(data_of(datasource, session, page, selection), tag=tag)


def get_dataset_data(*, user_id: int, datasource_id: uuid.UUID) -> SessionData:
    """Return the dataset with its own first rows, whatever a session makes of them.

    Raises: DatasourceNotFound, DatasourceNotReady, DatasourceFailed.
    """
    datasource, _ = find_dataset(user_id, datasource_id)
    return data_of(datasource, None, PREVIEW)


def get_paginated_session_data(
    *,
    user_id: int,
    datasource_id: uuid.UUID,
    page: PageSpec,
    selection: Selection,
    command: Command,
    known_tags: Collection[str] = (),
) -> SessionData | NotModified:
    """Return one page of the session's rows, of those and in the order asked for.

    What the user looks at is recorded, coalesced, so that a recovery can show it again; that it
    could not be recorded never fails the read. Where `known_tags` has the page's tag, no row is
    read. Raises as `get_session_data`.
    """
    datasource, session = find_session(user_id, datasource_id)
    tag = tag_of_page(datasource, session, page, selection)
    data = None if tag in known_tags else data_of(datasource, session, page, selection)
    if session is not None:
        view = view_of(page, selection, before=session.state.view)
        session = services.change_view(session, view, command=command)
    return NotModified(tag=tag) if data is None else replace(data, session=session, tag=tag)


def initialize(
    *,
    user_id: int,
    datasource_id: uuid.UUID,
    page: PageSpec,
    selection: Selection = EVERYTHING,
    command: Command,
) -> tuple[SessionData, bool]:
    """Open the user's session on the dataset, and tell whether it had to be begun or reopened."""
    datasource, head = find_dataset(user_id, datasource_id)
    dataset = facts(datasource)
    if head is not None:
        session = require_known(load(head))
        if not services.is_outdated_and_empty(session.state, dataset):
            require_rows(datasource, session)
    outcome = services.open_or_start(head, dataset=dataset, command=command)
    return data_after(datasource, outcome.session, page, selection), outcome.recorded


def apply_operation(
    *,
    user_id: int,
    datasource_id: uuid.UUID,
    name: str,
    parameters: Mapping[str, Any],
    page: PageSpec,
    selection: Selection = EVERYTHING,
    command: Command,
) -> Applied:
    """Apply one operation to the session: check, fit on its rows, record. No row is rewritten.

    Raises:
        Refused: the operation does not make sense here; SessionNotFound and the other errors of
        `recording.execute`. Nothing changed in any of these cases.
    """
    datasource, session = require_session(user_id, datasource_id)
    message, cells_changed, rows_removed = "Already applied", 0, 0

    def prepare(state: SessionState) -> OperationApplied:
        nonlocal message, cells_changed, rows_removed
        prepared = SessionRows.of(state).prepare(name, parameters)
        message, cells_changed = prepared.message, prepared.cells_changed
        rows_removed = prepared.rows_before - prepared.rows_after
        return event_of(prepared)

    # An id stands for the operation, not for the address or the moment that it was sent to.
    outcome = services.apply_operation(
        session, prepare, command=command.asking([name, dict(parameters)])
    )
    return Applied(
        data=data_after(datasource, outcome.session, page, selection),
        message=message,
        cells_changed=cells_changed,
        rows_removed=rows_removed,
        is_repeat=not outcome.recorded,
    )


def undo(
    *,
    user_id: int,
    datasource_id: uuid.UUID,
    page: PageSpec,
    selection: Selection = EVERYTHING,
    command: Command,
) -> SessionData:
    """Take the last operation back. Raises `NothingToUndo` and as `apply_operation`."""
    datasource, session = require_session(user_id, datasource_id)
    outcome = services.undo(session, command=command)
    return data_after(datasource, outcome.session, page, selection)


def redo(
    *,
    user_id: int,
    datasource_id: uuid.UUID,
    page: PageSpec,
    selection: Selection = EVERYTHING,
    command: Command,
) -> SessionData:
    """Put the operation undone last back. Raises `NothingToRedo` and as `apply_operation`."""
    datasource, session = require_session(user_id, datasource_id)
    outcome = services.redo(session, command=command)
    return data_after(datasource, outcome.session, page, selection)


def reset(
    *,
    user_id: int,
    datasource_id: uuid.UUID,
    page: PageSpec,
    selection: Selection = EVERYTHING,
    command: Command,
) -> SessionData:
    """Go back to the dataset's own columns and values; the work stays recoverable by version."""
    datasource, session = require_session(user_id, datasource_id)
    outcome = services.reset(session, command=command)
    return data_after(datasource, outcome.session, page, selection)


def pause(*, user_id: int, datasource_id: uuid.UUID, command: Command) -> Outcome:
    """Put the session aside; it does not expire."""
    _, session = require_session(user_id, datasource_id)
    return services.pause(session, command=command)


def resume(
    *,
    user_id: int,
    datasource_id: uuid.UUID,
    page: PageSpec,
    selection: Selection = EVERYTHING,
    command: Command,
) -> SessionData:
    """Take a paused session up again."""
    datasource, session = require_session(user_id, datasource_id)
    outcome = services.resume(session, command=command)
    return data_after(datasource, outcome.session, page, selection)


def clear(*, user_id: int, datasource_id: uuid.UUID, command: Command) -> Outcome | None:
    """Put the session away, recoverable for the retention time.

    None when there is no session, or one too damaged to be read; that is put away as well.
    """
    _, head = find_dataset(user_id, datasource_id, must_be_ready=False)
    if head is None:
        return None
    return services.clear(head, command=command)
