"""W12: figures of columns, after operations on all of them and after rows were removed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from benchmarks.client import Client
from benchmarks.datasets import tables
from benchmarks.datasets.files import parquet_of
from benchmarks.derived import forget_figures
from benchmarks.lines.pages import PANDAS
from benchmarks.measuring import Effort, Work, medians_ms
from benchmarks.peers import figures
from benchmarks.results import Finding, faster
from data_tools.models import DataSource

LINE = "W12"
LEAST_ROWS, MOST_ROWS = 100_000, 1_000_000
_FASTER = {100_000: 3.0, 1_000_000: 2.0}
_VALUES_OF = "few_3"
_FLOATS = [f"float_{place}" for place in range(1, 13)]
_INTEGERS = [f"integer_{place}" for place in range(1, 4)]

Request = tuple[str, dict[str, Any]]
# Together they change every column; none of them depends on the values of the rows.
ON_ALL_COLUMNS: tuple[Request, ...] = (
    ("transform/imputation/", {"method": "mean", "columns": _FLOATS}),
    ("transform/imputation/", {"method": "constant", "constant_value": 1, "columns": _INTEGERS}),
    (
        "session/fill-missing-values/",
        {"columns": ["few_1", "few_2"], "strategy": "constant", "fill_value": "none"},
    ),
    (
        "operations/",
        {"operation": "change_case", "parameters": {"columns": ["few_3", "many"], "case": "upper"}},
    ),
    ("session/change-column-type/", {"column_name": "moment", "new_type": "text"}),
)
_REMOVED_ROWS: Request = (
    "operations/",
    {
        "operation": "filter_rows",
        "parameters": {"filter": [{"column": "float_5", "op": "gt", "value": 480}]},
    },
)
_ENDPOINTS: dict[str, dict[str, Any]] = {
    "columns/": {},
    "session/column-statistics/": {},
    "nan/analysis/": {},
    "columns/values/": {"column": _VALUES_OF},
}


def run(client: Client, effort: Effort, *, row_counts: list[int]) -> Iterator[Finding]:
    """Compare the first answer of each endpoint with pandas, in three states of the session."""
    sizes = [count for count in row_counts if LEAST_ROWS <= count <= MOST_ROWS]
    for row_count in sizes:
        dataset = tables.synthetic(row_count)
        share = effort.share(3 * sum(sizes) / row_count)
        for state, requests in (
            ("as loaded", ()),
            ("after operations on all columns", ON_ALL_COLUMNS),
            ("after rows were removed", (_REMOVED_ROWS,)),
        ):
            client.open_anew(dataset.pk)
            for endpoint, body in requests:
                client.post(dataset.pk, endpoint, body)
            yield from _of(client, dataset, state, share)


def _of(client: Client, dataset: DataSource, state: str, effort: Effort) -> Iterator[Finding]:
    path = parquet_of(dataset)

    def forget() -> None:
        forget_figures(dataset.pk)

    by_pandas: dict[str, Callable[[], object]] = {
        "columns/": lambda: figures.described(path),
        "session/column-statistics/": lambda: figures.described(path),
        "nan/analysis/": lambda: figures.missing(path),
        "columns/values/": lambda: figures.values(path, _VALUES_OF),
    }
    for endpoint, query in _ENDPOINTS.items():
        ms = medians_ms(
            {
                "ours": Work(
                    lambda endpoint=endpoint, query=query: client.get(dataset.pk, endpoint, query),
                    before=forget,
                ),
                PANDAS: Work(by_pandas[endpoint]),
            },
            effort.share(len(_ENDPOINTS)),
        )
        yield faster(
            LINE,
            f"`{endpoint}` {state}, {tables.label(dataset)}",
            ms["ours"],
            PANDAS,
            ms[PANDAS],
            at_least=_FASTER.get(dataset.row_count),
        )
