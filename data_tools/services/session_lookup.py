"""Where a user's dataset is, and the session on it that is open."""

from __future__ import annotations

import uuid
from typing import Any, NoReturn

from data_tools.exceptions import DatasourceFailed, DatasourceNotFound, DatasourceNotReady
from data_tools.models import DataSource
from data_tools.services.recovery_context import require_known, require_rows
from session_events import heads
from session_events.exceptions import SessionNotFound
from session_events.heads import StreamHead
from session_events.loading import Session, load

# Every request sends this. Composing it with the ORM took half the time of a page read.
_DATASET_AND_OPEN_HEAD = """
SELECT dataset.id, dataset.name, dataset.status, dataset.progress_percent, dataset.revision,
    dataset.row_count, dataset.columns, dataset.fingerprint,
    (
        SELECT json_build_object(
            'id', stream.id, 'user_id', stream.user_id, 'dataset_id', stream.dataset_id,
            'version', stream.version, 'head_hash', encode(stream.head_hash, 'hex'),
            'status', stream.status, 'is_open', stream.is_open,
            'last_event_at', stream.last_event_at)
        FROM session_events_sessionstream AS stream
        WHERE stream.user_id = dataset.owner_id
            AND stream.dataset_id = dataset.id
            AND stream.is_open
    ) AS open_head
FROM data_tools_datasource AS dataset
WHERE dataset.id = %s AND dataset.owner_id = %s
"""


def owned(user_id: int, datasource_id: uuid.UUID) -> Any:
    """Return the query of the user's dataset of that id."""
    return DataSource.objects.filter(pk=datasource_id, owner_id=user_id)


def find_dataset(
    user_id: int, datasource_id: uuid.UUID, *, must_be_ready: bool = True
) -> tuple[DataSource, StreamHead | None]:
    """Return the user's dataset and the head of their open session on it, in one round trip."""
    rows = DataSource.objects.raw(_DATASET_AND_OPEN_HEAD, [datasource_id, user_id])
    datasource = next(iter(rows), None)
    if datasource is None:
        raise DatasourceNotFound
    if must_be_ready and not datasource.is_published:
        _refuse_unpublished(datasource)
    return datasource, heads.head_from_json(datasource.open_head)


def _refuse_unpublished(datasource: DataSource) -> NoReturn:
    if datasource.status == DataSource.Status.ERROR:
        raise DatasourceFailed(
            f"This dataset's file could not be loaded. {datasource.error_reason}",
            status=datasource.status,
            reason=datasource.error_reason,
            reason_code=datasource.ingest_report.get("code"),
        )
    raise DatasourceNotReady(status=datasource.status, progress=datasource.progress_percent)


def require_session(user_id: int, datasource_id: uuid.UUID) -> tuple[DataSource, Session]:
    """Return the user's dataset and their open session on it, which can be gone on with here.

    Raises: SessionNotFound, and as `find_session`.
    """
    datasource, session = find_session(user_id, datasource_id)
    if session is None:
        raise SessionNotFound
    return datasource, session


def find_session(user_id: int, datasource_id: uuid.UUID) -> tuple[DataSource, Session | None]:
    """Return the user's dataset and their open session on it, None if there is none.

    Raises:
        LogDamaged, LogUnreadable, RowsGone: the session cannot be shown here.
    """
    datasource, head = find_dataset(user_id, datasource_id)
    if head is None:
        return datasource, None
    return datasource, require_rows(datasource, require_known(load(head)))
