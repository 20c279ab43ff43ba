"""Find and replace: a part of a text wherever it occurs, or whole cells of any type."""

from __future__ import annotations

from typing import Any

from data_tools.operations.column_lookup import COLUMNS, require_columns, text_columns
from data_tools.operations.constants import constant_for
from data_tools.operations.declaration import Declaration, PreparedOperation
from data_tools.operations.exceptions import InvalidParameter
from data_tools.operations.parameters import Choice, Parameter, Scalar
from data_tools.operations.replaced_cells import (
    FittedColumn,
    prepare_replaced_cells,
    replaced_cells_compiler,
)
from data_tools.operations.row_source import Rows
from data_tools.sql.expressions import Computed, Expression, constant
from data_tools.sql.fragment import Sql, bound, sql
from session_events.events import Column


def _plan_replace(parameters: dict[str, Any], rows: Rows) -> PreparedOperation:
    target, other = parameters["find"], parameters["replace_with"]
    if parameters["match"] == "part":
        columns = text_columns(rows.columns, parameters["columns"])
        if not isinstance(target, str) or not target:
            raise InvalidParameter("find", "must be text of at least one character")
        if other is not None and not isinstance(other, str):
            raise InvalidParameter("replace_with", "must be text where a part is replaced")
        part = {"part": target, "other": other or ""}
        fits = [FittedColumn(column=column, fitted=part) for column in columns]
    else:
        fits = [
            FittedColumn(column=column, fitted=_fit_cell(rows, column, target, other))
            for column in require_columns(rows.columns, parameters["columns"])
        ]
    return prepare_replaced_cells(
        rows,
        operation="find_and_replace",
        parameters=parameters,
        columns=fits,
        replace=_replace,
        verb="Replaced",
        on_error="fail" if parameters["match"] == "part" else "null",
    )


def _fit_cell(rows: Rows, column: Column, target: Any, other: Any) -> dict[str, Any]:
    return {
        "cell": _value(rows, column, "find", target),
        "other": None if other is None else _value(rows, column, "replace_with", other),
    }


def _value(rows: Rows, column: Column, path: str, typed: Any) -> Any:
    try:
        value, column_type = constant_for(rows, typed, column)
    except InvalidParameter:
        column_type = None
    if column_type != column.type:
        raise InvalidParameter(
            path, f"is not a value for a column of {column.type}", column=column.name
        )
    return value


def _replace(cell: Expression, fitted: dict[str, Any]) -> Expression:
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
        Parameter(name="find", kind=Scalar(), required=True, description="What to look for."),
        Parameter(
            name="replace_with",
            kind=Scalar(),
            description="What to put there; nothing takes a part out, and makes a whole cell "
            "missing.",
        ),
        Parameter(
            name="match",
            kind=Choice(choices=("part", "cell")),
            default="part",
            description="Whether to look for a part of a text or for a whole cell.",
        ),
    ),
    plan=_plan_replace,
    compile=replaced_cells_compiler(_replace),
)
