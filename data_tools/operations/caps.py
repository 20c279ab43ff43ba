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
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from data_tools.columns import LARGEST_EXACT_INTEGER, ColumnType
from data_tools.operations.exact_statistics import (
    measure_median_distances,
    measure_moments,
    measure_quantiles,
)
from data_tools.operations.exceptions import InvalidParameter, NothingToFit
from data_tools.operations.extents import Extent, measure_extents
from data_tools.operations.number_fitting import (
    NUMBER_COLUMNS,
    number_columns,
)
from data_tools.operations.number_parameters import Number
from data_tools.operations.parameters import Choice, Parameter
from data_tools.operations.row_source import Rows
from data_tools.sql.exact_sums import nearest_double
from session_events.events import Column

CAPPING_METHODS = ("iqr", "gaussian", "quantiles", "mad")
TAILS = ("right", "left", "both")
DEFAULT_FOLDS = {"iqr": 1.5, "gaussian": 1.5, "quantiles": 0.05, "mad": 1.5}
LARGEST_QUANTILE = 0.2
_MAD_OF_NORMAL = Fraction(67449, 100_000)


@dataclass(frozen=True, slots=True, kw_only=True)
class Caps:
    """The least and the largest value of a column that is no outlier; None for no cap.

    `farthest` is the largest distance of any value from 0.
    """

    column: Column
    low: Fraction | None
    high: Fraction | None
    farthest: float | int

    @property
    def has_integers_beyond_doubles(self) -> bool:
        """Whether the column holds integers where doubles have gaps."""
        return self.column.type == ColumnType.INTEGER and self.farthest > LARGEST_EXACT_INTEGER


def fit_caps(parameters: dict[str, Any], rows: Rows) -> tuple[float, list[Caps]]:
    """Return the fold, by default that of the method, and the caps of the columns.

    `parameters` are values of CAPPING_PARAMETERS. Missing values are left out. A column that has no
    value, or varies too little for the method, has no caps: it is left out unless it was named.
    Takes two passes over the columns, three for mad and for gaussian caps of floats.

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
    varied = [each for each in measure_extents(rows, columns) if each.least < each.largest]
    caps: dict[str, Caps] = {}
    for extent, (low, high, variation) in zip(
        varied, _exact_caps(rows, varied, capping_method, Fraction(str(fold))), strict=True
    ):
        if variation > 0:
            caps[extent.column.key] = Caps(
                column=extent.column,
                low=low if tail != "right" and _is_double(low) else None,
                high=high if tail != "left" and _is_double(high) else None,
                farthest=extent.farthest,
            )
    without = [column for column in columns if column.key not in caps]
    if without and (names or not caps):
        raise NothingToFit(
            f'Column "{without[0].name}" has no value, or varies too little, to find its outliers',
            details={"column": without[0].name, "capping_method": capping_method},
        )
    return fold, list(caps.values())


def _is_double(cap: Fraction) -> bool:
    return math.isfinite(nearest_double(cap))


def _exact_caps(
    rows: Rows, extents: Sequence[Extent], capping_method: str, fold: Fraction
) -> Iterator[tuple[Fraction, Fraction, Fraction]]:
    """Yield the low cap, the high cap and the variation of each column."""
    if capping_method == "gaussian":
        for moments in measure_moments(rows, extents):
            deviation = moments.deviation
            yield moments.mean - fold * deviation, moments.mean + fold * deviation, deviation
    elif capping_method == "mad":
        medians = [median for [median] in measure_quantiles(rows, extents, [Fraction(1, 2)])]
        distances = measure_median_distances(rows, extents, medians)
        for median, distance in zip(medians, distances, strict=True):
            deviation = distance / _MAD_OF_NORMAL
            yield median - fold * deviation, median + fold * deviation, deviation
    else:
        is_iqr = capping_method == "iqr"
        shares = [Fraction(1, 4), Fraction(3, 4)] if is_iqr else [fold, 1 - fold]
        for low, high in measure_quantiles(rows, extents, shares):
            beyond = fold * (high - low) if is_iqr else Fraction(0)
            yield low - beyond, high + beyond, high - low


CAPPING_PARAMETERS = (
    NUMBER_COLUMNS,
    Parameter(
        "capping_method",
        Choice(CAPPING_METHODS),
        "Where the bounds lie: fold times the interquartile range beyond the "
        "quartiles; fold standard deviations (gaussian) or fold normalised median absolute "
        "deviations (mad) from the middle; or at the quantiles fold and 1 - fold.",
        default="iqr",
        title="How to find the bounds",
    ),
    Parameter(
        "fold",
        Number(minimum=0.0, maximum=1000.0),
        "How far out: 1.5 by default; for quantiles a share of at most 0.2, 0.05 by default.",
        title="How far out",
    ),
    Parameter(
        "tail",
        Choice(TAILS),
        "Which outliers: large ones, small ones, or both.",
        default="right",
        title="Which outliers",
    ),
)
