"""The user's sessions on all datasets, with what can be recovered of each."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass

from data_tools.models import DataSource
from data_tools.services.recovery_service import recovery_context_of
from session_events.recovery.context import RecoveryContext
from session_events.recovery.overview import RecentSession, recent_sessions


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionOnDataset:
    """A session and its dataset, None if that was deleted."""

    session: RecentSession
    datasource: DataSource | None


def recent(*, user_id: int, limit: int) -> list[SessionOnDataset]:
    """Return the user's sessions that can still be recovered, last used first.

    Takes four queries at most, and two more for each whose dataset has got another file. Reads no
    rows but the first and the last of those.
    """
    datasets: dict[uuid.UUID, DataSource] = {}

    def contexts_of(ids: list[uuid.UUID]) -> Callable[[uuid.UUID], RecoveryContext]:
        own = DataSource.objects.filter(owner_id=user_id).defer("columns", "ingest_report")
        datasets.update(own.in_bulk(set(ids)))
        return lambda dataset_id: recovery_context_of(datasets.get(dataset_id))

    sessions = recent_sessions(user_id=user_id, limit=limit, contexts_of=contexts_of)
    return [
        SessionOnDataset(session=session, datasource=datasets.get(session.head.dataset_id))
        for session in sessions
    ]
