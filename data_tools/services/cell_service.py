"""Read one cell whole: pages show only the beginning of a long text."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from data_tools.filtering import Selection
from data_tools.operations.column_lookup import require_column, require_column_with_key
from data_tools.rows.pages import read_cell
from data_tools.services.session_data import rows_shown
from data_tools.services.time_travel_service import find_shown_session
from session_events.events import Column
from session_events.heads import StreamHead
from session_events.loading import Session


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """A cell's value, None if it is missing, and its place.

    `row` is its row's place, from 1, among the rows that are shown. `session` is None if the
    dataset has none. `past_head` is where the stream ends now, if the cell is of an earlier version
    or session.
    """

    session: Session | None
    past_head: StreamHead | None
    row: int
    column: Column
    value: Any


def get_cell(
    *,
    user_id: int,
    datasource_id: uuid.UUID,
    past: Mapping[str, Any] | None,
    selection: Selection,
    row: int,
    name: str | None,
    key: str | None,
) -> Cell:
    """Return a cell of the session, or of the dataset without one. Records nothing.

    `past` names an earlier version, as for `find_shown_session`. The column is given by its `name`
    or, if that is None, by its `key`.

    Raises: as `find_shown_session` and `read_cell`.
    """
    datasource, session, head = find_shown_session(
        user_id=user_id, datasource_id=datasource_id, past=past
    )
    rows = rows_shown(datasource, session)
    if name is None:
        column = require_column_with_key(rows.columns, key)
    else:
        column = require_column(rows.columns, name)
    value = read_cell(rows, selection, row, column)
    return Cell(session=session, past_head=head, row=row, column=column, value=value)
