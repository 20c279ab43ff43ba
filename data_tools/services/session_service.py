"""Open a session on a dataset, read it, and change it: one function per use case.

Joins the two halves of the product: `session_events`, which knows what was done, and
`data_tools.rows`, which knows the rows. Every function raises the domain's errors;
`data_tools.http.errors` maps them to answers.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from data_tools.filtering import EVERYTHING, PageSpec, Selection
from data_tools.observing.activity import note
from data_tools.operations.declaration import event_of
from data_tools.quotas.events import has_room_for_event, require_events
from data_tools.quotas.refusal import QuotaExceeded
from data_tools.quotas.room import require_open_session
from data_tools.rows.session_rows import SessionRows
from data_tools.services.recorded_views import view_of
from data_tools.services.session_data import (
    NotModified,
    SessionData,
    data_after,
    data_of,
    facts,
    tag_of_page,
    tag_of_status,
)
from data_tools.services.session_lookup import (
    find_dataset,
    find_session,
    require_known,
    require_rows,
    require_session,
)
from data_tools.services.session_request import SessionRequest, ShownRows
from session_events import services
from session_events.events import OperationApplied
from session_events.loading import load
from session_events.recording import Command, Outcome, find_repeated
from session_events.state import SessionState, Status

# Even at the quota of events: see Note [Work that can always be finished] in `quotas.events`.
_ALWAYS_POSSIBLE = (services.undo, services.resume)


@dataclass(frozen=True, slots=True, kw_only=True)
class Applied:
    """The effect of an operation: the data after it, and a sentence on what it did.

    `is_repeat` is true if the same request had been applied before: nothing was done again.
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
    page: PageSpec | None = None,
    selection: Selection = EVERYTHING,
    numbered: bool = False,
    known_tags: Collection[str] = (),
) -> SessionData | NotModified:
    """Return the session's current state with a page of its rows, or their preview. Writes nothing.

    If `known_tags` has the answer's tag, no row is read; see Note [Tags] in `session_data`.

    Raises: as `find_session` and `data_of`.
    """
    datasource, session = find_session(user_id, datasource_id)
    shown = ShownRows(page=page, selection=selection, numbered=numbered)
    tag = tag_of_status(datasource, session, shown)
    if tag in known_tags:
        return NotModified(tag=tag)
    return replace(data_of(datasource, session, shown), tag=tag)


def get_paginated_session_data(
    *,
    user_id: int,
    datasource_id: uuid.UUID,
    page: PageSpec,
    selection: Selection,
    command: Command,
    numbered: bool = False,
    known_tags: Collection[str] = (),
) -> SessionData | NotModified:
    """Return one page of the session's rows, filtered and sorted as `selection` says.

    Records what the user looks at, at most once in an interval, so that a recovery can show it
    again; a failure to record it never fails the read. If `known_tags` has the page's tag, no row
    is read.

    Raises: as `get_session_data`.
    """
    datasource, session = find_session(user_id, datasource_id)
    shown = ShownRows(page=page, selection=selection, numbered=numbered)
    tag = tag_of_page(datasource, session, shown)
    data = None if tag in known_tags else data_of(datasource, session, shown)
    if session is not None:
        view = view_of(page, selection, before=session.state.view)
        session = services.change_view(
            session, view, command=command, has_room=partial(has_room_for_event, user_id)
        )
    return NotModified(tag=tag) if data is None else replace(data, session=session, tag=tag)


def get_dataset_data(*, user_id: int, datasource_id: uuid.UUID) -> SessionData:
    """Return the dataset with its own first rows, whatever a session has made of them.

    Raises: as `find_dataset`.
    """
    datasource, _ = find_dataset(user_id, datasource_id)
    return data_of(datasource, None, ShownRows())


