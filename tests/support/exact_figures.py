"""Statistics of doubles in rational arithmetic, and whether a double agrees with them.

Shares nothing with the code under test.
"""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from fractions import Fraction

RELATIVE = Fraction(1, 10**12)
Numbers = Sequence[int | float]


def agrees(found: float | None, exact: Fraction) -> bool:
    """Tell whether `found` is within 1e-12 of the exact value, or no double is nearer to it."""
    if found is None:
        return False
    distance = abs(Fraction(found) - exact)
    return distance <= RELATIVE * abs(exact) or distance <= Fraction(math.ulp(found)) / 2


def mean_of(numbers: Numbers) -> Fraction:
    return sum(map(Fraction, numbers), Fraction(0)) / len(numbers)


def deviation_of(numbers: Numbers, *, beside: int = 0) -> Fraction:
    """Return the root, to 100 digits, of the squares' sum over all numbers but `beside`."""
    mean = mean_of(numbers)
    squares = sum(((Fraction(number) - mean) ** 2 for number in numbers), Fraction(0))
    return _root(squares / (len(numbers) - beside))


def quantile_of(numbers: Numbers, share: Fraction) -> Fraction:
    ordered = sorted(map(Fraction, numbers))
    rank = share * (len(ordered) - 1)
    low, high = ordered[math.floor(rank)], ordered[math.ceil(rank)]
    return low + (high - low) * (rank - math.floor(rank))


def scaled(numbers: Numbers, method: str) -> list[Fraction]:
    low, high = Fraction(min(numbers)), Fraction(max(numbers))
    center, scale = {
        "standard": lambda: (mean_of(numbers), deviation_of(numbers)),
        "minmax": lambda: (low, high - low),
        "maxabs": lambda: (Fraction(0), max(abs(low), abs(high))),
        "robust": lambda: (
            quantile_of(numbers, Fraction(1, 2)),
            quantile_of(numbers, Fraction(3, 4)) - quantile_of(numbers, Fraction(1, 4)),
        ),
    }[method]()
    return [(Fraction(number) - center) / (scale or 1) for number in numbers]


def awkward_columns(count: int, rows: int, *, seed: int) -> list[list[float]]:
    """Return columns far from 0, of huge and tiny numbers, of one value, and of few values."""
    chance = random.Random(seed)

    def column(kind: int) -> list[float]:
        size = 10.0 ** chance.uniform(-150, 150)
        offset = chance.choice((-1, 1)) * 10.0 ** chance.uniform(0, 15)
        spread = 10.0 ** chance.uniform(-3, 3)
        few = [offset + chance.uniform(-spread, spread) for _ in range(3)]
        return [
            lambda: [offset + chance.gauss(0, spread) for _ in range(rows)],
            lambda: [offset + step * spread for step in range(rows)],
            lambda: [chance.gauss(0, 1) * size for _ in range(rows)],
            lambda: [
                chance.choice((-1, 1)) * 10.0 ** chance.uniform(-150, 150) for _ in range(rows)
            ],
            lambda: [chance.choice((0.1, offset, size))] * rows,
            lambda: [chance.choice(few) for _ in range(rows)],
            lambda: [math.nextafter(offset, chance.choice((0.0, offset))) for _ in range(rows)],
            lambda: [size, -size, *(chance.uniform(-1, 1) for _ in range(rows - 2))],
        ][kind % 8]()

    return [column(kind) for kind in range(count)]


def _root(square: Fraction) -> Fraction:
    over, under = square.as_integer_ratio()
    shift = max(0, 700 + under.bit_length() - over.bit_length()) // 2
    return Fraction(math.isqrt((over << 2 * shift) // under), 1 << shift)
