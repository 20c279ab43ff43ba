"""Read, compare and fork sessions at earlier versions."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from data_tools.exceptions import DatasourceNotFound
from data_tools.models import DataSource
from data_tools.quotas.events import require_events
from data_tools.quotas.room import require_open_session
from data_tools.services.recovery_service import validate
from data_tools.services.session_data import SessionData, data_after, data_of
from data_tools.services.session_lookup import (
    find_dataset,
    find_session,
    owned_dataset,
    require_known,
    require_rows,
)
from data_tools.services.session_request import SessionRequest, ShownRows
from session_events import forking, heads
from session_events.differences import Differences, differences
from session_events.heads import StreamHead
from session_events.loading import Session
from session_events.recording import Outcome
from session_events.recovery.attempt import impossible
from session_events.time_travel import session_at, session_head


@dataclass(frozen=True, slots=True, kw_only=True)
class PastData:
    """A session as it was at a version, one page of its rows, and where its stream ends now."""

    data: SessionData
    head: StreamHead


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """Two versions of one session, and what changed between them."""

    before: Session
    after: Session
    differences: Differences


def get_past_data(
    *,
    user_id: int,
    datasource_id: uuid.UUID,
    session_id: uuid.UUID | None,
    at_version: int | None,
    shown: ShownRows,
) -> PastData:
    """Return the session as it was at a version, None for its last one. Records nothing.

    `session_id` may name a session that has ended; without it the open one is meant.

    Raises: as `find_dataset`, `session_head`, `session_at`, `require_rows` and `data_of`.
    """
    datasource, session, head = find_past_session(
        user_id=user_id, datasource_id=datasource_id, session_id=session_id, at_version=at_version
    )
    return PastData(data=data_of(datasource, session, shown), head=head)


def find_past_session(
    *,
    user_id: int,
    datasource_id: uuid.UUID,
    session_id: uuid.UUID | None,
    at_version: int | None,
) -> tuple[DataSource, Session, StreamHead]:
    """Return the dataset, the session as it was at a version, and where its stream ends now.

    Raises: as `find_dataset`, `session_head`, `session_at` and `require_rows`.
    """
    datasource, head = find_dataset(user_id, datasource_id)
    if head is None or session_id is not None:
        head = session_head(user_id=user_id, dataset_id=datasource_id, session_id=session_id)
    return datasource, require_rows(datasource, session_at(head, at_version)), head


def find_shown_session(
    *, user_id: int, datasource_id: uuid.UUID, past: Mapping[str, Any] | None
) -> tuple[DataSource, Session | None, StreamHead | None]:
    """Return the dataset and the session that a read is about, None if there is none.

    `past` has the `session_id` and the `at_version` of an earlier version, and with it comes where
    its stream ends now; without `past`, the open session is meant.

    Raises: as `find_session` or `find_past_session`.
    """
    if past is None:
        return *find_session(user_id, datasource_id), None
    return find_past_session(user_id=user_id, datasource_id=datasource_id, **past)


def changes(
    *,
    user_id: int,
    datasource_id: uuid.UUID,
    session_id: uuid.UUID | None,
    from_version: int,
    to_version: int | None,
) -> Changes:
    """Return what changed between two versions; `to_version` None is the last. Reads no rows.

    The sessions of a deleted dataset can be compared as well.

    Raises: as `require_head` and `session_at`.
    """
    head = require_head(user_id, datasource_id, session_id)
    before = session_at(head, from_version, field="from_version")
    after = session_at(head, to_version, field="to_version")
    return Changes(before=before, after=after, differences=differences(before.state, after.state))


def fork(
    request: SessionRequest, *, from_version: int, session_id: uuid.UUID | None
) -> tuple[SessionData, Outcome]:
    """Start a session with the work of an earlier version, on the rows it was done on.

    Raises:
        RecoveryImpossible: the session to fork from cannot be continued any more.
        QuotaExceeded: the user has as many sessions or events as they may.
        And as `find_dataset`, `session_at`, `require_rows` and `session_events.forking.fork`.
            Nothing was written.
    """
    user_id, datasource_id = request.user_id, request.datasource_id
    datasource, open_head = find_dataset(user_id, datasource_id)

    def past_of(head: StreamHead) -> Session:
        if open_head is None:
            require_open_session(user_id)
        require_events(user_id, 3)  # one puts the open session away, and two begin the new one
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
        command=request.command,
    )
    return data_after(datasource, outcome.session, request.rows), outcome


def require_head(
    user_id: int, datasource_id: uuid.UUID, session_id: uuid.UUID | None
) -> StreamHead:
    """Return the head of the session with that id, None for the open one.

    The dataset may have been deleted.

    Raises:
        DatasourceNotFound: the user has neither the dataset nor a session on it.
        And as `session_head`.
    """
    has_dataset = owned_dataset(user_id, datasource_id).exists()
    if not has_dataset and not heads.latest_head(user_id=user_id, dataset_id=datasource_id):
        raise DatasourceNotFound
    return session_head(user_id=user_id, dataset_id=datasource_id, session_id=session_id)
