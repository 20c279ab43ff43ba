"""One SQL statement for each shape of page, pass and expression, over a small fixed session.

Their golden files, `sql/*.sql`, show what PostgreSQL is sent, so that a change shows in review.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

from data_tools.columns import ColumnType
from data_tools.filtering import SortSpec
from data_tools.filtering.filters import filter_from_json
from data_tools.operations.catalogue import require_operation
from data_tools.operations.column_lookup import require_column
from data_tools.profiles.measuring import figures_query
from data_tools.profiles.missing_rows import missing_rows_query
from data_tools.profiles.recounting import recount_query
from data_tools.profiles.suggestions import counted_query, suggestion_query
from data_tools.row_tables.placement import being_written
from data_tools.rows.answer_room import Room
from data_tools.rows.computed_columns import texts_query
from data_tools.rows.lists.packed_filter import texts_meeting_query
from data_tools.rows.lists.queries import (
    ListKey,
    new_list,
    page_of_list,
    page_of_numbers,
    with_list,
)
from data_tools.rows.lists.sorting import distinct_texts_query, sort_query
from data_tools.rows.selected_rows import order_query
from data_tools.rows.session_rows import SessionRows
from data_tools.sql.conditions import conditions_on
from data_tools.sql.fragment import Sql
from session_events.events import Column, ColumnChange, Operation

DATASET_ID = uuid.UUID("22222222-2222-4222-8222-222222222222")
OWN_TABLE_ID = uuid.UUID("33333333-3333-4333-8333-333333333333")
ROWS = 1_000
KEPT_ROWS = 900
ROOM = Room(total_bytes=1_000_000, bytes_per_row=100, longest_text=10_000)
TYPES = {
    "id": "integer",
    "delay": "float",
    "carrier": "text",
    "is late": "boolean",
    "day": "date",
    "departed": "datetime",
}
EVERY_CONDITION = {
    "any": [
        {"column": "carrier", "op": "in", "value": ["UA", "AA"], "ignore_case": True},
        {"column": "carrier", "op": "contains", "value": "'; --"},
        {"column": "carrier", "op": "starts_with", "value": "U"},
        {"column": "carrier", "op": "ends_with", "value": "A", "ignore_case": True},
        {"column": "carrier", "op": "ne", "value": "DL"},
        {
            "all": [
                {"column": "id", "op": "between", "value": [1, 2**63]},
                {"column": "id", "op": "in", "value": [1, 2]},
                {"column": "delay", "op": "gte", "value": 0.5},
                {"column": "day", "op": "lt", "value": "2013-01-31"},
                {"column": "departed", "op": "gt", "value": "2013-01-31T05:00:00+01:00"},
                {"not": {"column": "is late", "op": "eq", "value": True}},
                {"column": "delay", "op": "not_null"},
                {"column": "departed", "op": "is_null"},
            ]
        },
    ]
}


# Where their rows lie is said here, so that no database is asked.
_places = ExitStack()
_places.enter_context(being_written(DATASET_ID, 1, has_own_table=False))
_places.enter_context(being_written(OWN_TABLE_ID, 1, has_own_table=True))


def columns(types: Mapping[str, str] = TYPES) -> tuple[Column, ...]:
    return tuple(
        Column(key=f"b{at}", name=name, type=kind) for at, (name, kind) in enumerate(types.items())
    )


def session(*operations: Operation, types: Mapping[str, str] = TYPES) -> SessionRows:
    return SessionRows(
        dataset_id=DATASET_ID,
        revision=1,
        row_count=ROWS,
        base_columns=columns(types),
        operations=operations,
    )


def operation(
    name: str,
    parameters: Mapping[str, Any],
    fitted: Mapping[str, Any],
    *changes: ColumnChange,
    rows_after: int = ROWS,
) -> Operation:
    return Operation(
        sequence=2,
        operation=name,
        parameters=dict(parameters),
        fitted=dict(fitted),
        column_changes=changes,
        rows_before=ROWS,
        rows_after=rows_after,
        cells_changed=0,
        applied_at=dt.datetime(2026, 11, 22, 19, 0, tzinfo=dt.UTC),
    )


def changed(key: str, column_type: str) -> ColumnChange:
    name = list(TYPES)[int(key[1:])]
    return ColumnChange(action="set", key=key, name=name, type=column_type)


def added(key: str, name: str, column_type: str) -> ColumnChange:
    return ColumnChange(action="add", key=key, name=name, type=column_type)


def filling(key: str, value: Any) -> Operation:
    column_type = list(TYPES.values())[int(key[1:])]
    return operation(
        "fill_missing_values",
        {"columns": [], "strategy": "constant", "fill_value": value},
        {"columns": {key: {"from": column_type, "value": value, "cells": 1}}},
        changed(key, column_type),
    )


def casting(key: str, source: str, target: str) -> Operation:
    return operation(
        "change_column_type",
        {"new_type": target},
        {"from": source, "made_missing": 1},
        changed(key, target),
    )


def forward_fill(key: str, **fitted: Any) -> Operation:
    column_type = list(TYPES.values())[int(key[1:])]
    return operation(
        "fill_missing_values",
        {"columns": [], "strategy": "forward_fill", "fill_value": None},
        {"columns": {key: {"cells": 1, **fitted}}},
        changed(key, column_type),
    )


def calculation(key: str, function: str, *inputs: str, **fitted: Any) -> Operation:
    return operation(
        "calculate_column",
        {},
        {"columns": {key: {"function": function, "inputs": list(inputs), **fitted}}},
        added(key, f"{function} {key}", "float"),
    )


def copy(key: str, source: str) -> Operation:
    return operation(
        "column_operation_duplicate", {}, {"sources": {key: source}}, added(key, key, "text")
    )


WITHOUT_MISSING = operation(
    "drop_missing_rows",
    {"columns": ["delay"], "how": "any"},
    {"kept": {"count": KEPT_ROWS, "sha256": "0" * 64}},
    rows_after=KEPT_ROWS,
)
STORED = session()
KEPT = session(WITHOUT_MISSING)
FILLED_AND_COPIED = session(
    *(filling("b2", f"value {at}") for at in range(9)), copy("d1", "b2"), copy("d2", "b2")
)
WIDE = session(types={f"column {at}": "float" for at in range(201)})
BINS = operation(
    "bin_column",
    {},
    {
        "columns": {
            "d1": {
                "inputs": ["b1"],
                "edges": [-30.0, 0.0, 60.0],
                "labels": ["[-30, 0]", "(0, 60]"],
            }
        }
    },
    added("d1", "delay_bin", "text"),
)


def page(*operations: Operation) -> Sql:
    return ROOM.in_shares(session(*operations).rows_between(51, 100), 50)


def cells(rows: SessionRows, names: Sequence[str]) -> Sql:
    return rows.cells_query([rows.cells[require_column(rows.columns, name).key] for name in names])


def listed_page(rows: SessionRows) -> Sql:
    list_id = rows.kept[-1].list_id
    return with_list(list_id, ROOM.in_shares(rows.rows_at(page_of_list(list_id, 50, 50)), 50))


def ordered(rows: SessionRows, written_filter: Any, *sorts: SortSpec) -> Sql:
    sort_columns = [require_column(rows.columns, sort.column_name) for sort in sorts]
    conditions = (
        conditions_on(rows.columns, filter_from_json(written_filter)) if written_filter else None
    )
    return sort_query(*order_query(rows, sorts, sort_columns, conditions))


def kept_by(name: str, parameters: Mapping[str, Any]) -> Sql:
    return require_operation(name).query_kept_rows(parameters, {}, STORED)


LATE = conditions_on(
    columns(),
    filter_from_json([{"column": "delay", "op": "gt", "value": 60}]),
)

STATEMENTS: dict[str, Sql] = {
    "new_list": new_list(
        ListKey(list_id=KEPT.kept[-1].list_id, parent_id=None, dataset_id=DATASET_ID, revision=1),
        KEPT_ROWS,
    ),
    "page_as_stored": page(),
    "page_of_kept_rows": listed_page(KEPT),
    "page_by_numbers": ROOM.in_shares(STORED.rows_at(page_of_numbers([7, 3, 5])), 3),
    "page_of_long_rows": ROOM.in_order(STORED.rows_between(51, 100)),
    "page_of_one_cell": ROOM.in_shares(FILLED_AND_COPIED.rows_between(51, 51, only="b1"), 1),
    "page_with_stacked_fills": ROOM.in_shares(FILLED_AND_COPIED.rows_between(51, 100), 50),
    "page_with_nearest_value": page(forward_fill("b2", limit_row=3, gaps=[[100, 399], [500, 899]])),
    "page_of_own_table": ROOM.in_shares(
        replace(
            session(forward_fill("b2", limit_row=3, gaps=[])), dataset_id=OWN_TABLE_ID
        ).rows_between(51, 100),
        50,
    ),
    "page_with_nearest_value_twice": page(
        forward_fill("b2", limit_row=3, gaps=[]), forward_fill("b2", limit_row=3, gaps=[])
    ),
    "page_with_casts": page(
        casting("b0", "integer", "float"),
        casting("b2", "text", "date"),
        casting("b3", "boolean", "text"),
        casting("b5", "datetime", "date"),
    ),
    "page_with_dates_by_a_format": page(
        operation(
            "change_column_type",
            {"new_type": "date", "date_format": "%d. %b %Y"},
            {"from": "text", "made_missing": 1},
            changed("b2", "date"),
        )
    ),
    "page_with_texts_replaced_and_joined": page(
        operation(
            "regex_replace",
            {},
            {"columns": {"b2": {"pattern": "(a)%", "other": r"\1%s", "flags": "gi"}}},
            changed("b2", "text"),
        ),
        operation(
            "join_columns",
            {},
            {
                "columns": {
                    "d1": {
                        "inputs": ["b0", "b2"],
                        "separator": "-",
                        "missing": "skip",
                        "missing_text": "",
                    }
                }
            },
            added("d1", "joined", "text"),
        ),
    ),
    "order_without_case": ordered(
        STORED, None, SortSpec(column_name="carrier", ignore_case=True, descending=True)
    ),
    "texts_to_order_by_a_language": distinct_texts_query(
        order_query(STORED, [SortSpec(column_name="carrier")], columns()[2:3], None)[0], 0
    ),
    "page_with_arithmetic": page(
        calculation("d1", "add", "b0", value=1),
        calculation("d2", "divide", "b0", "b1"),
        calculation("d3", "power", "d2", value=2),
    ),
    "page_with_bins": page(BINS),
    "column_of_operations": texts_query(FILLED_AND_COPIED, FILLED_AND_COPIED.columns[2]),
    "column_of_kept_rows": texts_query(
        session(WITHOUT_MISSING, casting("b0", "integer", "float")), columns()[0]
    ),
    "texts_that_match_without_case": texts_meeting_query(
        conditions_on(
            columns(),
            filter_from_json(
                [{"column": "carrier", "op": "ends_with", "value": "A%", "ignore_case": True}]
            ),
        ).tests[0],
        ["UA", "aa%"],
    ),
    "pass_as_stored": cells(STORED, ["id", "delay"]),
    "pass_of_kept_rows": cells(KEPT, ["id", "delay"]),
    "pass_of_wide_rows": cells(WIDE, ["column 0", "column 200"]),
    "nearest_value_among_kept_rows": cells(
        session(WITHOUT_MISSING, forward_fill("b2", limit_row=3, gaps=[])), ["carrier"]
    ),
    "order_by_text_and_time": ordered(
        STORED, None, SortSpec(column_name="carrier"), SortSpec(column_name="departed")
    ),
    "filter_with_every_condition": ordered(STORED, EVERY_CONDITION, SortSpec(column_name="id")),
    "keep_rows_without_duplicates": kept_by(
        "drop_duplicate_rows", {"columns": ["carrier", "day"], "keep": "first"}
    ),
    "keep_rows_with_values": kept_by("drop_missing_rows", {"columns": None, "how": "any"}),
    "profile": figures_query(STORED, columns()),
    "suggestions": suggestion_query(
        counted_query(STORED, columns()[2], None), ColumnType.TEXT, text="50%", limit=10
    ),
    "suggestions_among_found_rows": suggestion_query(
        counted_query(FILLED_AND_COPIED, columns()[2], LATE), ColumnType.TEXT, text="", limit=10
    ),
    "histogram_among_found_rows": recount_query(KEPT, columns()[1], [-0.5, 0.1, 2.5], LATE),
    "histogram_of_large_integers": recount_query(STORED, columns()[0], [0, 2**63], None),
    "rows_with_missing_values": missing_rows_query(STORED, columns()[:2]),
}


def path_of(name: str) -> Path:
    return Path(__file__).parent / "sql" / f"{name}.sql"


def as_file(statement: Sql) -> str:
    """Return the statement as its golden file: the text, and its parameters as a comment."""
    parameters = [f"-- {value!r}" for value in statement.parameters] or ["-- none"]
    return "\n".join([statement.text, "", "-- Parameters, in order:", *parameters, ""])


def write_missing_statements() -> list[Path]:
    """Write the files that do not exist yet; leave the others alone."""
    written = []
    for name, statement in STATEMENTS.items():
        if not path_of(name).exists():
            path_of(name).write_text(as_file(statement))
            written.append(path_of(name))
    return written
