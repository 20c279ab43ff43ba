"""The sizes of the synthetic datasets, and which of them are compared with the smallest."""

from __future__ import annotations

from collections.abc import Sequence

ROW_COUNTS = (10_000, 100_000, 1_000_000, 10_000_000)
QUICK_ROW_COUNTS = (10_000, 100_000)


def beside_smallest(row_counts: Sequence[int]) -> list[int]:
    """Return the largest size, after the largest of a quick run if it is a smaller one.

    So a quick run and a whole one have rows in common.
    """
    smallest, largest, quick = min(row_counts), max(row_counts), max(QUICK_ROW_COUNTS)
    return sorted({largest} | {count for count in row_counts if smallest < count == quick})
