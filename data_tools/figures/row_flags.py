"""Which of all rows stay: those with values in some columns, or one of those with the same values.

Columns are read one after another, and none after the answer is certain.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from data_tools.figures.groups import as_numbers
from data_tools.figures.text_ranks import text_ranks

Flags = NDArray[np.bool_]  # one for each row, in row order

_Codes = NDArray[np.int64]

# Numbers below so many times the rows are counted as they are, larger ones by their ranks.
_SPARSE = 4


def complete_rows(
    columns: Iterable[pa.ChunkedArray | None], row_count: int, *, needs_all: bool
) -> Flags | None:
    """Tell which rows have a value in all of the columns, or else in any of them.

    None if a column is None before the answer is certain.
    """
    # What is told of a row before the first column, and may change once.
    flags = np.full(row_count, needs_all)
    for values in columns:
        if values is None:
            return None
        first = 0
        for chunk in values.chunks:
            part = flags[first : first + len(chunk)]
            first += len(chunk)
            if needs_all and chunk.null_count:
                part &= chunk.is_valid().to_numpy(zero_copy_only=False)
            elif not needs_all:
                part |= chunk.is_valid().to_numpy(zero_copy_only=False)
        if not flags.any() if needs_all else flags.all():
            break
    return flags


def distinct_rows(
    columns: Iterable[pa.ChunkedArray | None], row_count: int, *, keeps_first: bool
) -> Flags | None:
    """Tell which rows are the first, or else the last, of those with the same values in columns.

    A missing value is the same as another, and minus zero as zero. Each chunk of texts has a
    dictionary in order, without a text twice. A row that differs from all others in the first
    columns is not looked at in the next. Takes up to 70 bytes of memory for each row beside a
    column, and what `text_ranks` takes.

    None if a column is None while there are rows that the columns before do not tell apart.

    Raises:
        TookTooLong: the request's time is over.
    """
    is_kept = np.zeros(row_count, np.bool_)
    places, groups, group_count = np.arange(row_count), np.zeros(row_count, np.int64), 1
    for values in columns:
        if values is None:
            return None
        codes, code_count = _codes(values, places)
        del values
        groups *= code_count  # stays far below 2^63: neither count is many times that of the rows
        groups += codes
        del codes
        group_count *= code_count
        if group_count > _SPARSE * len(groups):
            group_count = _rank(groups)
        is_tied = (np.bincount(groups) > 1)[groups]
        is_kept[places[~is_tied]] = True
        places, groups = places[is_tied], groups[is_tied]
        if not len(places):
            break
    chosen = np.full(group_count, -1)
    step = -1 if keeps_first else 1
    chosen[groups[::step]] = places[::step]  # of equal groups the last one stays
    is_kept[chosen[chosen >= 0]] = True
    return is_kept


def _codes(values: pa.ChunkedArray, places: NDArray[np.int64]) -> tuple[_Codes, int]:
    """Return a number from 0 for the value in each of the places, and how many there may be.

    They are equal where the values are. A missing value has one as well.
    """
    if pa.types.is_dictionary(values.type):
        return _codes_of_texts(values, places)
    zero = pa.scalar(False if pa.types.is_boolean(values.type) else 0, values.type)
    codes = np.concatenate([as_numbers(chunk.fill_null(zero)) for chunk in values.chunks])[places]
    if codes.dtype.kind == "f":
        codes += 0.0  # no negative zero
        codes = codes.view(np.int64)
    codes = codes.astype(np.int64, copy=False)
    least, largest = codes.min().item(), codes.max().item()
    if largest - least < _SPARSE * len(codes):
        codes -= least
        missing = largest - least + 1
    else:
        missing = _rank(codes)
    if values.null_count:
        is_missing = [chunk.is_null().to_numpy(zero_copy_only=False) for chunk in values.chunks]
        codes[np.concatenate(is_missing)[places]] = missing
    return codes, missing + 1


def _codes_of_texts(values: pa.ChunkedArray, places: NDArray[np.int64]) -> tuple[_Codes, int]:
    ranks = text_ranks([chunk.dictionary for chunk in values.chunks]).of_dictionaries
    missing = max(of_chunk.max(initial=-1) for of_chunk in ranks) + 1
    codes = [
        np.append(of_chunk, missing)[chunk.indices.fill_null(len(of_chunk)).to_numpy()]
        for of_chunk, chunk in zip(ranks, values.chunks, strict=True)
    ]
    return np.concatenate(codes)[places], int(missing) + 1


def _rank(numbers: NDArray[np.int64]) -> int:
    """Put the rank, from 0, of each number among the distinct ones in its place; return how many.

    Arrow's hashes of them take twice the time, and of millions ten times the memory.
    """
    order = np.argsort(numbers)
    ranks = numbers[order]
    differs = ranks[1:] != ranks[:-1]
    ranks[0] = 0
    np.cumsum(differs, out=ranks[1:])
    numbers[order] = ranks
    return int(ranks[-1]) + 1
