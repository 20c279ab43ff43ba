"""The numbers of a column, for statistics that need not know how often each occurs."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from data_tools.figures.groups import PART_VALUES, present_values

_FEW_RANKS = 8  # which are found quicker than all numbers are put in order
_ONES = np.ones(PART_VALUES, np.int64)


@dataclass(frozen=True)  # without slots: the ends are found once and kept
class Numbers:
    """The numbers that are not missing, in any order, which may change. Takes 8 bytes for each."""

    values: NDArray[Any]

    @classmethod
    def of(cls, column: pa.ChunkedArray) -> Numbers:
        return cls(present_values(column))

    def __len__(self) -> int:
        return len(self.values)

    @functools.cached_property
    def ends(self) -> tuple[Any, Any]:
        """The least and the largest number; there must be one."""
        return self.values.min().item(), self.values.max().item()

    def parts(self) -> Iterator[tuple[NDArray[Any], NDArray[np.int64]]]:
        """Yield some of the numbers, with 1 for each, and then the next."""
        for first in range(0, len(self.values), PART_VALUES):
            part = self.values[first : first + PART_VALUES]
            yield part, _ONES[: len(part)]

    def at(self, ranks: Sequence[int]) -> list[Any]:
        """Return the numbers at these places, from 0, in ascending order."""
        wanted = sorted(set(ranks))
        if len(wanted) > _FEW_RANKS:
            self.values.sort()
        else:
            self.values.partition(wanted)
        found: list[Any] = self.values[list(ranks)].tolist()
        return found
