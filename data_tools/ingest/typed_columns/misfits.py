"""How many values from the first on fit a type."""

from __future__ import annotations

from collections.abc import Callable

import pyarrow as pa


def fitting_length(values: pa.Array, fits: Callable[[pa.Array], bool]) -> int:
    """Return the position of the first value that does not fit; the length if all do.

    `fits` tells whether all values of an array do, each of them by itself. It sees few values if
    one of the first does not.
    """
    known, beyond = 0, 1
    while beyond < len(values) and fits(values.slice(known, beyond - known)):
        known, beyond = beyond, 2 * beyond
    if beyond >= len(values):
        beyond = len(values)
        if fits(values.slice(known)):
            return beyond
    while beyond - known > 1:
        middle = (known + beyond) // 2
        if fits(values.slice(known, middle - known)):
            known = middle
        else:
            beyond = middle
    return known
