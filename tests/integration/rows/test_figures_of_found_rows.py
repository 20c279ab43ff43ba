"""Histograms and values among the rows of a filter are the same from blocks and from the rows."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given, settings
from hypothesis import strategies as st

from data_tools.columns import ColumnType
from data_tools.filtering import Selection, filter_from_json
from data_tools.profiles.recounting import TYPES_WITH_HISTOGRAM, Recount, recount
from data_tools.profiles.stored import profiles_of
from data_tools.profiles.suggestions import Suggested, suggest
from data_tools.rows.selected_rows import SelectedRows
from data_tools.rows.session_rows import SessionRows
from data_tools.sql.conditions import Conditions, conditions_on
from session_events.events import Column
from tests.support.examples import examples
from tests.support.random_stacks import filters
from tests.support.reference_rows import Table
from tests.support.stored_blocks import draw_session, only_rows, stored_with_blocks

pytestmark = pytest.mark.django_db


def offered(rows: SessionRows, column: Column, conditions: Conditions) -> list[Suggested]:
    return [
        suggest(rows, column, text=text, limit=5, conditions=conditions) for text in ("", "1", "%")
    ]


def counted(rows: SessionRows, column: Column, conditions: Conditions) -> Recount | None:
    if ColumnType(column.type) not in TYPES_WITH_HISTOGRAM:
        return None
    histogram = profiles_of(rows, [column])[column.key].histogram
    return recount(rows, column, histogram.edges if histogram else (), conditions)


@settings(max_examples=examples(120), deadline=None)
@given(data=st.data())
def test_found_rows_have_the_figures_that_the_database_finds(db: None, data: st.DataObject) -> None:
    table, rows = draw_session(data, most_operations=3)
    rows.require_kept()
    for _ in range(3):
        conditions = conditions_on(rows.columns, filter_from_json(data.draw(filters(table))))
        for column in rows.columns:
            with only_rows():
                expected = offered(rows, column, conditions), counted(rows, column, conditions)

            found = offered(rows, column, conditions), counted(rows, column, conditions)

            assert repr(found) == repr(expected)


@pytest.mark.parametrize(
    "cells",
    [
        pytest.param([2**63 - 1, -(2**63), 0, None, 5], id="the last edge is beyond 64 bits"),
        pytest.param([2**63 - 1, 2**63 - 2, 2**63 - 1], id="beside the largest integer"),
    ],
)
def test_integers_of_any_size_are_counted_out_of_blocks(db: None, cells: list[int | None]) -> None:
    rows = stored_with_blocks(Table(["n"], ["integer"], [[cell] for cell in cells]))
    conditions = conditions_on(
        rows.columns, filter_from_json({"column": "n", "op": "ne", "value": 5})
    )
    with only_rows():
        expected = counted(rows, rows.columns[0], conditions)

    assert counted(rows, rows.columns[0], conditions) == expected


ROWS: list[list[Any]] = [[at / 3, "ab"[at % 2], f"2013-01-{at + 1:02}"] for at in range(9)]


def test_figures_of_found_rows_read_no_rows_where_there_are_blocks(db: None) -> None:
    rows = stored_with_blocks(Table(["x", "t", "d"], ["float", "text", "date"], ROWS))
    conditions = conditions_on(
        rows.columns, filter_from_json({"column": "t", "op": "eq", "value": "a"})
    )
    profiles_of(rows)

    with CaptureQueriesContext(connection) as queries:
        for column in rows.columns:
            counted(rows, column, conditions)
            offered(rows, column, conditions)

    assert "data_tools_datarow" not in " ".join(query["sql"] for query in queries)


def test_a_filter_looks_at_dates_of_which_there_is_none_and_that_became_times(db: None) -> None:
    table = Table(["d", "n"], ["date", "integer"], [[None, 1], [None, 2]])
    rows = stored_with_blocks(table)
    to_datetime = {"column_name": "d", "new_type": "datetime"}
    rows = rows.after(rows.prepare("change_column_type", to_datetime))
    is_later = {"column": "d", "op": "gt", "value": "2013-01-01T00:00:00"}

    assert SelectedRows(rows, Selection(filter=filter_from_json(is_later))).found.row_count == 0
