"""Where a session's state and its dataset's rows meet."""

from __future__ import annotations

from data_tools.operations import PreparedOperation
from data_tools.rows.session_rows import SessionRows
from session_events.events import Operation, OperationApplied, fields_of
from session_events.services import DatasetFacts, facts_of
from session_events.state import SessionState


def dataset_rows(facts: DatasetFacts, operations: tuple[Operation, ...] = ()) -> SessionRows:
    """Return a dataset's rows as they stand after `operations`; reads none of them."""
    return SessionRows(
        dataset_id=facts.dataset_id,
        revision=facts.revision,
        row_count=facts.row_count,
        base_columns=facts.columns,
        operations=operations,
    )


def rows_of(state: SessionState) -> SessionRows:
    """Return the rows as they stand in a session.

    Raises:
        SessionNotFound: the session never began.
    """
    return dataset_rows(facts_of(state), state.operations)


def event_of(prepared: PreparedOperation) -> OperationApplied:
    """Return the event that applies a prepared operation."""
    return OperationApplied(**fields_of(prepared))
