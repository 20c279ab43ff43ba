"""Sort a column's numbers into bins: of equal width, of equal count, or between given edges.

A bin holds its upper edge and not its lower one; the first bin holds both.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import Any

from data_tools.columns import INTEGERS, NUMERIC_TYPES, ColumnType
from data_tools.operations.added_columns import (
    NewColumn,
    added_columns_compiler,
    plan_added_columns,
)
from data_tools.operations.column_functions import by_thresholds
from data_tools.operations.column_lookup import column_of, free_name, require_free_name
from data_tools.operations.declaration import Declaration, Group, Plan
from data_tools.operations.exact_statistics import measure_quantiles
from data_tools.operations.exceptions import InvalidParameter, NothingToFit
from data_tools.operations.number_fitting import as_float, fit_numbers, number_columns
from data_tools.operations.number_parameters import AscendingNumbers, Integer
from data_tools.operations.parameters import Choice, NewName, Parameter
from data_tools.operations.row_source import Rows
from data_tools.sql.expressions import Expression, computed
from data_tools.sql.fragment import bound, sql
from session_events.events import Column

MOST_BINS = 1000


def _plan(parameters: dict[str, Any], rows: Rows) -> Plan:
    [column] = number_columns(rows, [parameters["column"]], path="column")
    method, edges = parameters["method"], parameters["edges"]
    if (method == "edges") != (edges is not None):
        raise InvalidParameter("edges", "is required for the method edges, and only for it")
    if edges is None:
        edges = _fitted_edges(rows, column, method, parameters["bins"])
    fitted: dict[str, Any] = {"edges": edges}
    if column.type == ColumnType.INTEGER:
        fitted["first_integers"] = _first_integers(edges)
    if parameters["labels"] == "interval":
        fitted["labels"] = _intervals(edges)
    if parameters["new_name"] is None:
        name = free_name(f"{column.name}_bin", {each.name for each in rows.columns})
    else:
        name = require_free_name(parameters["new_name"], rows.columns)
    return plan_added_columns(rows, [NewColumn(name, (column,), fitted)], _bin)


def _fitted_edges(rows: Rows, column: Column, method: str, bins: int) -> list[float]:
    extents = fit_numbers(rows, [column], named=True)
    shares = [Fraction(part, bins) for part in range(1, bins)]
    low, high = Fraction(extents[0].least), Fraction(extents[0].largest)
    if method == "quantile":
        [inner] = measure_quantiles(rows, extents, shares)
    else:
        inner = [low + (high - low) * share for share in shares]
    edges = sorted({float(edge) for edge in (low, *inner, high)})
    if len(edges) < 2:
        raise NothingToFit(
            f'Column "{column.name}" has only one value, which makes no bins',
            details={"column": column.name},
        )
    return edges


def _first_integers(edges: Sequence[float | int]) -> list[int]:
    """Return the first integer of each bin, and the first one beyond the last bin.

    Integers that no column holds are left out at the end, and are the least one at the beginning.
    """
    firsts = [math.ceil(edges[0]), *(math.floor(edge) + 1 for edge in edges[1:])]
    return [max(first, INTEGERS[0]) for first in firsts if first <= INTEGERS[-1]]


def _intervals(edges: Sequence[float | int]) -> list[str]:
    """Return a name for each bin, with as few digits as tell the edges apart, but at least six.

    Where an edge is an integer that no double holds, all have all their digits.
    """
    written: list[str] = []
    fewest = 17 if any(isinstance(edge, int) for edge in edges) else 6
    for digits in range(fewest, 18):
        written = [str(edge) if isinstance(edge, int) else f"{edge:.{digits}g}" for edge in edges]
        if len(set(written)) == len(edges):
            break
    pairs = zip(written[:-1], written[1:], strict=True)
    return [f"{'[' if at == 0 else '('}{low}, {high}]" for at, (low, high) in enumerate(pairs)]


def _bin(cells: Sequence[Expression], fitted: dict[str, Any]) -> Expression:
    """Return the bin's label, or its number from 1; null outside the edges.

    width_bucket counts the thresholds up to a value, which suits bins that hold their lower edge.
    Negating values and thresholds makes it count those from a value on, as bins that hold their
    upper edge need it. A threshold just below the first edge lets the first bin hold both. Of
    integers there is a first one in each bin, which needs neither. Older events do not hold those,
    and bin integers as doubles.
    """
    edges, labels = fitted["edges"], fitted.get("labels")
    if labels is None:
        values_of_bins = list(range(1, len(edges)))
        column_type, names = ColumnType.INTEGER, sql("{n}::bigint[]", n=bound(values_of_bins))
    else:
        values_of_bins = labels
        column_type, names = ColumnType.TEXT, sql("{labels}::text[]", labels=bound(labels))
    if "first_integers" in fitted:
        return computed(
            column_type,
            "({names})[width_bucket({cell}, {firsts}::bigint[])]",
            cells[0],
            compute=by_thresholds(fitted["first_integers"], values_of_bins),
            names=names,
            firsts=bound(fitted["first_integers"]),
        )
    first, *others = _doubles(edges)
    thresholds = sorted(-edge for edge in (math.nextafter(first, -math.inf), *others))
    return computed(
        column_type,
        "({names})[{edges} - width_bucket(-({cell}), {thresholds}::double precision[])]",
        as_float(cells[0]),
        compute=by_thresholds(thresholds, values_of_bins, from_above=True),
        names=names,
        edges=bound(len(edges)),
        thresholds=bound(thresholds),
    )


def _doubles(edges: Sequence[float | int]) -> Iterator[float]:
    """Yield edges as doubles that part all doubles as the edges do.

    A bin holds its upper edge, so that an edge between two doubles is the lower one of them; the
    first edge is the higher one.
    """
    for at, edge in enumerate(edges):
        nearest = float(edge)
        if at and nearest > edge:
            nearest = math.nextafter(nearest, -math.inf)
        elif not at and nearest < edge:
            nearest = math.nextafter(nearest, math.inf)
        yield nearest


BIN_COLUMN = Declaration(
    "bin_column",
    "Add a column that says in which bin a number lies; outside of the given edges it "
    "is missing. A bin holds its upper edge, the first one its lower edge too. Quantiles that are "
    "equal make one bin.",
    title="Put numbers into bins",
    group=Group.NUMBERS,
    parameters=(
        column_of(NUMERIC_TYPES),
        Parameter(
            "method",
            Choice(("equal_width", "quantile", "edges")),
            "How the edges are found.",
            default="equal_width",
            title="How to find the edges",
        ),
        Parameter(
            "bins",
            Integer(minimum=2, maximum=MOST_BINS),
            "How many bins; not for given edges.",
            default=10,
            title="Number of bins",
        ),
        Parameter(
            "edges",
            AscendingNumbers(),
            "The edges from the lowest to the highest, for the method edges.",
        ),
        Parameter(
            "labels",
            Choice(("interval", "number")),
            "What to write: the interval as text, or the bin's number from 1.",
            default="interval",
        ),
        Parameter("new_name", NewName(), "Name of the new column; <column>_bin by default."),
    ),
    plan=_plan,
    compile=added_columns_compiler(_bin),
)
