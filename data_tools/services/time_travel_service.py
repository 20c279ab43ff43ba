"""Sessions at earlier versions: looked at, compared, and begun anew from."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from data_tools.exceptions import DatasourceNotFound
from data_tools.filtering import EVERYTHING, PageSpec, Selection
from data_tools.services.recovery_context import require_known, require_rows
from data_tools.services.recovery_service import validate
from data_tools.services.session_data import SessionData, data_after, data_of
from data_tools.services.session_lookup import find_dataset, owned
from session_events import forking, heads
from session_events.differences import Differences, differences
from session_events.heads import StreamHead
from session_events.loading import Session
from session_events.recording import Command, Outcome
from session_events.recovery.attempt import impossible
from session_events.time_travel import session_at, session_head


@dataclass(frozen=True, slots=True, kw_only=True)
class PastData:
    """A session as it was, with one page of its rows, and where its stream ends by now."""

    data: SessionData
    head: StreamHead


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """Two versions of one session and what changed between them."""

    before: Session
    after: Session
    differences: Differences


def get_past_data(
    *,
    user_id: int,
    datasource_id: uuid.UUID,
    session_id: uuid.UUID | None,
    at_version: int | None,
    page: PageSpec,
    selection: Selection = EVERYTHING,
) -> PastData:
    """Return the session as it was at a version, None for its last one. Records nothing.

    `session_id` may name a session that has ended; without it the open one is meant.

    Raises:
        DatasourceNotFound, DatasourceNotReady, DatasourceFailed, ColumnNotFound, InvalidFilter.
        RowsGone: the dataset got another file since, and the rows from before are not kept any
        more; and as `session_head` and `session_at`.
    """
    datasource, head = find_dataset(user_id, datasource_id)
    if head is None or session_id is not None:
        head = session_head(user_id=user_id, dataset_id=datasource_id, session_id=session_id)
    session = require_rows(datasource, session_at(head, at_version))
    return PastData(data=data_of(datasource, session, page, selection), head=head)


def changes(
    *,
    user_id: int,
    datasource_id: uuid.UUID,
    session_id: uuid.UUID | None,
    from_version: int,
    to_version: int | None,
) -> Changes:
    """Return what changed between two versions, the last one by default. Reads no rows.

    A deleted dataset's sessions can be compared as well. Raises: as `get_past_data`.
    """
    head = required_head(user_id, datasource_id, session_id)
    before = session_at(head, from_version, field="from_version")
    after = session_at(head, to_version, field="to_version")
    return Changes(before=before, after=after, differences=differences(before.state, after.state))


def fork(
    *,
    user_id: int,
    datasource_id: uuid.UUID,
    from_version: int,
    session_id: uuid.UUID | None,
    page: PageSpec,
    selection: Selection = EVERYTHING,
    command: Command,
) -> tuple[SessionData, Outcome]:
    """Begin a session with the work of a version, on the rows it was done on.

    Raises:
        DatasourceNotFound, DatasourceNotReady, DatasourceFailed.
        RecoveryImpossible: the session forked from cannot be gone on with any more.
        RowsGone: its rows are not kept any more.
        VersionNotFound, LogDamaged, LogUnreadable, and as `forking.fork`.
        Nothing was written in any of these cases.
    """
    datasource, _ = find_dataset(user_id, datasource_id)

    def past_of(head: StreamHead) -> Session:
        assessment = validate(
            user_id=user_id, datasource_id=datasource_id, session_id=head.stream_id
        ).assessment
        if not assessment.recovery_possible:
            raise impossible(assessment)
        past = require_known(session_at(head, from_version, field="from_version"))
        require_rows(datasource, past)
        return past

    outcome = forking.fork(
        user_id=user_id,
        dataset_id=datasource_id,
        session_id=session_id,
        past_of=past_of,
        command=command,
    )
    return data_after(datasource, outcome.session, page, selection), outcome


def required_head(
    user_id: int, datasource_id: uuid.UUID, session_id: uuid.UUID | None
) -> StreamHead:
    """Return the head of a session whose dataset may be gone.

    Raises:
        DatasourceNotFound: the user has neither the dataset nor a session on it.
        SessionNotFound: as `session_head`.
    """
    if not owned(user_id, datasource_id).exists() and (
        heads.latest_head(user_id=user_id, dataset_id=datasource_id) is None
    ):
        raise DatasourceNotFound
    return session_head(user_id=user_id, dataset_id=datasource_id, session_id=session_id)
