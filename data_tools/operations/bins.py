"""Sort a column's numbers into bins: of equal width, of equal count, or between given edges.

Bins are open to the left and closed to the right, the first one closed on both sides.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from data_tools.columns import ColumnType
from data_tools.operations.added_columns import Addition, added, compiling
from data_tools.operations.column_lookup import free_name, require_free
from data_tools.operations.declaration import Declaration, Kind, Parameter, PreparedOperation
from data_tools.operations.exceptions import InvalidParameter, NothingToFit
from data_tools.operations.number_fitting import as_float, columns_of_numbers, fit_numbers
from data_tools.operations.row_source import Rows
from data_tools.sql.expressions import Computed, Expression
from data_tools.sql.fragment import bound, compose, sql
from session_events.events import Column

MOST_BINS = 1000


def _plan(asked: dict[str, Any], rows: Rows) -> PreparedOperation:
    [column] = columns_of_numbers(rows, [asked["column"]], path="column")
    method, edges = asked["method"], asked["edges"]
    if (method == "edges") != (edges is not None):
        raise InvalidParameter("edges", "is for the method edges, which needs it")
    if edges is None:
        edges = _fitted_edges(rows, column, method, asked["bins"])
    fitted: dict[str, Any] = {"edges": edges}
    if asked["labels"] == "interval":
        fitted["labels"] = _intervals(edges)
    if asked["new_name"] is None:
        name = free_name(f"{column.name}_bin", {one.name for one in rows.columns})
    else:
        name = require_free(asked["new_name"], rows.columns)
    return added(
        rows,
        operation="bin_column",
        parameters=asked,
        additions=[Addition(name=name, inputs=(column,), fitted=fitted)],
        express=_bin,
    )


def _fitted_edges(rows: Rows, column: Column, method: str, bins: int) -> list[float]:
    shares = [part / bins for part in range(1, bins)] if method == "quantile" else []
    quantiles = compose("percentile_cont(", bound(shares), "::double precision[])")
    [(_, (low, high, *found))] = fit_numbers(
        rows,
        [column],
        lambda value: (
            [compose(quantiles, " WITHIN GROUP (ORDER BY ", value, ")")] if shares else []
        ),
        named=True,
    )
    if shares:
        inner = found[0]
    else:
        inner = [low + (high - low) * part / bins for part in range(1, bins)]
    edges = sorted({low, *inner, high})
    if len(edges) < 2:
        raise NothingToFit(
            f'Column "{column.name}" has one value only, which makes no bins',
            details={"column": column.name},
        )
    return edges


def _intervals(edges: Sequence[float]) -> list[str]:
    """A name for each bin, with as few digits as tell the edges apart, but at least six."""
    written: list[str] = []
    for digits in range(6, 18):
        written = [f"{edge:.{digits}g}" for edge in edges]
        if len(set(written)) == len(edges):
            break
    pairs = zip(written[:-1], written[1:], strict=True)
    return [f"{'[' if at == 0 else '('}{low}, {high}]" for at, (low, high) in enumerate(pairs)]


def _bin(cells: Sequence[Expression], fitted: dict[str, Any]) -> Expression:
    """The bin's label, or its number from 1; null outside of the edges.

    width_bucket counts the thresholds up to a value, as bins that are closed to the left need it;
    of negated values and thresholds it counts those from a value on. A threshold just below the
    first edge closes the first bin.
    """
    edges, labels = fitted["edges"], fitted.get("labels")
    numbers = list(range(1, len(edges)))
    thresholds = sorted(-edge for edge in (math.nextafter(edges[0], -math.inf), *edges[1:]))
    names = (
        sql("{numbers}::bigint[]", numbers=bound(numbers))
        if labels is None
        else sql("{labels}::text[]", labels=bound(labels))
    )
    return Computed(
        type=ColumnType.INTEGER if labels is None else ColumnType.TEXT,
        inputs=(as_float(cells[0]),),
        write=lambda cell: sql(
            "({names})[{edges} - width_bucket(-({cell}), {thresholds}::double precision[])]",
            names=names,
            edges=bound(len(edges)),
            cell=cell,
            thresholds=bound(thresholds),
        ),
    )


BIN_COLUMN = Declaration(
    name="bin_column",
    description="Add a column that says in which bin a number lies; outside of the given edges it "
    "is missing. A bin holds its upper edge, the first one its lower edge too. Quantiles that are "
    "equal make one bin.",
    parameters=(
        Parameter(name="column", kind=Kind.COLUMN, required=True, description="The column's name."),
        Parameter(
            name="method",
            kind=Kind.CHOICE,
            choices=("equal_width", "quantile", "edges"),
            default="equal_width",
            description="How the edges are found.",
        ),
        Parameter(
            name="bins",
            kind=Kind.INTEGER,
            default=10,
            minimum=2,
            maximum=MOST_BINS,
            description="How many bins; not for given edges.",
        ),
        Parameter(
            name="edges",
            kind=Kind.NUMBERS,
            description="The edges from the lowest to the highest, for the method edges.",
        ),
        Parameter(
            name="labels",
            kind=Kind.CHOICE,
            choices=("interval", "number"),
            default="interval",
            description="What to write: the interval as text, or the bin's number from 1.",
        ),
        Parameter(
            name="new_name",
            kind=Kind.NEW_NAME,
            description="Name of the new column; <column>_bin by default.",
        ),
    ),
    plan=_plan,
    compile=compiling(_bin),
)
