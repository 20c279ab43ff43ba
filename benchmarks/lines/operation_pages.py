"""W2: the page of W1 after a single operation, for every kind that makes a page cost more."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

from benchmarks.client import Client
from benchmarks.datasets import tables
from benchmarks.lines.pages import PAGE_ROWS
from benchmarks.measuring import Effort, Work, medians_ms
from benchmarks.results import Comparison, Finding, within
from data_tools.models import DataSource

LINE = "W2"
_SLOWEST_AFTER_ONE = 2.0
_GAPPY = ["dep_time", "dep_delay", "arr_time", "arr_delay", "air_time"]
_DELAYS = ["dep_delay", "arr_delay"]
_REQUESTS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("fill_missing_values", {"columns": _GAPPY, "strategy": "forward_fill"}),
    ("missing_data_imputation_mean", {"columns": _GAPPY}),
    ("feature_encoding_ordinal", {}),
    ("feature_encoding_onehot", {"columns": ["dest"]}),
    ("feature_scaling_standard", {}),
    ("outlier_treatment_winsorize", {"columns": _DELAYS, "tail": "both"}),
    ("feature_engineering_math_std", {"columns": ["dep_delay", "distance", "air_time"]}),
    ("feature_engineering_relative_mul", {"columns": _DELAYS, "reference_columns": ["hour"]}),
    ("change_column_type", {"column_name": "distance", "new_type": "text"}),
    ("split_column", {"column": "tailnum", "separator": "1", "maximum_parts": 5}),
    ("extract_date_parts", {"column": "time_hour", "parts": ["year", "month", "weekday", "hour"]}),
    ("bin_column", {"column": "distance", "bins": 10}),
    ("find_and_replace", {"columns": ["dest", "tailnum"], "find": "A", "replace_with": "a"}),
    ("outlier_treatment_trim", {"columns": _DELAYS, "tail": "both"}),
    ("drop_missing_rows", {}),
    ("drop_duplicate_rows", {"columns": ["tailnum", "dest", "dep_delay"]}),
    ("filter_rows", {"filter": [{"column": "dep_delay", "op": "gte", "value": 5}]}),
)


def run(client: Client, effort: Effort) -> Iterator[Finding]:
    """Compare a page after each operation with one of the same session without it."""
    flights = tables.real_flights()
    client.open_anew(flights.pk)
    share = effort.share(len(_REQUESTS))
    for request in _REQUESTS:
        yield _compared(client, flights, share, *request)


def _compared(
    client: Client, flights: DataSource, effort: Effort, operation: str, parameters: dict[str, Any]
) -> Comparison:
    """The operation is undone for each turn without it, and at the end."""
    body = {"operation": operation, "parameters": parameters}
    answer = client.post(flights.pk, "operations/", body)
    pages = answer["session_info"]["current_shape"][0] // PAGE_ROWS
    choice = random.Random(pages)

    def page() -> bytes:
        return client.page(flights.pk, choice.randint(1, pages), page_size=PAGE_ROWS)

    def then_page(endpoint: str) -> None:
        """Read a page first, so that no measured page is the first after a change."""
        client.post(flights.pk, endpoint)
        page()

    def undo() -> None:
        then_page("session/undo/")

    def redo() -> None:
        then_page("session/redo/")

    works = {"after": Work(page), "without": Work(page, enter=undo, leave=redo)}
    ms = medians_ms(works, effort)
    undo()
    return within(
        LINE,
        f"page, {tables.label(flights)}, after {operation}",
        ms["after"],
        "without it",
        ms["without"],
        at_most=_SLOWEST_AFTER_ONE,
    )
