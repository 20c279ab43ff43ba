"""Scale columns of numbers, each by its own values; missing cells stay missing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from data_tools.columns import ColumnType
from data_tools.operations.declaration import Declaration, Plan
from data_tools.operations.effects import ON_ERROR
from data_tools.operations.number_fitting import (
    NUMBER_COLUMNS,
    as_float,
    fit_numbers,
    number_columns,
)
from data_tools.operations.parameters import Choice, Parameter
from data_tools.operations.replaced_cells import plan_replaced_cells, replaced_cells_compiler
from data_tools.operations.row_source import Rows
from data_tools.sql.expressions import Expression, computed, constant
from data_tools.sql.fragment import Sql, bound, sql

_Aggregates = Callable[[Sql], Sequence[Sql]]
_Center = Callable[..., tuple[float, float]]  # of min, max and the aggregates: center and scale

# A spread of zero divides by 1, so that a constant column becomes zeros.
_METHODS: dict[str, tuple[str, _Aggregates, _Center]] = {
    "standard": (
        "(x - mean) / standard deviation of the population",
        lambda value: [sql("avg({v})", v=value), sql("stddev_pop({v})", v=value)],
        lambda low, high, mean, deviation: (mean, deviation if low < high else 1.0),
    ),
    "minmax": (
        "(x - minimum) / (maximum - minimum): from 0 to 1",
        lambda value: (),
        lambda low, high: (low, high - low),
    ),
    "robust": (
        "(x - median) / (third quartile - first quartile)",
        lambda value: [
            sql("percentile_cont({share}) WITHIN GROUP (ORDER BY {v})", share=share, v=value)
            for share in (Sql("0.25"), Sql("0.5"), Sql("0.75"))
        ],
        lambda low, high, first, median, third: (median, third - first),
    ),
    "maxabs": (
        "x / the largest absolute value: from -1 to 1",
        lambda value: (),
        lambda low, high: (0.0, max(abs(low), abs(high))),
    ),
}


def _plan(method: str, parameters: dict[str, Any], rows: Rows) -> Plan:
    _, aggregates, center_of = _METHODS[method]
    names = parameters["columns"]
    fits = []
    for column, measured in fit_numbers(
        rows, number_columns(rows, names), aggregates, named=bool(names)
    ):
        center, scale = center_of(*measured)
        fits.append((column, {"from": column.type, "center": center, "scale": scale or 1.0}))
    return plan_replaced_cells(
        rows,
        fits,
        _scale,
        "Scaled",
        parameters=parameters | {"columns": [column.name for column, _ in fits]},
        on_error=parameters["on_error"],
    )


def _scale(cell: Expression, fitted: dict[str, Any]) -> Expression:
    return computed(
        ColumnType.FLOAT,
        "data_tools_divide(data_tools_subtract({cell}, {center}), {scale})",
        as_float(cell),
        center=constant(fitted["center"], ColumnType.FLOAT),
        scale=constant(fitted["scale"], ColumnType.FLOAT),
    )


def _plan_log(parameters: dict[str, Any], rows: Rows) -> Plan:
    columns = number_columns(rows, parameters["columns"])
    return plan_replaced_cells(
        rows,
        [(column, {"base": parameters["base"]}) for column in columns],
        _take_logarithm,
        "Took the logarithm of",
        parameters=parameters | {"columns": [column.name for column in columns]},
        on_error=parameters["on_error"],
    )


def _take_logarithm(cell: Expression, fitted: dict[str, Any]) -> Expression:
    template = "data_tools_logarithm({cell}, {base})"
    return computed(ColumnType.FLOAT, template, as_float(cell), base=bound(fitted["base"]))


SCALING = (
    *(
        Declaration(
            f"feature_scaling_{method}",
            f"Scale columns in place: {formula}. A column without spread is divided "
            "by 1; integers become floats.",
            parameters=(NUMBER_COLUMNS, ON_ERROR),
            plan=partial(_plan, method),
            compile=replaced_cells_compiler(_scale),
        )
        for method, (formula, _, _) in _METHODS.items()
    ),
    Declaration(
        "feature_scaling_log",
        "Put the logarithm in the place of each number; zero and negative numbers have none.",
        parameters=(
            NUMBER_COLUMNS,
            Parameter("base", Choice(("e", "10")), "The base of the logarithm.", default="e"),
            ON_ERROR,
        ),
        plan=_plan_log,
        compile=replaced_cells_compiler(_take_logarithm),
    ),
)