def initialize(request: SessionRequest) -> tuple[SessionData, bool]:
    """Open the user's session on the dataset; return whether it had to be started or resumed.

    Raises:
        QuotaExceeded: a session has to be started, and the user has as many as they may.
        And as `find_session` and `session_events.services.open_or_start`; nothing was written.
    """
    datasource, head = find_dataset(request.user_id, request.datasource_id)
    dataset = facts(datasource)
    if head is not None:
        session = require_known(load(head))
        if not services.is_outdated_and_empty(session.state, dataset):
            require_rows(datasource, session)
    elif not request.command.expects:
        require_room_for_session(request.user_id)
    outcome = services.open_or_start(head, dataset=dataset, command=request.command)
    return data_after(datasource, outcome.session, request.rows), outcome.recorded


def apply_operation(
    request: SessionRequest, *, name: str, parameters: Mapping[str, Any]
) -> Applied:
    """Apply one operation to the session: check it, fit it to the rows, record it.

    No row is rewritten.

    Raises:
        RequestRejected: the operation does not make sense here.
        QuotaExceeded: the user's logs hold as many events as they may.
        And as `require_session` and `session_events.recording.execute`. Nothing was written.
    """
    datasource, session = require_session(request.user_id, request.datasource_id)
    message, cells_changed, rows_removed = "Already applied", 0, 0

    def prepare(state: SessionState) -> OperationApplied:
        nonlocal message, cells_changed, rows_removed
        require_events(request.user_id)
        prepared = SessionRows.of(state).prepare(name, parameters)
        message, cells_changed = prepared.message, prepared.cells_changed
        rows_removed = prepared.rows_before - prepared.rows_after
        return event_of(prepared)

    # A client operation id stands for the operation, wherever and whenever it was sent.
    outcome = services.apply_operation(
        session, prepare, command=request.command.asking([name, dict(parameters)])
    )
    return Applied(
        data=data_after(datasource, outcome.session, request.rows),
        message=message,
        cells_changed=cells_changed,
        rows_removed=rows_removed,
        is_repeat=not outcome.recorded,
    )


def run_command(record: Callable[..., Outcome], request: SessionRequest) -> SessionData:
    """Carry out `undo`, `redo`, `reset` or `resume` of `session_events.services` on the session.

    Raises:
        QuotaExceeded: as `apply_operation`, of `redo` and `reset`.
        And as `require_session` and `record`; nothing was written.
    """
    note(operation=record.__name__)
    datasource, session = require_session(request.user_id, request.datasource_id)
    if record not in _ALWAYS_POSSIBLE:
        _require_event(request)
    outcome = record(session, command=request.command)
    return data_after(datasource, outcome.session, request.rows)


def require_room_for_session(user_id: int) -> None:
    """Raise unless the user may start one more session, which begins with at most two events.

    Raises:
        QuotaExceeded: there is no room for a session or its events.
    """
    require_open_session(user_id)
    require_events(user_id, 2)


def _require_event(request: SessionRequest) -> None:
    """Raise unless there is room for one more event, or the command was carried out before.

    Raises:
        QuotaExceeded: there is no room.
    """
    try:
        require_events(request.user_id)
    except QuotaExceeded:
        command = request.command
        repeated = find_repeated(command, user_id=request.user_id, dataset_id=request.datasource_id)
        if repeated is None:
            raise


def pause(request: SessionRequest) -> Outcome:
    """Pause the session, so that it does not expire. Reads no rows.

    Raises: as `run_command`.
    """
    _, session = require_session(request.user_id, request.datasource_id)
    if session.state.status is Status.ACTIVE:
        _require_event(request)
    return services.pause(session, command=request.command)


def clear(request: SessionRequest) -> Outcome | None:
    """Close the session; it stays recoverable for the retention time.

    Returns None if there is no session, or if it is too damaged to be read; a damaged session is
    closed as well.

    Raises:
        DatasourceNotFound: the dataset does not exist, or belongs to somebody else.
        SessionConflict: the session is not the expected one at its version.
    """
    _, head = find_dataset(request.user_id, request.datasource_id, must_be_ready=False)
    if head is None:
        return None
    return services.clear(head, command=request.command)
