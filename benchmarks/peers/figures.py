"""Figures of columns by pandas, from the Parquet file."""

from __future__ import annotations

from pathlib import Path

import pandas as pd


def described(path: Path) -> list[object]:
    """Describe every column, and count its different values."""
    frame = pd.read_parquet(path)
    return [frame.describe(include="all"), *(frame[name].value_counts() for name in frame)]


def missing(path: Path) -> object:
    """Count the missing values of each column, and the rows with any."""
    gaps = pd.read_parquet(path).isna()
    return gaps.sum(), gaps.any(axis=1).sum()


def values(path: Path, column: str) -> object:
    """Count the different values of one column."""
    return pd.read_parquet(path)[column].value_counts()
