"""Arithmetic between cells, as expressions: two numbers in, one out, null where there is none.

Integers stay integers under addition, subtraction, multiplication, floor division and modulo;
everything else is float. Floor division and modulo round and take their sign as Python's do.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import LiteralString

from data_tools.columns import ColumnType
from data_tools.expressions import Combined, Computed, Expression, constant
from data_tools.operations.number_fitting import as_float
from data_tools.sql import Sql, compose

_I, _F = ColumnType.INTEGER, ColumnType.FLOAT

FUNCTIONS: dict[str, LiteralString] = {
    "add": "data_tools_add(",
    "subtract": "data_tools_subtract(",
    "multiply": "data_tools_multiply(",
    "divide": "data_tools_divide(",
    "floor_divide": "data_tools_floor_divide(",
    "modulo": "data_tools_modulo(",
    "power": "data_tools_power(",
    "smaller": "data_tools_smaller(",
    "larger": "data_tools_larger(",
}
_ALWAYS_FLOAT = frozenset({"divide", "power"})


def combination(function: str, inputs: Sequence[Expression]) -> Expression:
    """The inputs under a function of two, from left to right: f(f(a, b), c)."""
    types = {one.type for one in inputs}
    result = _I if types == {_I} and function not in _ALWAYS_FLOAT else _F
    given = [one if result is _I else as_float(one) for one in inputs]
    calls = len(given) - 1
    opening = Sql(FUNCTIONS[function] * calls)
    return Combined(
        type=result,
        pieces=(opening, Sql(", "), *(Sql("), ") for _ in range(calls - 1)), Sql(")")),
        inputs=tuple(given),
    )


def with_number(function: str, cell: Expression, value: int | float) -> Expression:
    """The cell and a number under a function of two."""
    both_integers = cell.type is _I and isinstance(value, int)
    result = _I if both_integers and function not in _ALWAYS_FLOAT else _F
    return Computed(
        type=result,
        before=Sql(FUNCTIONS[function]),
        input=cell if result is _I else as_float(cell),
        after=compose(", ", constant(value, result), ")"),
    )


def statistic(function: LiteralString, inputs: Sequence[Expression]) -> Expression:
    """The inputs as floats under a function of a list of them."""
    return Combined(
        type=_F,
        pieces=(
            compose(function, "ARRAY["),
            *(Sql(", ") for _ in range(len(inputs) - 1)),
            Sql("])"),
        ),
        inputs=tuple(as_float(one) for one in inputs),
    )
