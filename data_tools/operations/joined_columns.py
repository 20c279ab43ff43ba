"""Join the cells of several columns into a new column of text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from data_tools.columns import ColumnType
from data_tools.operations.added_columns import (
    NewColumn,
    added_columns_compiler,
    plan_added_columns,
)
from data_tools.operations.casts import cast
from data_tools.operations.column_lookup import COLUMNS, require_columns, require_free_name
from data_tools.operations.declaration import Declaration, Group, Plan
from data_tools.operations.exceptions import InvalidParameter
from data_tools.operations.parameters import AnyText, Choice, Flag, NewName, Parameter
from data_tools.operations.row_source import Rows
from data_tools.sql.expressions import Computed, Expression
from data_tools.sql.fragment import Sql, joined, sql

MOST_JOINED = 100


def _plan(parameters: dict[str, Any], rows: Rows) -> Plan:
    columns = require_columns(rows.columns, parameters["columns"])
    if not 2 <= len(columns) <= MOST_JOINED:
        raise InvalidParameter("columns", f"must be 2 to {MOST_JOINED} columns, not {len(columns)}")
    drops = columns if parameters["drop_columns"] else []
    kept = [column for column in rows.columns if column not in drops]
    fitted = {
        "separator": parameters["separator"],
        "missing": parameters["missing"],
        "missing_text": parameters["missing_text"],
    }
    new_name = require_free_name(parameters["new_name"], kept)
    return plan_added_columns(
        rows,
        [NewColumn(new_name, tuple(columns), fitted)],
        _join,
        on_error="fail",
        drops=drops,
    )


def _join(cells: Sequence[Expression], fitted: dict[str, Any]) -> Expression:
    other = fitted["missing_text"] if fitted["missing"] == "text" else None

    def write(*texts: Sql) -> Sql:
        return sql(
            "data_tools_join(ARRAY[{texts}], {separator}, {other}, {all_or_none})",
            texts=joined(", ", texts),
            separator=fitted["separator"],
            other=other,
            all_or_none=fitted["missing"] == "missing",
        )

    return Computed(
        type=ColumnType.TEXT,
        inputs=tuple(cast(cell, cell.type, ColumnType.TEXT) for cell in cells),
        write=write,
    )


JOIN_COLUMNS = Declaration(
    "join_columns",
    "Add a column of text that joins the cells of columns of any type, in the order given, as a "
    "change of their type to text would write them.",
    title="Join columns",
    group=Group.TEXT,
    parameters=(
        COLUMNS,
        Parameter("new_name", NewName(), "Name of the new column.", required=True),
        Parameter("separator", AnyText(), "What to put between two cells.", default=" "),
        Parameter(
            "missing",
            Choice(("skip", "missing", "text")),
            "What becomes of a missing cell: leave it out with its separator, make the result "
            "missing, or put missing_text there. Where all are left out, the result is missing.",
            default="skip",
            title="Missing cells",
        ),
        Parameter(
            "missing_text",
            AnyText(),
            "What stands for a missing cell where missing is text.",
            default="",
            title="Text for a missing cell",
        ),
        Parameter(
            "drop_columns",
            Flag(),
            "Whether to take the joined columns away.",
            default=False,
            title="Remove the joined columns",
        ),
    ),
    plan=_plan,
    compile=added_columns_compiler(_join),
)
