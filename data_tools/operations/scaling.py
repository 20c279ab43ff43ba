"""Scale columns of numbers, each by what its own values are; missing cells stay missing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from data_tools.columns import ColumnType
from data_tools.operations.declaration import Declaration, Kind, Parameter, PreparedOperation
from data_tools.operations.effects import ON_ERROR
from data_tools.operations.number_fitting import as_float, columns_of_numbers, fit_numbers
from data_tools.operations.replaced_cells import Replacement, compiling, replaced
from data_tools.operations.row_source import Rows
from data_tools.sql.expressions import Computed, Expression, constant
from data_tools.sql.fragment import Sql, bound, compose, sql

_Measures = Callable[[Sql], Sequence[Sql]]
_Center = Callable[..., tuple[float, float]]  # of min, max and the measures: center and scale

# A spread of zero divides by 1, so that a constant column becomes zeros.
_METHODS: dict[str, tuple[str, _Measures, _Center]] = {
    "standard": (
        "(x - mean) / standard deviation of the population",
        lambda value: (compose("avg(", value, ")"), compose("stddev_pop(", value, ")")),
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
            compose("percentile_cont(", at, ") WITHIN GROUP (ORDER BY ", value, ")")
            for at in (Sql("0.25"), Sql("0.5"), Sql("0.75"))
        ],
        lambda low, high, first, median, third: (median, third - first),
    ),
    "maxabs": (
        "x / the largest absolute value: from -1 to 1",
        lambda value: (),
        lambda low, high: (0.0, max(abs(low), abs(high))),
    ),
}


def _plan(method: str, asked: dict[str, Any], rows: Rows) -> PreparedOperation:
    _, measures, center_of = _METHODS[method]
    columns = columns_of_numbers(rows, asked["columns"])
    replacements = []
    for column, found in fit_numbers(rows, columns, measures, named=bool(asked["columns"])):
        center, scale = center_of(*found)
        fitted = {"from": column.type, "center": center, "scale": scale or 1.0}
        replacements.append(Replacement(column=column, fitted=fitted))
    return replaced(
        rows,
        operation=f"feature_scaling_{method}",
        parameters=asked | {"columns": [one.column.name for one in replacements]},
        replacements=replacements,
        express=_scaled,
        did="Scaled",
        on_error=asked["on_error"],
    )


def _scaled(cell: Expression, fitted: dict[str, Any]) -> Expression:
    return Computed(
        type=ColumnType.FLOAT,
        inputs=(as_float(cell),),
        write=lambda cell: sql(
            "data_tools_divide(data_tools_subtract({cell}, {center}), {scale})",
            cell=cell,
            center=constant(fitted["center"], ColumnType.FLOAT),
            scale=constant(fitted["scale"], ColumnType.FLOAT),
        ),
    )


def _plan_log(asked: dict[str, Any], rows: Rows) -> PreparedOperation:
    columns = columns_of_numbers(rows, asked["columns"])
    return replaced(
        rows,
        operation="feature_scaling_log",
        parameters=asked | {"columns": [column.name for column in columns]},
        replacements=[
            Replacement(column=column, fitted={"base": asked["base"]}) for column in columns
        ],
        express=_logarithm,
        did="Took the logarithm of",
        on_error=asked["on_error"],
    )


def _logarithm(cell: Expression, fitted: dict[str, Any]) -> Expression:
    return Computed(
        type=ColumnType.FLOAT,
        inputs=(as_float(cell),),
        write=lambda cell: sql(
            "data_tools_logarithm({cell}, {base})", cell=cell, base=bound(fitted["base"])
        ),
    )


COLUMNS_OF_NUMBERS = Parameter(
    name="columns",
    kind=Kind.COLUMNS,
    empty_is_all=True,
    description="Names of columns of numbers; without them, every column of numbers.",
)

SCALING = (
    *(
        Declaration(
            name=f"feature_scaling_{method}",
            description=f"Scale columns in place: {formula}. A column without spread is divided "
            "by 1; integers become floats.",
            parameters=(COLUMNS_OF_NUMBERS, ON_ERROR),
            plan=partial(_plan, method),
            compile=compiling(_scaled),
        )
        for method, (formula, _, _) in _METHODS.items()
    ),
    Declaration(
        name="feature_scaling_log",
        description="Put the logarithm in the place of each number; zero and negative numbers "
        "have none.",
        parameters=(
            COLUMNS_OF_NUMBERS,
            Parameter(
                name="base",
                kind=Kind.CHOICE,
                choices=("e", "10"),
                default="e",
                description="The base of the logarithm.",
            ),
            ON_ERROR,
        ),
        plan=_plan_log,
        compile=compiling(_logarithm),
    ),
)
