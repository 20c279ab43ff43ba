"""Arithmetic between cells as expressions: two numbers give one, or null without a finite result.

Integers stay integers under addition, subtraction, multiplication, floor division and modulo;
everything else is float. Floor division and modulo round and take their sign as Python's do.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any, LiteralString

from data_tools.columns import ColumnType
from data_tools.operations.column_functions import (
    Doubles,
    add,
    divide,
    multiply,
    on_floats,
    subtract,
)
from data_tools.operations.number_fitting import as_float
from data_tools.sql.expressions import Computed, Expression, constant
from data_tools.sql.fragment import Sql, joined, sql

_I, _F = ColumnType.INTEGER, ColumnType.FLOAT

FUNCTIONS: dict[str, LiteralString] = {
    "add": "data_tools_add({left}, {right})",
    "subtract": "data_tools_subtract({left}, {right})",
    "multiply": "data_tools_multiply({left}, {right})",
    "divide": "data_tools_divide({left}, {right})",
    "floor_divide": "data_tools_floor_divide({left}, {right})",
    "modulo": "data_tools_modulo({left}, {right})",
    "power": "data_tools_power({left}, {right})",
    "smaller": "data_tools_smaller({left}, {right})",
    "larger": "data_tools_larger({left}, {right})",
}
_ALWAYS_FLOAT = frozenset({"divide", "power"})
_ON_FLOATS: dict[str, Callable[[Doubles, Any], Doubles]] = {
    "add": add,
    "subtract": subtract,
    "multiply": multiply,
    "divide": divide,
}


def combination(function: str, inputs: Sequence[Expression]) -> Expression:
    """Return a function of two applied to all inputs, from left to right: f(f(a, b), c)."""
    types = {cell.type for cell in inputs}
    result = _I if types == {_I} and function not in _ALWAYS_FLOAT else _F
    operands = tuple(cell if result is _I else as_float(cell) for cell in inputs)
    call = FUNCTIONS[function]
    compute = _ON_FLOATS.get(function) if result is _F else None

    def write(*cells: Sql) -> Sql:
        return functools.reduce(lambda left, right: sql(call, left=left, right=right), cells)

    return Computed(
        type=result,
        inputs=operands,
        write=write,
        compute=compute and on_floats(lambda *cells: functools.reduce(compute, cells)),
    )


def with_number(function: str, cell: Expression, value: int | float) -> Expression:
    """Return a function of two applied to a cell and a number."""
    both_integers = cell.type is _I and isinstance(value, int)
    result = _I if both_integers and function not in _ALWAYS_FLOAT else _F
    call, right = FUNCTIONS[function], constant(value, result)
    compute = _ON_FLOATS.get(function) if result is _F else None
    return Computed(
        type=result,
        inputs=(cell if result is _I else as_float(cell),),
        write=lambda left: sql(call, left=left, right=right),
        compute=compute and on_floats(lambda cells: compute(cells, float(value))),
    )


def statistic(function: LiteralString, inputs: Sequence[Expression]) -> Expression:
    """Return a function of a list of floats applied to all inputs."""
    return Computed(
        type=_F,
        inputs=tuple(as_float(cell) for cell in inputs),
        write=lambda *cells: sql(
            "{function}(ARRAY[{cells}])", function=Sql(function), cells=joined(", ", cells)
        ),
    )
