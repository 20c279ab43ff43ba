"""Where the outliers of a column of numbers begin.

| method | caps | Source: feature-engine 1.6 |
| --- | --- | --- |
| iqr | quartiles ∓ fold · (third quartile - first) | quantiles interpolated linearly |
| gaussian | mean ∓ fold · standard deviation | of the population |
| quantiles | the quantiles fold and 1 - fold | fold at most 0.2 |
| mad | median ∓ fold · median absolute deviation / 0.67449 | |
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from data_tools.operations.exceptions import InvalidParameter, NothingToFit
from data_tools.operations.number_fitting import NUMBER_COLUMNS, number_columns
from data_tools.operations.parameters import Choice, Number, Parameter
from data_tools.operations.row_source import Rows, measure_columns
from data_tools.sql.fragment import Sql, bound, sql
from session_events.events import Column

CAPPING_METHODS = ("iqr", "gaussian", "quantiles", "mad")
TAILS = ("right", "left", "both")
DEFAULT_FOLDS = {"iqr": 1.5, "gaussian": 1.5, "quantiles": 0.05, "mad": 1.5}
LARGEST_QUANTILE = 0.2
_MAD_OF_NORMAL = 0.67449
# Beyond these, squares leave the range of doubles: the values of such a column are measured scaled.
_LARGE, _SMALL = 2.0**300, 2.0**-300
_COLUMNS_PER_PASS = 300

_Aggregates = Callable[[int, Sql], Sequence[Sql]]  # of a column's index and its value as a double


@dataclass(frozen=True, slots=True, kw_only=True)
class Caps:
    """The least and the largest value of a column that is no outlier; None for no cap.

    `farthest` is the largest distance of any value from 0.
    """

    column: Column
    low: float | None
    high: float | None
    farthest: float


@dataclass(frozen=True, slots=True)
class _Extent:
    """A column, its least and largest value, and the power of two that scales it."""

    column: Column
    least: float
    largest: float

    @property
    def farthest(self) -> float:
        return max(abs(self.least), abs(self.largest))

    @property
    def scale(self) -> float:
        """The power of two to divide by: 1 unless squares would leave the range of doubles."""
        if _SMALL <= self.farthest <= _LARGE or self.farthest == 0:
            return 1.0
        return 2.0 ** max(-1022, math.frexp(self.farthest)[1] - 1)


def fit_caps(parameters: dict[str, Any], rows: Rows) -> tuple[float, list[Caps]]:
    """Return the fold, by default that of the method, and the caps of the columns.

    `parameters` are values of CAPPING_PARAMETERS. Missing values are left out. A column that has no
    value, or varies too little for the method, has no caps: it is left out unless it was named.
    Takes two passes over the columns, three for mad.

    Raises:
        ColumnNotFound: a named column does not exist.
        InvalidParameter: the fold is not above 0, or too large for quantiles; or a column does not
            hold numbers.
        NothingToFit: a named column has no caps, or no column has.
    """
    names, capping_method = parameters["columns"], parameters["capping_method"]
    fold, tail = parameters["fold"], parameters["tail"]
    if fold is None:
        fold = DEFAULT_FOLDS[capping_method]
    if fold <= 0:
        raise InvalidParameter("fold", "must be more than 0")
    if capping_method == "quantiles" and fold > LARGEST_QUANTILE:
        raise InvalidParameter("fold", f"must be at most {LARGEST_QUANTILE} for quantiles")
    fold = float(fold)
    columns = number_columns(rows, names)
    varied = [extent for extent in _extents(rows, columns) if extent.least < extent.largest]
    caps: dict[str, Caps] = {}
    for extent, (low, high, variation) in zip(
        varied, _scaled_caps(rows, varied, capping_method, fold), strict=True
    ):
        if variation > 0:
            low, high = low * extent.scale, high * extent.scale
            caps[extent.column.key] = Caps(
                column=extent.column,
                low=low if tail != "right" and math.isfinite(low) else None,
                high=high if tail != "left" and math.isfinite(high) else None,
                farthest=extent.farthest,
            )
    without = [column for column in columns if column.key not in caps]
    if without and (names or not caps):
        raise NothingToFit(
            f'Column "{without[0].name}" has no value, or varies too little, for {capping_method}',
            details={"column": without[0].name, "capping_method": capping_method},
        )
    return fold, list(caps.values())


def _extents(rows: Rows, columns: Sequence[Column]) -> list[_Extent]:
    """Return the extent of each column that has a value."""
    measured = _measure(
        rows,
        [_Extent(column, 1.0, 1.0) for column in columns],
        lambda at, value: [sql("min({v})", v=value), sql("max({v})", v=value)],
    )
    return [
        _Extent(column, least, largest)
        for column, (least, largest) in zip(columns, measured, strict=True)
        if least is not None
    ]


def _scaled_caps(
    rows: Rows, extents: Sequence[_Extent], capping_method: str, fold: float
) -> Iterator[tuple[float, float, float]]:
    """Yield the low cap, the high cap and the variation of each column, all in its scale."""
    if capping_method == "gaussian":
        for mean, deviation in _measure(
            rows,
            extents,
            lambda at, value: [sql("avg({v})", v=value), sql("stddev_pop({v})", v=value)],
        ):
            yield mean - fold * deviation, mean + fold * deviation, deviation
    elif capping_method == "mad":
        medians = [median for [[median]] in _measure(rows, extents, _quantiles([0.5]))]
        distances = _measure(
            rows,
            extents,
            lambda at, value: _quantiles([0.5])(
                at, sql("abs({v} - CAST({median} AS float8))", v=value, median=bound(medians[at]))
            ),
        )
        for median, [[distance]] in zip(medians, distances, strict=True):
            deviation = distance / _MAD_OF_NORMAL
            yield median - fold * deviation, median + fold * deviation, deviation
    else:
        is_iqr = capping_method == "iqr"
        shares = [0.25, 0.75] if is_iqr else [fold, 1 - fold]
        for [[low, high]] in _measure(rows, extents, _quantiles(shares)):
            beyond = fold * (high - low) if is_iqr else 0.0
            yield low - beyond, high + beyond, high - low


def _quantiles(shares: list[float]) -> _Aggregates:
    return lambda at, value: [
        sql(
            "percentile_cont(CAST({shares} AS float8[])) WITHIN GROUP (ORDER BY {v})",
            shares=bound(shares),
            v=value,
        )
    ]


def _measure(
    rows: Rows, extents: Sequence[_Extent], aggregates: _Aggregates
) -> Iterator[Sequence[Any]]:
    """Yield the aggregates of each column's values in its scale; one pass over every 300."""

    def scaled_aggregates(at: int, cell: Sql) -> Sequence[Sql]:
        value = sql("CAST({cell} AS float8)", cell=cell)
        if (scale := extents[at].scale) != 1.0:
            value = sql("({v} / CAST({scale} AS float8))", v=value, scale=bound(scale))
        return aggregates(at, value)

    columns = [extent.column for extent in extents]
    return measure_columns(rows, columns, scaled_aggregates, columns_per_pass=_COLUMNS_PER_PASS)


CAPPING_PARAMETERS = (
    NUMBER_COLUMNS,
    Parameter(
        "capping_method",
        Choice(CAPPING_METHODS),
        "Where the bounds lie: fold times the interquartile range beyond the "
        "quartiles; fold standard deviations (gaussian) or fold normalised median absolute "
        "deviations (mad) from the middle; or at the quantiles fold and 1 - fold.",
        default="iqr",
    ),
    Parameter(
        "fold",
        Number(minimum=0.0, maximum=1000.0),
        "How far out: 1.5 by default; for quantiles a share of at most 0.2, 0.05 by default.",
    ),
    Parameter(
        "tail", Choice(TAILS), "Which outliers: large ones, small ones, or both.", default="right"
    ),
)
