"""What some functions of the database do to a cell, done to a whole column in this process.

Each does to the last bit what the function of the migrations does that it is named after, or what
its template in SQL says. Property tests hold them together. Floats are numpy arrays in which NaN
stands for a missing value, as no column holds one; what comes of a missing value is missing.
"""

from __future__ import annotations

import bisect
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from data_tools.column_blocks.packing import with_sorted_dictionary
from data_tools.columns import LARGEST_EXACT_INTEGER
from data_tools.figures.cells import iso_texts

Doubles = NDArray[np.float64]

_LARGEST = 1.797693134862315e308
_SMALLEST = 5e-324
_FAR_FROM_LARGEST = 8e307
_LEAST_USUAL, _LARGEST_USUAL = 1e-150, 1e150


def on_floats(function: Callable[..., Doubles]) -> Callable[..., pa.Array]:
    """Return a function of columns of floats as one of Arrow arrays."""

    def on_arrays(*columns: pa.Array) -> pa.Array:
        cells = (column.to_numpy(zero_copy_only=False) for column in columns)
        with np.errstate(all="ignore"):
            return pa.array(function(*cells) + 0.0, from_pandas=True)  # no negative zero

    return on_arrays


def add(a: Doubles, b: Doubles | float) -> Doubles:
    fits = (np.abs(a) < _FAR_FROM_LARGEST) & (np.abs(b) < _FAR_FROM_LARGEST)
    fits |= ((a < 0) != (b < 0)) | (np.abs(a) <= _LARGEST - np.abs(b))
    return np.where(fits, a + b, np.nan)


def subtract(a: Doubles, b: Doubles | float) -> Doubles:
    return add(a, -b)


def multiply(a: Doubles, b: Doubles | float) -> Doubles:
    product, far_a, far_b = a * b, np.abs(a), np.abs(b)
    is_done = _is_usual(far_a) & _is_usual(far_b) | np.isnan(product)
    if is_done.all():
        return product
    is_too_large = (far_a > 1) & (far_b > _LARGEST / far_a)
    is_too_small = (far_a <= 1) & (far_b < 1) & (far_b < _SMALLEST / far_a)
    unusual = np.where(is_too_large, np.nan, np.where(is_too_small, 0.0, product))
    unusual = np.where((a == 0) | (b == 0), 0.0, unusual)
    return np.where(is_done, product, unusual)


def divide(a: Doubles, b: Doubles | float) -> Doubles:
    quotient, far_a, far_b = a / b, np.abs(a), np.abs(b)
    is_done = _is_usual(far_a) & _is_usual(far_b) | np.isnan(quotient)
    if is_done.all():
        return quotient
    is_too_large = (far_b < 1) & (far_a > _LARGEST * far_b)
    is_too_small = (far_b >= 1) & (far_a < _SMALLEST * far_b)
    unusual = np.where(is_too_large, np.nan, np.where(is_too_small, 0.0, quotient))
    unusual = np.where(b == 0, np.nan, np.where(a == 0, 0.0, unusual))
    return np.where(is_done, quotient, unusual)


def clip(values: pa.Array, low: float | int | None, high: float | int | None) -> pa.Array:
    if high is not None:
        values = pc.min_element_wise(values, _as_held(high, values.type), skip_nulls=False)
    if low is not None:
        values = pc.max_element_wise(values, _as_held(low, values.type), skip_nulls=False)
    return values


def integer_to_float(values: pa.Array) -> pa.Array:
    fits = pc.and_(
        pc.greater_equal(values, -LARGEST_EXACT_INTEGER),
        pc.less_equal(values, LARGEST_EXACT_INTEGER),
    )
    return pc.if_else(fits, values, None).cast(pa.float64())


def times_to_text(values: pa.Array) -> pa.DictionaryArray:
    """Write dates or times as they are stored; the order of such texts is that of time."""
    encoded = with_sorted_dictionary(values.dictionary_encode())
    return pa.DictionaryArray.from_arrays(encoded.indices, iso_texts(encoded.dictionary))


def fill_missing(values: pa.Array, value: Any) -> pa.Array | None:
    """Put a value, as a cell holds it, in the place of missing ones; None of dates and times."""
    if not values.null_count:
        return values
    if pa.types.is_dictionary(values.type):
        texts = values.dictionary.to_pylist()
        at = bisect.bisect_left(texts, value)
        if texts[at : at + 1] == [value]:
            return pa.DictionaryArray.from_arrays(values.indices.fill_null(at), values.dictionary)
        moved = pc.if_else(pc.less(values.indices, at), values.indices, pc.add(values.indices, 1))
        texts.insert(at, value)
        return pa.DictionaryArray.from_arrays(
            moved.fill_null(at).cast(values.indices.type), pa.array(texts, values.dictionary.type)
        )
    if pa.types.is_temporal(values.type):
        return None
    return values.fill_null(_as_held(value, values.type))


def codes_of(codes: dict[str, int]) -> Callable[[pa.Array], pa.Array]:
    """Return a function of a column of texts that gives the integer of each, null without one."""

    def on_array(texts: pa.DictionaryArray) -> pa.Array:
        of_each = [codes.get(text) for text in texts.dictionary.to_pylist()]
        return pa.array(of_each, pa.int64()).take(texts.indices)

    return on_array


def is_text(text: str) -> Callable[[pa.Array], pa.Array]:
    """Return a function of a column of texts that gives 1 for this text and 0 for any other."""

    def on_array(texts: pa.DictionaryArray) -> pa.Array:
        code = texts.dictionary.index(text).as_py()  # -1 if it is not there, which no text has
        return pc.equal(texts.indices, code).cast(pa.int64())

    return on_array


def by_thresholds(
    thresholds: Sequence[int | float], results: Sequence[int | str], *, from_above: bool = False
) -> Callable[[pa.Array], pa.Array]:
    """Return a function of a column of numbers that gives the result between two thresholds.

    A number at a threshold is above it, and null comes of one below all. With `from_above` numbers
    are negated first, and results are counted from the last threshold.
    """

    def on_array(values: pa.Array) -> pa.Array:
        is_missing = values.is_null().to_numpy(zero_copy_only=False)
        numbers = values.fill_null(0).to_numpy()
        places = np.searchsorted(thresholds, -numbers if from_above else numbers, side="right")
        if from_above:
            places = len(thresholds) - places
        is_outside = is_missing | (places < 1) | (places > len(results))
        chosen = pa.array(places - 1, mask=is_outside)
        of_places = pa.array(results)
        if pa.types.is_integer(of_places.type):
            return of_places.take(chosen)
        return with_sorted_dictionary(of_places.dictionary_encode().take(chosen))

    return on_array


def _as_held(value: Any, type_: pa.DataType) -> pa.Scalar:
    """Return a value of a cell as columns of this type hold it, which have no negative zero."""
    return pa.scalar(value + 0.0 if pa.types.is_floating(type_) else value, type_)


def _is_usual(far: Any) -> Any:
    return (far >= _LEAST_USUAL) & (far <= _LARGEST_USUAL)
