"""A dataset's revision as recovery asks about it: what changed, and how work fits on its rows.

Note [Equal content is no change]
    A session knows a dataset's content by its fingerprint. Where that is the same, the session
    goes on, on the rows of the revision that it began on.
"""

from __future__ import annotations

from django.db import Error

from data_tools.columns import base_columns
from data_tools.exceptions import FittingTookTooLong
from data_tools.jobs.time_limit import TimeLimit
from data_tools.models import DataRow, DataSource
from data_tools.operations.catalogue import OPERATIONS
from data_tools.operations.declaration import PreparedOperation
from data_tools.operations.exceptions import RequestRejected
from data_tools.operations.needed_columns import fit
from data_tools.rows.session_rows import SessionRows, event_of
from data_tools.sql.database_errors import meaning_of
from session_events.events import Column, GivenUp, Operation, OperationApplied
from session_events.recovery.decision import SourceChange
from session_events.recovery.rebasing import UNCHANGED, Rebased, Revision
from session_events.services import facts_of
from session_events.state import SessionState, new_columns

_BEHIND = "it stands behind one that could not be applied"


def columns_of(datasource: DataSource) -> tuple[Column, ...]:
    """Return the published columns as a session's base columns, keyed by position."""
    return base_columns(datasource.columns)


def revision_of(datasource: DataSource | None) -> Revision:
    """Return the published revision; of a dataset that is gone or has none, nothing is asked."""
    if datasource is None or not datasource.is_published:
        return UNCHANGED
    limit = TimeLimit()  # of the request: it may have to try again, and not take longer for it
    return Revision(
        change_since=lambda state: change_since(state, datasource),
        rebase=lambda state, change: rebase(state, change, datasource, limit),
    )


def change_since(state: SessionState, datasource: DataSource) -> SourceChange | None:
    """Return how the published content differs from what the session began on; reads no rows.

    See Note [Equal content is no change].
    """
    if state.dataset_id is None or state.source_revision == datasource.revision:
        return None
    has_old_rows = has_rows(state)
    if state.source_fingerprint == datasource.fingerprint and has_old_rows:
        return None
    fitting = fit(state.base_columns, state.operations, columns_of(datasource))
    return SourceChange(
        fingerprint=datasource.fingerprint,
        operations_that_fit=fitting.operations,
        columns_missing=fitting.missing,
        columns_retyped=fitting.retyped,
        names_taken=fitting.taken,
        has_old_rows=has_old_rows,
    )


def rebase(
    state: SessionState, change: SourceChange, datasource: DataSource, limit: TimeLimit
) -> Rebased:
    """Fit the session's operations to the published rows, in order, up to the first that cannot be.

    Those that had been undone follow, as far as they fit. Reads rows and writes nothing.

    Raises:
        FittingTookTooLong: the limit was over before all of them were fitted.
    """
    rows = SessionRows(
        dataset_id=datasource.pk,
        revision=datasource.revision,
        row_count=datasource.row_count,
        base_columns=columns_of(datasource),
    )
    to_redo = tuple(reversed(state.redo))
    applied: list[OperationApplied] = []
    given_up: list[GivenUp] = []
    for operation in (*state.operations, *to_redo):
        if given_up:
            given_up.append(_given_up(operation, _BEHIND))
            continue
        if limit.is_over:
            raise FittingTookTooLong(operations_fitted=len(applied))
        try:
            if change.operations_that_fit == len(applied) < len(state.operations):
                raise RequestRejected("the new file has not the columns that it needs")
            prepared = _prepared_again(operation, rows)
        except Error as error:
            if meaning_of(error) != "QUERY_TIMEOUT":
                raise
            raise FittingTookTooLong(operations_fitted=len(applied)) from error
        except RequestRejected as refused:
            given_up.append(_given_up(operation, str(refused)))
            continue
        rows = rows.after(prepared)
        applied.append(event_of(prepared))
    return Rebased(
        applied=tuple(applied),
        undone=max(0, len(applied) - len(state.operations)),
        given_up=tuple(given_up),
    )


def _prepared_again(operation: Operation, rows: SessionRows) -> PreparedOperation:
    """Raises: Refused, also where a column that it adds would get another name than it had."""
    declaration = OPERATIONS.get(operation.operation)
    asked = declaration.asked_again(operation.parameters) if declaration else operation.parameters
    prepared = rows.prepare(operation.operation, asked)
    had, has = (
        [change.name for change in new_columns(changes)]
        for changes in (operation.column_changes, prepared.column_changes)
    )
    if had != has:
        raise RequestRejected(f"its columns would be called {', '.join(has)}, not {', '.join(had)}")
    return prepared


def _given_up(operation: Operation, why: str) -> GivenUp:
    return GivenUp(sequence=operation.sequence, sentence=f"Applied {operation.operation}: {why}")


def has_rows(state: SessionState) -> bool:
    """Tell whether the rows that the session began on are kept. As `DataRow.are_kept`."""
    dataset = facts_of(state)
    return DataRow.are_kept(
        dataset.dataset_id, revision=dataset.revision, row_count=dataset.row_count
    )
