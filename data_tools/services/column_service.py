"""Describe a session's columns: their statistics, missing values, and values to suggest."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from data_tools.exceptions import NothingLoaded
from data_tools.observing.activity import count
from data_tools.operations.column_lookup import require_column, require_column_with_key
from data_tools.profiles.missing_rows import count_rows_with_missing
from data_tools.profiles.profile import MOST_FREQUENT, ColumnProfile, Frequency
from data_tools.profiles.stored import profiles_of
from data_tools.profiles.suggestions import suggest
from data_tools.rows.session_rows import SessionRows
from data_tools.services.session_data import rows_shown
from data_tools.services.session_lookup import find_session, require_session
from data_tools.under_way.admission import begin_heavy_work
from session_events.events import Column
from session_events.exceptions import SessionNotFound
from session_events.loading import Session


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfiledColumns:
    """The current columns, or some of them, each with its profile.

    Without a session they are the dataset's own. `total_columns` counts all columns.
    """

    session: Session | None
    total_rows: int
    total_columns: int
    columns: tuple[tuple[Column, ColumnProfile], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class MissingValues:
    """The columns with their profiles, and the number of rows in which any value is missing."""

    profiled: ProfiledColumns
    rows_with_missing: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestions:
    """Values of a column, in the order to offer them; `has_more` if there are others."""

    session: Session | None
    column: Column
    values: tuple[Frequency, ...]
    has_more: bool


def column_profiles(
    *, user_id: int, datasource_id: uuid.UUID, offset: int = 0, limit: int | None = None
) -> ProfiledColumns:
    """Return the profiles of the columns after the first `offset`, all or at most `limit` of them.

    Measures those that are not stored yet.

    Raises: as `find_session` and `profiles_of`.
    """
    datasource, session = find_session(user_id, datasource_id)
    rows = rows_shown(datasource, session)
    columns = rows.columns[offset:] if limit is None else rows.columns[offset : offset + limit]
    return _profiled(rows, session, columns, most_frequent=MOST_FREQUENT)


def session_column_profiles(*, user_id: int, datasource_id: uuid.UUID) -> ProfiledColumns:
    """Return the profiles of the columns of the user's session.

    Raises: as `require_session` and `profiles_of`.
    """
    datasource, session = require_session(user_id, datasource_id)
    rows = rows_shown(datasource, session)
    return _profiled(rows, session, rows.columns, most_frequent=1)


def missing_values(*, user_id: int, datasource_id: uuid.UUID) -> MissingValues:
    """Return where a session's values are missing; one query counts the rows with a gap.

    Raises:
        NothingLoaded: there is no session.
        And as `column_profiles`.
    """
    try:
        datasource, session = require_session(user_id, datasource_id)
    except SessionNotFound as error:
        raise NothingLoaded from error
    rows = rows_shown(datasource, session)
    profiled = _profiled(rows, session, rows.columns, most_frequent=1)
    begin_heavy_work()
    rows.require_kept()
    columns_with_gaps = [column for column, profile in profiled.columns if profile.missing]
    if any(not profile.values for _, profile in profiled.columns):  # a column without any value
        rows_with_missing = rows.total_rows
    else:
        count(rows_scanned=rows.total_rows)
        rows_with_missing = count_rows_with_missing(rows, columns_with_gaps)
    return MissingValues(profiled=profiled, rows_with_missing=rows_with_missing)


def suggestions(
    *,
    user_id: int,
    datasource_id: uuid.UUID,
    name: str | None,
    key: str | None = None,
    text: str,
    limit: int,
) -> Suggestions:
    """Return values of a column that contain `text`; the column is named, or given by its key.

    Raises:
        ColumnNotFound: there is no such column.
        And as `find_session` and `suggest`.
    """
    datasource, session = find_session(user_id, datasource_id)
    rows = rows_shown(datasource, session)
    if name is None:
        column = require_column_with_key(rows.columns, key)
    else:
        column = require_column(rows.columns, name)
    rows.require_kept()
    count(rows_scanned=rows.total_rows)
    values = suggest(rows, column, text=text, limit=limit + 1)
    return Suggestions(
        session=session, column=column, values=values[:limit], has_more=len(values) > limit
    )


def _profiled(
    rows: SessionRows, session: Session | None, columns: Sequence[Column], *, most_frequent: int
) -> ProfiledColumns:
    profiles = profiles_of(rows, columns, most_frequent=most_frequent)
    return ProfiledColumns(
        session=session,
        total_rows=rows.total_rows,
        total_columns=len(rows.columns),
        columns=tuple((column, profiles[column.key]) for column in columns),
    )
