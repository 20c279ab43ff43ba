"""Outliers: capped, or taken away with their rows. A missing value is never an outlier."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from data_tools.columns import ColumnType
from data_tools.operations.caps import CAPPING_PARAMETERS, Caps, fit_caps
from data_tools.operations.declaration import Declaration, Plan
from data_tools.operations.exceptions import ValuesDoNotFit
from data_tools.operations.number_fitting import EXACT_IN_FLOAT, as_float
from data_tools.operations.replaced_cells import plan_replaced_cells, replaced_cells_compiler
from data_tools.operations.row_source import Rows
from data_tools.sql.expressions import Expression, computed, constant
from data_tools.sql.fragment import Sql, bound, joined, sql


def _plan_winsorize(parameters: dict[str, Any], rows: Rows) -> Plan:
    fold, caps = fit_caps(parameters, rows)
    for each in caps:
        _refuse_inexact(each)
    fits = [
        (
            each.column,
            {"from": each.column.type, "to": _type(each), "low": each.low, "high": each.high},
        )
        for each in caps
    ]
    names = [each.column.name for each in caps]
    return plan_replaced_cells(
        rows, fits, _cap, "Capped", parameters=parameters | {"columns": names, "fold": fold}
    )


def _refuse_inexact(caps: Caps) -> None:
    """Refuse an integer column that is about to become float and holds integers no float holds."""
    becomes_float = caps.column.type == ColumnType.INTEGER and _type(caps) == ColumnType.FLOAT
    if becomes_float and caps.farthest > EXACT_IN_FLOAT:
        raise ValuesDoNotFit(
            f'Column "{caps.column.name}" holds integers over 2^53, which lose digits as floats',
            details={"column": caps.column.name},
        )


def _type(caps: Caps) -> str:
    """Return the type of the capped column: integers stay integers where the caps are whole."""
    caps_set = [cap for cap in (caps.low, caps.high) if cap is not None]
    whole = all(cap.is_integer() and abs(cap) < 2**53 for cap in caps_set)
    return caps.column.type if whole else ColumnType.FLOAT


def _cap(cell: Expression, fitted: dict[str, Any]) -> Expression:
    column_type = ColumnType(fitted["to"])
    caps = [
        int(cap) if cap is not None and column_type is ColumnType.INTEGER else cap
        for cap in (fitted["low"], fitted["high"])
    ]
    return computed(
        column_type,
        "data_tools_clip({cell}, {low}, {high})",
        cell if column_type is ColumnType.INTEGER else as_float(cell),
        low=constant(caps[0], column_type),
        high=constant(caps[1], column_type),
    )


WINSORIZE = Declaration(
    "outlier_treatment_winsorize",
    "Put a bound in the place of every value beyond it. A column of integers becomes "
    "float where a bound is none.",
    parameters=CAPPING_PARAMETERS,
    plan=_plan_winsorize,
    compile=replaced_cells_compiler(_cap),
)


def _query_within_caps(parameters: Mapping[str, Any], fitted: Mapping[str, Any], rows: Rows) -> Sql:
    caps: dict[str, list[float | None]] = fitted["caps"]
    every = rows.with_cells([rows.cells[key] for key in caps])
    within_caps = [
        sql(
            "({cell} BETWEEN CAST({low} AS float8) AND CAST({high} AS float8)) IS NOT FALSE",
            cell=cell,
            low=bound(-math.inf if low is None else low),
            high=bound(math.inf if high is None else high),
        )
        for cell, (low, high) in zip(every.cells, caps.values(), strict=True)
    ]
    return every.numbers_where(joined(" AND ", within_caps))


def _plan_trim(parameters: dict[str, Any], rows: Rows) -> Plan:
    fold, caps = fit_caps(parameters, rows)
    limits = {each.column.key: [each.low, each.high] for each in caps}
    return Plan(fitted={"fold": fold, "caps": limits})


TRIM_OUTLIERS = Declaration(
    "outlier_treatment_trim",
    "Take away the rows with an outlier in a column of numbers; a missing value is "
    "none. The caps are fitted to the rows as they stand.",
    parameters=CAPPING_PARAMETERS,
    plan=_plan_trim,
    query_kept_rows=_query_within_caps,
)
