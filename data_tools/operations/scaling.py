"""Scale columns of numbers, each by its own values; missing cells stay missing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from typing import Any

from data_tools.columns import ColumnType
from data_tools.operations.column_functions import divide, multiply, on_floats, subtract
from data_tools.operations.declaration import Declaration, Group, Plan
from data_tools.operations.effects import ON_ERROR
from data_tools.operations.exact_statistics import (
    double_and_rest,
    measure_moments,
    measure_quantiles,
)
from data_tools.operations.extents import Extent
from data_tools.operations.number_fitting import (
    NUMBER_COLUMNS,
    as_float,
    fit_numbers,
    number_columns,
)
from data_tools.operations.parameters import Choice, Parameter
from data_tools.operations.replaced_cells import plan_replaced_cells, replaced_cells_compiler
from data_tools.operations.row_source import Rows
from data_tools.sql.exact_sums import nearest_double
from data_tools.sql.expressions import Expression, computed, constant
from data_tools.sql.fragment import bound

_Spread = tuple[Fraction, Fraction]  # the center, and the scale of a column
_QUARTILES = (Fraction(1, 4), Fraction(1, 2), Fraction(3, 4))


def _standard(rows: Rows, extents: Sequence[Extent]) -> list[_Spread]:
    return [(each.mean, each.deviation) for each in measure_moments(rows, extents)]


def _minmax(rows: Rows, extents: Sequence[Extent]) -> list[_Spread]:
    return [
        (Fraction(each.least), Fraction(each.largest) - Fraction(each.least)) for each in extents
    ]


def _robust(rows: Rows, extents: Sequence[Extent]) -> list[_Spread]:
    return [
        (median, third - first)
        for first, median, third in measure_quantiles(rows, extents, _QUARTILES)
    ]


def _maxabs(rows: Rows, extents: Sequence[Extent]) -> list[_Spread]:
    return [(Fraction(0), Fraction(each.farthest)) for each in extents]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Method:
    title: str
    formula: str
    measure_spreads: Callable[[Rows, Sequence[Extent]], list[_Spread]]


_METHODS = {
    "standard": _Method(
        title="Scale by the standard deviation",
        formula="(x - mean) / standard deviation of the population",
        measure_spreads=_standard,
    ),
    "minmax": _Method(
        title="Scale to 0 to 1",
        formula="(x - minimum) / (maximum - minimum): from 0 to 1",
        measure_spreads=_minmax,
    ),
    "robust": _Method(
        title="Scale by the quartiles",
        formula="(x - median) / (third quartile - first quartile)",
        measure_spreads=_robust,
    ),
    "maxabs": _Method(
        title="Scale by the largest value",
        formula="x / the largest absolute value: from -1 to 1",
        measure_spreads=_maxabs,
    ),
}


def _plan(method: str, parameters: dict[str, Any], rows: Rows) -> Plan:
    measure_spreads = _METHODS[method].measure_spreads
    names = parameters["columns"]
    extents = fit_numbers(rows, number_columns(rows, names), named=bool(names))
    fits = []
    for extent, (center, scale) in zip(extents, measure_spreads(rows, extents), strict=True):
        factor = Fraction(extent.factor)
        nearest, rest = double_and_rest(center * factor)
        # A spread of zero divides by 1, so that a constant column becomes zeros.
        divisor = nearest_double(scale * factor) or 1.0
        fitted = {"from": extent.column.type, "center": nearest, "scale": divisor}
        if rest:
            fitted["center_rest"] = rest
        if factor != 1:
            fitted["factor"] = extent.factor
        fits.append((extent.column, fitted))
    return plan_replaced_cells(
        rows,
        fits,
        _scale,
        "Scaled",
        parameters=parameters | {"columns": [column.name for column, _ in fits]},
        on_error=parameters["on_error"],
    )


def _scale(cell: Expression, fitted: dict[str, Any]) -> Expression:
    """Return the scaled cell; `center_rest` is what the double `center` lacks of the center.

    Far from 0 that is a large part of a small distance from the center. Cells so small that doubles
    have few digits there are multiplied by `factor` first, which `center` and `scale` are too.
    Older events lack both.
    """
    number = as_float(cell)
    if "factor" in fitted:
        factor = constant(fitted["factor"], ColumnType.FLOAT)
        template = "data_tools_multiply({cell}, {factor})"
        number = computed(
            ColumnType.FLOAT,
            template,
            number,
            compute=on_floats(lambda cells: multiply(cells, fitted["factor"])),
            factor=factor,
        )
    center = constant(fitted["center"], ColumnType.FLOAT)
    scale = constant(fitted["scale"], ColumnType.FLOAT)
    if "center_rest" not in fitted:
        template = "data_tools_divide(data_tools_subtract({cell}, {center}), {scale})"
        return computed(
            ColumnType.FLOAT,
            template,
            number,
            compute=on_floats(
                lambda cells: divide(subtract(cells, fitted["center"]), fitted["scale"])
            ),
            center=center,
            scale=scale,
        )
    return computed(
        ColumnType.FLOAT,
        """
        data_tools_divide(
            data_tools_subtract(data_tools_subtract({cell}, {center}), {rest}), {scale}
        )
        """,
        number,
        compute=on_floats(
            lambda cells: divide(
                subtract(subtract(cells, fitted["center"]), fitted["center_rest"]), fitted["scale"]
            )
        ),
        center=center,
        rest=constant(fitted["center_rest"], ColumnType.FLOAT),
        scale=scale,
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
            f"Scale columns in place: {each.formula}. A column without spread is divided "
            "by 1; integers become floats.",
            title=each.title,
            group=Group.NUMBERS,
            parameters=(NUMBER_COLUMNS, ON_ERROR),
            plan=partial(_plan, method),
            compile=replaced_cells_compiler(_scale),
        )
        for method, each in _METHODS.items()
    ),
    Declaration(
        "feature_scaling_log",
        "Put the logarithm in the place of each number; zero and negative numbers have none.",
        title="Take the logarithm",
        group=Group.NUMBERS,
        parameters=(
            NUMBER_COLUMNS,
            Parameter("base", Choice(("e", "10")), "The base of the logarithm.", default="e"),
            ON_ERROR,
        ),
        plan=_plan_log,
        compile=replaced_cells_compiler(_take_logarithm),
    ),
)
