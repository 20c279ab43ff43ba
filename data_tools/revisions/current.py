"""A dataset's published revision, for recovery: what changed, and which work fits its rows.

Note [Equal content is no change]
    A session knows a dataset's content by its fingerprint. If that is the same, the session
    continues on the rows of the revision that it began on.
"""

from __future__ import annotations

from django.db import Error

from data_tools.columns import base_columns
from data_tools.exceptions import FittingTookTooLong, RequestRejected, TookTooLong
from data_tools.models import DataSource
from data_tools.operations.catalogue import OPERATIONS
from data_tools.operations.declaration import PreparedOperation, event_of
from data_tools.operations.needed_columns import fit
from data_tools.row_tables.reading import are_kept
from data_tools.rows.session_rows import SessionRows
from data_tools.sql.database_errors import is_too_long
from data_tools.under_way.requests import seconds_left
from session_events.events import GivenUp, Operation, OperationApplied
from session_events.recovery.rebasing import UNCHANGED, CurrentRevision, Rebased
from session_events.recovery.source_changes import SourceChange
from session_events.services import facts_of
from session_events.state import SessionState, new_columns

_AFTER_A_FAILURE = "an operation before it could not be applied"


def revision_of(datasource: DataSource | None) -> CurrentRevision:
    """Return the published revision, unchanged for a dataset that is deleted or not published."""
    if datasource is None or not datasource.is_published:
        return UNCHANGED
    return CurrentRevision(
        change_since=lambda state: change_since(state, datasource),
        rebase=lambda state, change: rebase(state, change, datasource),
    )


def change_since(state: SessionState, datasource: DataSource) -> SourceChange | None:
    """Return how the published content differs from what the session began on, or None.

    Reads no rows. See Note [Equal content is no change].
    """
    if state.dataset_id is None or state.source_revision == datasource.revision:
        return None
    has_old_rows = has_rows(state)
    if state.source_fingerprint == datasource.fingerprint and has_old_rows:
        return None
    fitting = fit(state.base_columns, state.operations, base_columns(datasource.columns))
    return SourceChange(
        fingerprint=datasource.fingerprint,
        operations_that_fit=fitting.operations,
        columns_missing=fitting.missing,
        columns_retyped=fitting.retyped,
        names_taken=fitting.taken,
        has_old_rows=has_old_rows,
    )


def rebase(state: SessionState, change: SourceChange, datasource: DataSource) -> Rebased:
    """Fit the session's operations to the published rows, in order, up to the first that fails.

    The undone operations follow, as far as they fit. Reads rows and writes nothing.

    Raises:
        FittingTookTooLong: the request's time was over before all operations were fitted.
    """
    rows = SessionRows(
        dataset_id=datasource.pk,
        revision=datasource.revision,
        row_count=datasource.row_count,
        base_columns=base_columns(datasource.columns),
    )
    to_redo = tuple(reversed(state.redo))
    applied: list[OperationApplied] = []
    given_up: list[GivenUp] = []
    for operation in (*state.operations, *to_redo):
        if given_up:
            given_up.append(_given_up(operation, _AFTER_A_FAILURE))
            continue
        if seconds_left() <= 0:
            raise FittingTookTooLong(operations_fitted=len(applied))
        try:
            if change.operations_that_fit == len(applied) < len(state.operations):
                raise RequestRejected("the new file does not have the columns that it needs")
            prepared = _prepared_again(operation, rows)
        except (Error, TookTooLong) as error:
            if not is_too_long(error):
                raise
            raise FittingTookTooLong(operations_fitted=len(applied)) from error
        except RequestRejected as rejected:
            given_up.append(_given_up(operation, str(rejected)))
            continue
        rows = rows.after(prepared)
        applied.append(event_of(prepared))
    return Rebased(
        applied=tuple(applied),
        undone=max(0, len(applied) - len(state.operations)),
        given_up=tuple(given_up),
    )


def _prepared_again(operation: Operation, rows: SessionRows) -> PreparedOperation:
    """Prepare an operation of a session for other rows.

    Raises:
        RequestRejected: it cannot be applied, or an added column would get another name.
    """
    declaration = OPERATIONS.get(operation.operation)
    parameters = (
        declaration.original_request(operation.parameters) if declaration else operation.parameters
    )
    prepared = rows.prepare(operation.operation, parameters)
    old_names, new_names = (
        [change.name for change in new_columns(changes)]
        for changes in (operation.column_changes, prepared.column_changes)
    )
    if old_names != new_names:
        raise RequestRejected(
            f"its columns would be called {', '.join(new_names)}, not {', '.join(old_names)}"
        )
    return prepared


def _given_up(operation: Operation, why: str) -> GivenUp:
    return GivenUp(sequence=operation.sequence, sentence=f"Applied {operation.operation}: {why}")


def has_rows(state: SessionState) -> bool:
    """Tell whether the rows that the session began on still exist: see `are_kept`."""
    dataset = facts_of(state)
    return are_kept(dataset.dataset_id, revision=dataset.revision, row_count=dataset.row_count)
