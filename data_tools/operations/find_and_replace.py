"""Find and replace: a part of a text wherever it occurs, or whole cells of any type."""

from __future__ import annotations

from typing import Any

from data_tools.operations.column_lookup import columns_named
from data_tools.operations.constants import constant_for
from data_tools.operations.declaration import Declaration, Kind, Parameter, PreparedOperation
from data_tools.operations.exceptions import InvalidParameter
from data_tools.operations.replaced_cells import Replacement, compiling, replaced
from data_tools.operations.row_source import Rows
from data_tools.operations.text import COLUMNS, columns_of_text
from data_tools.sql.expressions import Computed, Expression, constant
from data_tools.sql.fragment import Sql, bound, sql
from session_events.events import Column


def _plan_replace(asked: dict[str, Any], rows: Rows) -> PreparedOperation:
    wanted, other = asked["find"], asked["replace_with"]
    if asked["match"] == "part":
        columns = columns_of_text(rows, asked["columns"])
        if not isinstance(wanted, str) or not wanted:
            raise InvalidParameter("find", "must be text of at least one character")
        if other is not None and not isinstance(other, str):
            raise InvalidParameter("replace_with", "must be text where a part is replaced")
        fits = [{"part": wanted, "other": other or ""} for _ in columns]
    else:
        columns = columns_named(rows.columns, asked["columns"])
        fits = [
            {
                "cell": _value(rows, column, "find", wanted),
                "other": None if other is None else _value(rows, column, "replace_with", other),
            }
            for column in columns
        ]
    return replaced(
        rows,
        operation="find_and_replace",
        parameters=asked,
        replacements=[
            Replacement(column=column, fitted=fitted)
            for column, fitted in zip(columns, fits, strict=True)
        ],
        express=_with_other,
        did="Replaced",
        on_error="fail" if asked["match"] == "part" else "null",
    )


def _value(rows: Rows, column: Column, path: str, given: Any) -> Any:
    try:
        value, column_type = constant_for(rows, given, column)
    except InvalidParameter:
        column_type = None
    if column_type != column.type:
        raise InvalidParameter(
            path, f"is not a value for a column of {column.type}", column=column.name
        )
    return value


def _with_other(cell: Expression, fitted: dict[str, Any]) -> Expression:
    column_type, other = cell.type, fitted["other"]

    def write(cell: Sql) -> Sql:
        if "part" in fitted:
            part, replacement = bound(fitted["part"]), bound(other)
            return sql(
                "data_tools_replace({cell}, {part}, {by})", cell=cell, part=part, by=replacement
            )
        whole = constant(fitted["cell"], column_type)
        if other is None:
            return sql("nullif({cell}, {whole})", cell=cell, whole=whole)
        replacement = constant(other, column_type)
        return sql("data_tools_swap({cell}, {whole}, {by})", cell=cell, whole=whole, by=replacement)

    return Computed(type=column_type, inputs=(cell,), write=write)


FIND_AND_REPLACE = Declaration(
    name="find_and_replace",
    description="Put something else in the place of a part of a text, wherever it occurs, or "
    "of a whole cell of any type. Capital and small letters are told apart.",
    parameters=(
        COLUMNS,
        Parameter(name="find", kind=Kind.SCALAR, required=True, description="What to look for."),
        Parameter(
            name="replace_with",
            kind=Kind.SCALAR,
            description="What to put there; nothing takes a part out, and makes a whole cell "
            "missing.",
        ),
        Parameter(
            name="match",
            kind=Kind.CHOICE,
            choices=("part", "cell"),
            default="part",
            description="Whether to look for a part of a text or for a whole cell.",
        ),
    ),
    plan=_plan_replace,
    compile=compiling(_with_other),
)
