"""Describe a session's columns: their statistics, missing values, histograms, and values."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from data_tools.exceptions import NothingLoaded
from data_tools.filtering import Filter, Selection
from data_tools.filtering.shapes import shapes
from data_tools.observing.activity import count, note
from data_tools.operations.column_lookup import require_column, require_column_with_key
from data_tools.operations.exceptions import InvalidParameter
from data_tools.profiles.missing_rows import count_rows_with_missing
from data_tools.profiles.packed_gaps import gaps_in_blocks
from data_tools.profiles.profile import (
    MOST_FREQUENT,
    ColumnProfile,
    Frequency,
    Histogram,
    Presence,
)
from data_tools.profiles.recounting import TYPES_WITH_HISTOGRAM, Recount, recount
from data_tools.profiles.stored import profiles_of
from data_tools.profiles.suggestions import suggest
from data_tools.rows.session_rows import SessionRows
from data_tools.services.session_data import rows_shown
from data_tools.services.session_lookup import require_session
from data_tools.services.time_travel_service import find_shown_session
from data_tools.sql.conditions import Conditions, conditions_on
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
    """What each column of a session lacks, and the number of rows in which any value is missing."""

    session: Session | None
    total_rows: int
    columns: tuple[tuple[Column, Presence], ...]
    rows_with_missing: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestions:
    """Values of a column, in the order to offer them; `has_more` if there are others.

    `total` counts the rows of the selection, `missing` those of them without a value.
    """

    session: Session | None
    column: Column
    values: tuple[Frequency, ...]
    has_more: bool
    missing: int
    total: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnHistogram:
    """A column's histogram among the rows of a selection; None if the column has no value at all.

    `total` counts the rows of the selection, `missing` those of them without a value.
    """

    session: Session | None
    column: Column
    histogram: Histogram | None
    missing: int
    total: int


def column_profiles(
    *,
    user_id: int,
    datasource_id: uuid.UUID,
    past: Mapping[str, Any] | None = None,
    offset: int = 0,
    limit: int | None = None,
) -> ProfiledColumns:
    """Return the profiles of the columns after the first `offset`, all or at most `limit` of them.

    Measures those that are not stored yet. `past` names an earlier version.

    Raises: as `find_shown_session` and `profiles_of`.
    """
    datasource, session, _ = find_shown_session(
        user_id=user_id, datasource_id=datasource_id, past=past
    )
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
    """Return where a session's values are missing.

    Blocks tell all of it; without them, one query counts the rows with a gap beside the profiles.

    Raises:
        NothingLoaded: there is no session.
        And as `column_profiles`.
    """
    try:
        datasource, session = require_session(user_id, datasource_id)
    except SessionNotFound as error:
        raise NothingLoaded from error
    rows = rows_shown(datasource, session)
    begin_heavy_work()
    rows.require_kept()
    gaps = gaps_in_blocks(rows, rows.columns)
    if gaps is None:
        columns, rows_with_missing = _missing_by_profiles(rows)
    else:
        columns = [Presence(values=rows.total_rows - each, missing=each) for each in gaps.missing]
        rows_with_missing = gaps.rows_with_missing
    return MissingValues(
        session=session,
        total_rows=rows.total_rows,
        columns=tuple(zip(rows.columns, columns, strict=True)),
        rows_with_missing=rows_with_missing,
    )


def _missing_by_profiles(rows: SessionRows) -> tuple[list[Presence], int]:
    """Return what each column lacks, and the number of rows in which any value is missing."""
    profiles = profiles_of(rows, most_frequent=1)
    columns = [profiles[column.key].presence for column in rows.columns]
    if any(not each.values for each in columns):  # a column without any value
        return columns, rows.total_rows
    count(rows_scanned=rows.total_rows)
    with_gaps = [column for column, each in zip(rows.columns, columns, strict=True) if each.missing]
    return columns, count_rows_with_missing(rows, with_gaps)


def suggestions(
    *,
    user_id: int,
    datasource_id: uuid.UUID,
    past: Mapping[str, Any] | None = None,
    name: str | None,
    key: str | None = None,
    row_filter: Filter | None = None,
    text: str,
    limit: int,
) -> Suggestions:
    """Return values of a column that contain `text`; the column is named, or given by its key.

    Values and counts are those of the rows that the filter finds. `past` names an earlier version.

    Raises:
        ColumnNotFound: there is no such column.
        InvalidFilter: the filter does not suit the columns.
        And as `find_shown_session` and `suggest`.
    """
    datasource, session, _ = find_shown_session(
        user_id=user_id, datasource_id=datasource_id, past=past
    )
    rows = rows_shown(datasource, session)
    column = _named(rows, name, key)
    conditions = _read_by(rows, row_filter)
    suggested = suggest(rows, column, text=text, limit=limit + 1, conditions=conditions)
    return Suggestions(
        session=session,
        column=column,
        values=suggested.values[:limit],
        has_more=len(suggested.values) > limit,
        missing=suggested.missing,
        total=suggested.total,
    )


def histogram(
    *,
    user_id: int,
    datasource_id: uuid.UUID,
    past: Mapping[str, Any] | None = None,
    name: str | None,
    key: str | None = None,
    row_filter: Filter | None = None,
) -> ColumnHistogram:
    """Return a column's histogram, counted among the rows that the filter finds.

    Its edges are those of all rows, so that the bars of different filters can be compared. `past`
    names an earlier version.

    Raises:
        ColumnNotFound: there is no such column.
        InvalidFilter: the filter does not suit the columns.
        InvalidParameter: values of the column's type do not lie on a line.
        And as `find_shown_session` and `profiles_of`.
    """
    datasource, session, _ = find_shown_session(
        user_id=user_id, datasource_id=datasource_id, past=past
    )
    rows = rows_shown(datasource, session)
    column = _named(rows, name, key)
    if column.type not in TYPES_WITH_HISTOGRAM:
        raise InvalidParameter(
            "column",
            f"is of {column.type} and has no histogram",
            told=f'"{column.name}" is of {column.type}: it has values to count, but no histogram.',
            column=column.name,
            possible=list(TYPES_WITH_HISTOGRAM),
        )
    conditions = _read_by(rows, row_filter)
    profile = profiles_of(rows, [column], most_frequent=1)[column.key]
    own = profile.histogram
    if conditions is None:
        counted = Recount(counts=own.counts if own else (), missing=profile.missing)
    else:
        counted = recount(rows, column, own.edges if own else (), conditions)
    return ColumnHistogram(
        session=session,
        column=column,
        histogram=replace(own, counts=counted.counts) if own else None,
        missing=counted.missing,
        total=counted.missing + sum(counted.counts),
    )


def _named(rows: SessionRows, name: str | None, key: str | None) -> Column:
    if name is None:
        return require_column_with_key(rows.columns, key)
    return require_column(rows.columns, name)


def _read_by(rows: SessionRows, row_filter: Filter | None) -> Conditions | None:
    """Return the filter as conditions, and note that all rows are about to be read."""
    conditions = None
    if row_filter is not None:
        conditions = conditions_on(rows.columns, row_filter)
        note(**shapes(Selection(filter=row_filter), rows.columns))
    rows.require_kept()
    count(rows_scanned=rows.total_rows)
    return conditions


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
