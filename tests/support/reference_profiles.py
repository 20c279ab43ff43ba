"""The figures of a column, computed exactly in plain Python, to check the database's against.

Shares nothing with the code under test.
"""

from __future__ import annotations

import datetime as dt
import decimal
import math
from collections import Counter
from fractions import Fraction
from typing import Any

PERCENTS = (5, 25, 50, 75, 95)


def figures(column_type: str, cells: list[Any]) -> dict[str, Any]:
    """Return counts and extremes exactly; mean, deviation and quantiles as the nearest doubles."""
    values = [cell for cell in cells if cell is not None]
    ordered = sorted(values, key=place_of(column_type))
    numbers = values if column_type in ("integer", "float", "boolean") else []
    counted = Counter(values)
    by_count = sorted(counted.items(), key=lambda item: (-item[1], item[0]))
    return {
        "values": len(values),
        "missing": len(cells) - len(values),
        "distinct": len(counted),
        "minimum": place_of(column_type)(ordered[0]) if ordered else None,
        "maximum": place_of(column_type)(ordered[-1]) if ordered else None,
        "mean": float(_mean(numbers)) if numbers else None,
        "standard_deviation": _deviation(numbers) if len(numbers) > 1 else None,
        "quantiles": {at: _quantile(sorted(numbers), at) for at in PERCENTS} if numbers else {},
        "most_frequent": by_count[:20],
    }


def place_of(column_type: str) -> Any:
    if column_type != "datetime":
        return lambda value: value
    return lambda value: dt.datetime.fromisoformat(value).replace(tzinfo=None)


def _mean(numbers: list[Any]) -> Fraction:
    return sum(map(Fraction, numbers), Fraction(0)) / len(numbers)


def _deviation(numbers: list[Any]) -> float | None:
    mean = _mean(numbers)
    squares = sum(((Fraction(number) - mean) ** 2 for number in numbers), Fraction(0))
    variance = squares / (len(numbers) - 1)
    # A context whose exponents exceed those of doubles.
    exact = decimal.Context(prec=60, Emax=10**6, Emin=-(10**6))
    over, under = (exact.create_decimal(part) for part in variance.as_integer_ratio())
    deviation = float(exact.divide(exact.sqrt(over), exact.sqrt(under)))
    return deviation if math.isfinite(deviation) else None


def _quantile(ordered: list[Any], percent: int) -> float:
    rank = Fraction((len(ordered) - 1) * percent, 100)
    low, high = ordered[math.floor(rank)], ordered[math.ceil(rank)]
    return float(Fraction(low) + (Fraction(high) - Fraction(low)) * (rank - math.floor(rank)))
