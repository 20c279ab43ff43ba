"""Find and replace: a part of a text wherever it occurs, or whole cells of any type."""

from __future__ import annotations

from typing import Any

from data_tools.operations.column_lookup import COLUMNS, require_columns, text_columns
from data_tools.operations.constants import constant_for
from data_tools.operations.declaration import Declaration, Group, Plan
from data_tools.operations.exceptions import InvalidParameter
from data_tools.operations.messages import does_not_belong
from data_tools.operations.parameters import Choice, Parameter, Scalar
from data_tools.operations.regular_expressions import (
    IGNORE_CASE,
    literal_replacement,
    replace_matches,
)
from data_tools.operations.replaced_cells import plan_replaced_cells, replaced_cells_compiler
from data_tools.operations.row_source import Rows
from data_tools.sql.expressions import Expression, computed, constant
from data_tools.sql.fragment import bound
from session_events.events import Column


def _plan_replace(parameters: dict[str, Any], rows: Rows) -> Plan:
    target, other = parameters["find"], parameters["replace_with"]
    if parameters["match"] == "part":
        columns = text_columns(rows.columns, parameters["columns"])
        if not isinstance(target, str) or not target:
            raise InvalidParameter("find", "must be text of at least one character")
        if other is not None and not isinstance(other, str):
            raise InvalidParameter("replace_with", "must be text where a part is replaced")
        part: dict[str, Any] = {"part": target, "other": other or ""}
        if parameters["ignore_case"]:
            part = literal_replacement(target, other or "")
        fits = [(column, part) for column in columns]
    elif parameters["ignore_case"]:
        columns = text_columns(rows.columns, parameters["columns"])
        fits = [
            (column, _fit_cell(rows, column, target, other) | {"ignore_case": True})
            for column in columns
        ]
    else:
        columns = require_columns(rows.columns, parameters["columns"])
        fits = [(column, _fit_cell(rows, column, target, other)) for column in columns]
    on_error = "fail" if parameters["match"] == "part" else "null"
    return plan_replaced_cells(rows, fits, _replace, "Replaced", on_error=on_error)


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
            path,
            f"is not a value for a column of {column.type}",
            told=does_not_belong(typed, column.name, column.type),
            column=column.name,
        )
    return value


def _replace(cell: Expression, fitted: dict[str, Any]) -> Expression:
    column_type, other = cell.type, fitted["other"]
    if "pattern" in fitted:
        return replace_matches(cell, fitted)
    if "part" in fitted:
        template = "data_tools_replace({cell}, {part}, {by})"
        return computed(column_type, template, cell, part=bound(fitted["part"]), by=bound(other))
    whole = constant(fitted["cell"], column_type)
    if fitted.get("ignore_case"):
        template = "data_tools_swap_ignoring_case({cell}, {whole}, {by})"
        return computed(column_type, template, cell, whole=whole, by=constant(other, column_type))
    if other is None:
        return computed(column_type, "nullif({cell}, {whole})", cell, whole=whole)
    template = "data_tools_swap({cell}, {whole}, {by})"
    return computed(
        column_type, template, cell, keeps_gaps=True, whole=whole, by=constant(other, column_type)
    )


FIND_AND_REPLACE = Declaration(
    "find_and_replace",
    "Put something else in the place of a part of a text, wherever it occurs, or "
    "of a whole cell of any type. Capital and small letters are told apart unless "
    "`ignore_case` is true, which is for text.",
    title="Find and replace",
    group=Group.TEXT,
    parameters=(
        COLUMNS,
        Parameter("find", Scalar(), "What to look for.", required=True),
        Parameter(
            "replace_with",
            Scalar(),
            "What to put there; nothing takes a part out, and makes a whole cell missing.",
        ),
        Parameter(
            "match",
            Choice(("part", "cell")),
            "Whether to look for a part of a text or for a whole cell.",
            default="part",
            title="Look for",
        ),
        IGNORE_CASE,
    ),
    plan=_plan_replace,
    compile=replaced_cells_compiler(_replace),
)
