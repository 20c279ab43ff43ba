"""The user's sessions on all datasets."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from uuid import UUID

from typing_extensions import TypedDict

from data_tools.answers.shared_values import Success
from data_tools.services.recent_sessions import SessionOnDataset
from session_events.recovery.verdicts import Action
from session_events.state import Status


class RecentSessionFacts(TypedDict):
    """A session, its dataset, and what can be recovered.

    Without its dataset, whose name is then null, a session cannot be recovered; its operations can
    be taken as a recipe until `recoverable_until`. `operations_count` counts those in effect; of a
    damaged log, those before the damage. `replaced_by` is the session that took its place.
    """

    session_id: UUID
    datasource_id: UUID
    datasource_name: str | None
    datasource_deleted: bool
    is_open: bool
    status: Status
    version: int
    operations_count: int
    last_activity: dt.datetime | None
    recoverable_until: dt.datetime | None
    recovery_possible: bool
    suggested_action: Action
    replaced_by: UUID | None


class RecentSessionsBody(TypedDict):
    success: Success
    sessions: list[RecentSessionFacts]


def recent_sessions_body(sessions: Iterable[SessionOnDataset]) -> RecentSessionsBody:
    return {"success": True, "sessions": [_facts(each) for each in sessions]}


def _facts(each: SessionOnDataset) -> RecentSessionFacts:
    session, datasource = each.session, each.datasource
    head, state, assessment = session.head, session.state, session.assessment
    return {
        "session_id": head.stream_id,
        "datasource_id": head.dataset_id,
        "datasource_name": None if datasource is None else datasource.name,
        "datasource_deleted": datasource is None,
        "is_open": head.is_open,
        "status": assessment.status,
        "version": head.position.version,
        "operations_count": len(state.operations),
        "last_activity": state.last_activity_at,
        "recoverable_until": session.recoverable_until,
        "recovery_possible": assessment.recovery_possible,
        "suggested_action": assessment.suggested_action,
        "replaced_by": state.replaced_by,
    }
