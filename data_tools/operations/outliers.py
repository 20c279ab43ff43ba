"""Outliers: capped, or taken away with their rows. A missing value is never an outlier."""

from __future__ import annotations

import math
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from data_tools.columns import INTEGERS, LARGEST_EXACT_INTEGER, ColumnType
from data_tools.figures.row_flags import Flags
from data_tools.operations.caps import CAPPING_PARAMETERS, Caps, fit_caps
from data_tools.operations.column_functions import clip
from data_tools.operations.declaration import Declaration, Group, Plan
from data_tools.operations.exceptions import ValuesDoNotFit
from data_tools.operations.number_fitting import as_float
from data_tools.operations.replaced_cells import plan_replaced_cells, replaced_cells_compiler
from data_tools.operations.row_source import Rows
from data_tools.sql.exact_sums import nearest_double
from data_tools.sql.expressions import Expression, computed, constant
from data_tools.sql.fragment import Sql, bound, joined, sql


def _plan_winsorize(parameters: dict[str, Any], rows: Rows) -> Plan:
    fold, caps = fit_caps(parameters, rows)
    fits = []
    for each in caps:
        column_type = each.column.type
        whole = [_whole(cap) for cap in (each.low, each.high) if cap is not None]
        if column_type == ColumnType.INTEGER and None in whole:
            column_type = ColumnType.FLOAT
            _refuse_inexact(each)
        low, high = (_written(cap, column_type) for cap in (each.low, each.high))
        fits.append(
            (each.column, {"from": each.column.type, "to": column_type, "low": low, "high": high})
        )
    names = [each.column.name for each in caps]
    return plan_replaced_cells(
        rows, fits, _cap, "Capped", parameters=parameters | {"columns": names, "fold": fold}
    )


def _refuse_inexact(caps: Caps) -> None:
    """Refuse an integer column that is about to become float and holds integers no float holds."""
    if caps.has_integers_beyond_doubles:
        raise ValuesDoNotFit(
            f'Column "{caps.column.name}" holds integers over 2^53, which lose digits as floats',
            details={"column": caps.column.name},
        )


def _whole(cap: Fraction) -> int | None:
    """Return the integer that a cap is, or that its nearest double is; None if it is none.

    One beyond what a column of integers can hold caps nothing more than the outermost integer.
    """
    nearest = nearest_double(cap)
    if cap.denominator != 1 and not (
        nearest.is_integer() and abs(nearest) <= LARGEST_EXACT_INTEGER
    ):
        return None
    return min(max(round(cap), INTEGERS[0]), INTEGERS[-1])


def _written(cap: Fraction | None, column_type: str) -> float | int | None:
    """Return a cap as the nearest double; as an integer where the column's type needs one."""
    if cap is None:
        return None
    nearest, whole = nearest_double(cap), _whole(cap)
    return whole if column_type == ColumnType.INTEGER and whole != nearest else nearest


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
        compute=lambda values: clip(values, *caps),
        low=constant(caps[0], column_type),
        high=constant(caps[1], column_type),
    )


WINSORIZE = Declaration(
    "outlier_treatment_winsorize",
    "Put a bound in the place of every value beyond it. A column of integers becomes "
    "float where a bound is none.",
    title="Cap outliers",
    group=Group.NUMBERS,
    parameters=CAPPING_PARAMETERS,
    plan=_plan_winsorize,
    compile=replaced_cells_compiler(_cap),
)


def _query_within_caps(parameters: Mapping[str, Any], fitted: Mapping[str, Any], rows: Rows) -> Sql:
    caps: dict[str, list[float | int | None]] = fitted["caps"]
    every = rows.with_cells([rows.cells[key] for key in caps])
    within_caps = [
        _is_within(cell, low, high)
        for cell, (low, high) in zip(every.cells, caps.values(), strict=True)
    ]
    return every.numbers_where(joined(" AND ", within_caps))


def _find_within_caps(
    parameters: Mapping[str, Any], fitted: Mapping[str, Any], rows: Rows
) -> Flags | None:
    columns = [column for column in rows.columns if column.key in fitted["caps"]]
    flags = np.ones(rows.total_rows, np.bool_)
    for column, values in zip(columns, rows.values_in_turn(columns), strict=True):
        if values is None:
            return None
        flags &= _flags_within(values, *fitted["caps"][column.key])
    return flags


def _flags_within(
    values: pa.ChunkedArray, low: float | int | None, high: float | int | None
) -> Flags:
    """Tell which values are within the caps, compared as `_is_within` compares them."""
    if not isinstance(low, int) and not isinstance(high, int):
        values = values.cast(pa.float64(), safe=False)
    is_within = pa.chunked_array([np.ones(len(chunk), np.bool_) for chunk in values.chunks])
    if low is not None:
        is_within = pc.and_(is_within, pc.greater_equal(values, pa.scalar(low, values.type)))
    if high is not None:
        is_within = pc.and_(is_within, pc.less_equal(values, pa.scalar(high, values.type)))
    flags: Flags = pc.fill_null(is_within, True).to_numpy()
    return flags


def _is_within(cell: Sql, low: float | int | None, high: float | int | None) -> Sql:
    """Return whether a cell is within the caps; a missing one is.

    Integers compare exactly. Floats are those of columns and of older events without integers that
    no double holds.
    """
    if isinstance(low, int) or isinstance(high, int):
        least, largest = INTEGERS[0], INTEGERS[-1]
        return sql(
            "({cell} BETWEEN CAST({low} AS bigint) AND CAST({high} AS bigint)) IS NOT FALSE",
            cell=cell,
            low=bound(least if low is None else low),
            high=bound(largest if high is None else high),
        )
    return sql(
        "({cell} BETWEEN CAST({low} AS float8) AND CAST({high} AS float8)) IS NOT FALSE",
        cell=cell,
        low=bound(-math.inf if low is None else low),
        high=bound(math.inf if high is None else high),
    )


def _plan_trim(parameters: dict[str, Any], rows: Rows) -> Plan:
    fold, caps = fit_caps(parameters, rows)
    limits = {each.column.key: _limits(each) for each in caps}
    return Plan(fitted={"fold": fold, "caps": limits})


def _limits(caps: Caps) -> list[float | int | None]:
    """Return the outermost doubles within the caps; of integers beyond doubles, integers.

    The nearest double of a cap may lie beyond it, and be a value of the column.
    """
    low, high = caps.low, caps.high
    if caps.has_integers_beyond_doubles:
        return [
            None if low is None else max(INTEGERS[0], math.ceil(low)),
            None if high is None else min(INTEGERS[-1], math.floor(high)),
        ]
    return [
        None if low is None else _double_within(low, math.inf),
        None if high is None else _double_within(high, -math.inf),
    ]


def _double_within(cap: Fraction, inwards: float) -> float:
    nearest = nearest_double(cap)
    is_beyond = nearest < cap if inwards > 0 else nearest > cap
    return math.nextafter(nearest, inwards) if is_beyond else nearest


TRIM_OUTLIERS = Declaration(
    "outlier_treatment_trim",
    "Take away the rows with an outlier in a column of numbers; a missing value is "
    "none. The caps are fitted to the rows as they stand.",
    title="Remove rows with outliers",
    group=Group.ROWS,
    parameters=CAPPING_PARAMETERS,
    plan=_plan_trim,
    query_kept_rows=_query_within_caps,
    find_kept_rows=_find_within_caps,
)
