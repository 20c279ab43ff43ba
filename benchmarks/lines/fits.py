"""W6: apply an operation that learns something from a column, the whole request in process."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from benchmarks.client import Client
from benchmarks.datasets import tables
from benchmarks.datasets.files import parquet_of
from benchmarks.derived import forget_figures
from benchmarks.lines.pages import PANDAS
from benchmarks.measuring import Effort, Work, medians_ms
from benchmarks.peers import fits, packed_column
from benchmarks.results import Finding, faster, within
from data_tools.models import DataSource

LINE = "W6"
LEAST_ROWS, MOST_ROWS = 100_000, 1_000_000
_FASTER = {MOST_ROWS: 3.0}
_SLOWEST_BESIDE_A_PASS = 1.0
_A_PASS = "one pass over a packed column, and a rename"
_RENAME = {"old_name": "integer_1", "new_name": "renamed"}
_FILL = "session/fill-missing-values/"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fit:
    """An operation, the same by pandas, and the one pass over the column that teaches it."""

    name: str
    endpoint: str
    body: dict[str, Any] = field(default_factory=dict)
    column: str = "float_1"
    by_pandas: fits.Change
    learn: Callable[[np.ndarray], object]

    @property
    def packed_as(self) -> type[np.generic]:
        return np.float64 if self.column.startswith("float") else np.int32


def _fill(strategy: str, column: str, learn: Callable[[np.ndarray], object]) -> Fit:
    return Fit(
        name=f"fill by {strategy}",
        endpoint=_FILL,
        body={"columns": [column], "strategy": strategy},
        column=column,
        by_pandas=fits.filled(column, strategy),
        learn=learn,
    )


def _counts(codes: np.ndarray) -> np.ndarray:
    return np.bincount(codes[codes >= 0])


def _quartiles(values: np.ndarray) -> object:
    return np.nanquantile(values, [0.25, 0.5, 0.75])


FITS = (
    _fill("median", "float_1", np.nanmedian),
    _fill("mean", "float_1", np.nanmean),
    _fill("mode", "few_1", _counts),
    Fit(
        name="standard scaling",
        endpoint="transform/scaling/",
        body={"method": "standard", "columns": ["float_1"]},
        by_pandas=fits.standardised("float_1"),
        learn=lambda values: (np.nanmean(values), np.nanstd(values)),
    ),
    Fit(
        name="robust scaling",
        endpoint="transform/scaling/",
        body={"method": "robust", "columns": ["float_1"]},
        by_pandas=fits.scaled_by_quartiles("float_1"),
        learn=_quartiles,
    ),
    Fit(
        name="caps",
        endpoint="transform/outliers/",
        body={
            "method": "winsorize",
            "columns": ["float_1"],
            "capping_method": "iqr",
            "tail": "both",
            "fold": 1.5,
        },
        by_pandas=fits.capped("float_1"),
        learn=_quartiles,
    ),
    Fit(
        name="one-hot",
        endpoint="transform/encoding/",
        body={"method": "onehot", "columns": ["few_3"]},
        column="few_3",
        by_pandas=fits.one_hot("few_3"),
        learn=_counts,
    ),
    Fit(
        name="bins of equal count",
        endpoint="operations/",
        body={
            "operation": "bin_column",
            "parameters": {"column": "float_1", "method": "quantile", "bins": 10},
        },
        by_pandas=fits.binned("float_1", 10),
        learn=lambda values: np.nanquantile(values, np.linspace(0, 1, 11)),
    ),
)


def run(client: Client, effort: Effort, *, row_counts: list[int]) -> Iterator[Finding]:
    """Compare each operation with pandas, and with one pass over the column it learns from."""
    sizes = [count for count in row_counts if LEAST_ROWS <= count <= MOST_ROWS]
    for row_count in sizes:
        share = effort.share(sum(sizes) / row_count)
        yield from _of(client, tables.synthetic(row_count), share)
    packed_column.forget_all()


def _of(client: Client, dataset: DataSource, effort: Effort) -> Iterator[Finding]:
    client.open_anew(dataset.pk)
    path = parquet_of(dataset)
    packed = {column: packed_column.pack(path, column) for column in {each.column for each in FITS}}
    for fit in FITS:
        ms = medians_ms(
            {
                "ours": _applied(client, dataset, fit.endpoint, fit.body),
                "rename": _applied(client, dataset, "session/rename-column/", _RENAME),
                PANDAS: Work(lambda fit=fit: fits.changed_page(path, fit.by_pandas)),
                "pass": Work(lambda fit=fit: _learned(fit, packed[fit.column])),
            },
            effort.share(len(FITS)),
        )
        work = f"{fit.name}, {tables.label(dataset)}"
        at_least = _FASTER.get(dataset.row_count)
        yield faster(LINE, work, ms["ours"], PANDAS, ms[PANDAS], at_least=at_least)
        yield within(
            LINE,
            work,
            ms["ours"],
            _A_PASS,
            ms["pass"] + ms["rename"],
            at_most=_SLOWEST_BESIDE_A_PASS if at_least else None,
        )


def _learned(fit: Fit, column_id: uuid.UUID) -> object:
    return fit.learn(packed_column.read(column_id, fit.packed_as))


def _applied(client: Client, dataset: DataSource, endpoint: str, body: dict[str, Any]) -> Work:
    """Return a work that applies an operation, which is undone after each time."""
    is_applied = False

    def forget() -> None:
        nonlocal is_applied
        is_applied = False
        forget_figures(dataset.pk)

    def apply() -> None:
        nonlocal is_applied
        client.post(dataset.pk, endpoint, body)
        is_applied = True

    def undo() -> None:
        if is_applied:
            client.post(dataset.pk, "session/undo/")

    return Work(apply, before=forget, after=undo)
