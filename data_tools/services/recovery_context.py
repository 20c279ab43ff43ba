"""What this server knows of a session's dataset and operations, for the verdict on the session."""

from __future__ import annotations

import uuid

from data_tools.exceptions import RowsGone
from data_tools.models import DataSource
from data_tools.operations import OPERATIONS
from data_tools.revisions.current import has_rows, revision_of
from session_events.exceptions import LogUnreadable
from session_events.loading import Session
from session_events.recovery.context import RecoveryContext
from session_events.recovery.decision import UNKNOWN_OPERATION, Source

_knows_operation = OPERATIONS.__contains__


def recovery_context_of(datasource: DataSource | None) -> RecoveryContext:
    """Return how a dataset is, None for one that was deleted. Reads no rows."""
    return RecoveryContext(
        source=_source(datasource),
        revision=revision_of(datasource),
        knows_operation=_knows_operation,
    )


def recovery_context_at(dataset_id: uuid.UUID) -> RecoveryContext:
    """Return how the dataset of that id is at this moment, whoever owns it."""
    return recovery_context_of(DataSource.objects.filter(pk=dataset_id).first())


def require_known(session: Session) -> Session:
    """Return the session if this server can carry out all that was done in it.

    Raises:
        LogUnreadable: it holds an operation that only a newer server has.
    """
    unknown = session.state.first_unknown_operation(_knows_operation)
    if unknown is not None:
        raise LogUnreadable(sequence=unknown.sequence, defect=UNKNOWN_OPERATION)
    return session


def require_rows(datasource: DataSource, session: Session) -> Session:
    """Return the session if its rows are there: no page may look empty, and no work be lost on it.

    Asks the database only about a session whose dataset got another file since.

    Raises:
        RowsGone: they are not kept any more.
    """
    state = session.state
    if state.source_revision != datasource.revision and not has_rows(state):
        raise RowsGone
    return session


def _source(datasource: DataSource | None) -> Source:
    if datasource is None:
        return Source.DELETED
    if datasource.is_published:
        return Source.READY
    has_failed = datasource.status == DataSource.Status.ERROR
    return Source.FAILED if has_failed else Source.NOT_READY
