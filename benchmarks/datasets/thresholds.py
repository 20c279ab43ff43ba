"""Numbers to filter by, taken from the column itself."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq

_MOST_CUT_OFF = 0.98
_GOLDEN_RATIO = 0.618034


@dataclass(frozen=True, slots=True)
class Thresholds:
    """The numbers of a column in order, of which some are filtered by."""

    column: str
    ordered: np.ndarray

    @classmethod
    def of(cls, path: Path, column: str) -> Thresholds:
        """Read the column of a Parquet file."""
        values = pq.read_table(path, columns=[column])[column].drop_null()
        return cls(column, np.sort(values.to_numpy().astype(float)))

    def __iter__(self) -> Iterator[float]:
        """Yield different numbers, which cut off shares that soon lie evenly between 0 and 98 %.

        The first cuts off about half.
        """
        for turn in itertools.count():
            share = (0.5 + turn * _GOLDEN_RATIO) % 1
            place = int(share * _MOST_CUT_OFF * len(self.ordered))
            yield round(float(self.ordered[place]), 3) + (1 + turn) / 1e7
