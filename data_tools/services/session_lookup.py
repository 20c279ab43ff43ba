"""Find a user's dataset and the open session on it, and check that both can be used here."""

from __future__ import annotations

import uuid
from typing import NoReturn

from django.db.models import QuerySet

from data_tools.exceptions import (
    DatasourceFailed,
    DatasourceNotFound,
    DatasourceNotReady,
    RowsGone,
)
from data_tools.models import DataSource
from data_tools.operations import OPERATIONS
from data_tools.revisions.current import has_rows
from data_tools.row_tables import placement
from session_events.exceptions import LogUnreadable, SessionNotFound
from session_events.heads import StreamHead, head_from_json
from session_events.loading import Session, load
from session_events.recovery.decision import UNKNOWN_OPERATION

# Every request sends this. Composing it with the ORM took half the time of a page read.
_DATASET_AND_OPEN_HEAD = """
SELECT dataset.id, dataset.name, dataset.status, dataset.progress_percent, dataset.revision,
    dataset.row_count, dataset.columns, dataset.fingerprint, dataset.own_tables,
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

# Whether this server can carry out the operation of that name; a newer server may have others.
knows_operation = OPERATIONS.__contains__


def owned_dataset(user_id: int, datasource_id: uuid.UUID) -> QuerySet[DataSource]:
    """Return the query for the user's dataset with that id."""
    return DataSource.objects.filter(pk=datasource_id, owner_id=user_id)


def find_dataset(
    user_id: int, datasource_id: uuid.UUID, *, must_be_ready: bool = True
) -> tuple[DataSource, StreamHead | None]:
    """Return the user's dataset and the head of their open session on it, in one round trip.

    Raises:
        DatasourceNotFound: the dataset does not exist, or belongs to somebody else.
        DatasourceNotReady, DatasourceFailed: it has no rows to show; not if `must_be_ready` is
            false.
    """
    rows = DataSource.objects.raw(_DATASET_AND_OPEN_HEAD, [datasource_id, user_id])
    datasource = next(iter(rows), None)
    if datasource is None:
        raise DatasourceNotFound
    if must_be_ready and not datasource.is_published:
        _refuse_unpublished(datasource)
    placement.note(datasource)
    # `raw` adds the extra column as an attribute, which the model does not declare.
    return datasource, head_from_json(vars(datasource)["open_head"])


def find_session(user_id: int, datasource_id: uuid.UUID) -> tuple[DataSource, Session | None]:
    """Return the user's dataset and their open session on it, None if there is none.

    Raises:
        LogDamaged, LogUnreadable, RowsGone: the session cannot be shown here.
        And as `find_dataset`.
    """
    datasource, head = find_dataset(user_id, datasource_id)
    if head is None:
        return datasource, None
    return datasource, require_rows(datasource, require_known(load(head)))


def require_session(user_id: int, datasource_id: uuid.UUID) -> tuple[DataSource, Session]:
    """Return the user's dataset and their open session on it, which can be continued here.

    Raises:
        SessionNotFound: the user has no open session on the dataset.
        And as `find_session`.
    """
    datasource, session = find_session(user_id, datasource_id)
    if session is None:
        raise SessionNotFound
    return datasource, session


def require_known(session: Session) -> Session:
    """Return the session if this server can carry out every operation in it.

    Raises:
        LogUnreadable: the session holds an operation that only a newer server has.
    """
    unknown = session.state.first_unknown_operation(knows_operation)
    if unknown is not None:
        raise LogUnreadable(sequence=unknown.sequence, defect=UNKNOWN_OPERATION)
    return session


def require_rows(datasource: DataSource, session: Session) -> Session:
    """Return the session if its rows are kept: no page may look empty, and no work be lost on it.

    Asks the database only if the dataset has got another file since the session began.

    Raises:
        RowsGone: the rows are no longer kept.
    """
    state = session.state
    if state.source_revision != datasource.revision and not has_rows(state):
        raise RowsGone
    return session


def _refuse_unpublished(datasource: DataSource) -> NoReturn:
    if datasource.status == DataSource.Status.ERROR:
        raise DatasourceFailed(
            f"This dataset's file could not be loaded. {datasource.error_reason}",
            status=datasource.status,
            reason=datasource.error_reason,
            reason_code=datasource.ingest_report.get("code"),
        )
    raise DatasourceNotReady(status=datasource.status, progress=datasource.progress_percent)
