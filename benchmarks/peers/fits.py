"""Operations that learn from a column, by pandas: read the file, learn, change, show 100 rows."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pandas as pd

from benchmarks.peers.selected_pages import as_json

Change = Callable[[pd.DataFrame], pd.DataFrame]
_SHOWN_ROWS = 100


def changed_page(path: Path, change: Change) -> bytes:
    """Return the first rows after a change, as the existing back end makes them.

    It writes the whole frame back as well, which is left out, in its favour.
    """
    frame = change(pd.read_parquet(path))
    return as_json(frame.iloc[:_SHOWN_ROWS].to_dict("records"))


def filled(column: str, learned: str) -> Change:
    """Fill a column's gaps with its `mean`, `median` or `mode`."""

    def change(frame: pd.DataFrame) -> pd.DataFrame:
        values = frame[column]
        value = values.mode().iloc[0] if learned == "mode" else getattr(values, learned)()
        frame[column] = values.fillna(value)
        return frame

    return change


def standardised(column: str) -> Change:
    def change(frame: pd.DataFrame) -> pd.DataFrame:
        values = frame[column]
        frame[column] = (values - values.mean()) / values.std(ddof=0)
        return frame

    return change


def scaled_by_quartiles(column: str) -> Change:
    def change(frame: pd.DataFrame) -> pd.DataFrame:
        low, middle, high = frame[column].quantile([0.25, 0.5, 0.75])
        frame[column] = (frame[column] - middle) / (high - low)
        return frame

    return change


def capped(column: str) -> Change:
    """Cap values that are farther from the quartiles than 1.5 times what lies between them."""

    def change(frame: pd.DataFrame) -> pd.DataFrame:
        low, high = frame[column].quantile([0.25, 0.75])
        reach = 1.5 * (high - low)
        frame[column] = frame[column].clip(low - reach, high + reach)
        return frame

    return change


def one_hot(column: str) -> Change:
    return lambda frame: pd.get_dummies(frame, columns=[column], dtype="int64")


def binned(column: str, bins: int) -> Change:
    """Add a column with the interval of each value, each interval with as many values."""

    def change(frame: pd.DataFrame) -> pd.DataFrame:
        frame[f"{column}_bin"] = pd.qcut(frame[column], bins).astype(str)
        return frame

    return change
