"""Integers beyond 2^53, where doubles have gaps, are computed with exactly or refused by name."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest

from data_tools.exceptions import RequestRejected
from data_tools.filtering import SortSpec
from data_tools.operations.catalogue import require_operation
from data_tools.rows.session_rows import SessionRows
from tests.support.exact_figures import deviation_of, mean_of, quantile_of
from tests.support.reference_rows import Table
from tests.support.stored_rows import all_rows, stored

pytestmark = pytest.mark.django_db

BEYOND = 2**53
CELLS = [BEYOND, BEYOND + 1, BEYOND + 2, BEYOND + 3, None, 2**63 - 1, -(2**63)]


def rows_of(cells: list[Any], column_type: str = "integer") -> SessionRows:
    return stored(Table(["x"], [column_type], [[cell] for cell in cells]))


def after(rows: SessionRows, operation: str, **parameters: Any) -> SessionRows:
    return rows.after(rows.prepare(operation, parameters))


def last_column(rows: SessionRows) -> list[Any]:
    return [row[-1] for row in all_rows(rows)]


def bins(
    cells: list[Any], edges: list[Any], column_type: str = "integer", **more: Any
) -> list[Any]:
    parameters = {"labels": "number", **more}
    return last_column(
        after(
            rows_of(cells, column_type), "bin_column", column="x", method="edges", edges=edges,
            **parameters,
        )
    )  # fmt: skip


@pytest.mark.parametrize(
    ("edges", "expected"),
    [
        ([BEYOND, BEYOND + 1, BEYOND + 3], [1, 1, 2, 2, None, None, None]),
        ([BEYOND + 1, BEYOND + 2, 2**63 - 1], [None, 1, 1, 2, None, 2, None]),
        ([-(2**63), 0, BEYOND + 1, 2**64], [2, 2, 3, 3, None, 3, 1]),
        ([-1e30, BEYOND + 2, 1e30], [1, 1, 1, 2, None, 2, 1]),
        ([0.5, 1e16], [1, 1, 1, 1, None, None, None]),
        ([-1e25, -1e24], [None] * 7),
        ([1e24, 1e25], [None] * 7),
    ],
)
def test_integers_fall_into_the_bins_that_exact_edges_say(
    edges: list[Any], expected: list[Any]
) -> None:
    assert bins(CELLS, edges) == expected


def test_edges_of_integers_may_lie_between_them() -> None:
    cells = [0, 1, 2, 3, 4, 5]

    assert bins(cells, [0.5, 0.7, 2, 3.5]) == [None, 2, 2, 3, None, None]
    assert bins(cells, [0, 2, 5]) == [1, 1, 1, 2, 2, 2]


def test_bins_of_large_edges_are_named_with_all_their_digits() -> None:
    names = bins([BEYOND + 1], [BEYOND, BEYOND + 1, BEYOND + 3], labels="interval")

    assert names == ["[9007199254740992, 9007199254740993]"]


def test_floats_fall_into_the_bins_that_integer_edges_between_doubles_say() -> None:
    cells = [2.0**53, 2.0**53 + 2, 2.0**53 + 4]

    assert bins(cells, [BEYOND + 1, BEYOND + 3, BEYOND + 5], "float") == [None, 1, 2]


def test_bins_in_older_events_leave_integers_beyond_doubles_out_as_before() -> None:
    rows = after(
        rows_of(CELLS), "bin_column", column="x", method="edges", edges=[0, 1e16], labels="number"
    )
    [operation] = rows.operations
    [(key, fitted)] = operation.fitted["columns"].items()
    former = {name: value for name, value in fitted.items() if name != "first_integers"}

    old = replace(rows, operations=(replace(operation, fitted={"columns": {key: former}}),))

    assert last_column(old) == [1, None, None, None, None, None, None]


@pytest.mark.parametrize(
    ("op", "value", "expected"),
    [
        ("eq", BEYOND + 1, [BEYOND + 1]),
        ("gt", BEYOND + 2, [BEYOND + 3, 2**63 - 1]),
        ("gte", float(BEYOND + 2), [BEYOND + 2, BEYOND + 3, 2**63 - 1]),
        ("between", [BEYOND + 1, BEYOND + 2], [BEYOND + 1, BEYOND + 2]),
        ("in", [BEYOND + 1, 2**63 - 1], [BEYOND + 1, 2**63 - 1]),
        ("lt", -(2.0**63) + 2048, [-(2**63)]),
    ],
)
def test_filters_tell_neighbours_apart(op: str, value: Any, expected: list[int]) -> None:
    row_filter = [{"column": "x", "op": op, "value": value}]

    assert last_column(after(rows_of(CELLS), "filter_rows", filter=row_filter)) == expected


def test_orders_and_replacements_tell_neighbours_apart() -> None:
    values = sorted(cell for cell in CELLS if cell is not None)
    rows = rows_of(CELLS)

    replaced = after(
        rows, "find_and_replace", columns=["x"], find=BEYOND + 1, replace_with=7, match="cell"
    )

    ordered = all_rows(rows, sort=SortSpec(column_name="x", descending=False))
    assert [row[0] for row in ordered if row[0] is not None] == values
    assert last_column(replaced) == [7 if cell == BEYOND + 1 else cell for cell in CELLS]


def test_sums_of_integers_stay_integers() -> None:
    rows = rows_of([BEYOND + 1, BEYOND + 3])

    added = after(rows, "calculate_column", left_column="x", operator="add", value=2, new_name="y")

    assert last_column(added) == [BEYOND + 3, BEYOND + 5]


@pytest.mark.parametrize(
    ("cells", "strategy", "value"),
    [
        ([2**62 + 1, 2**62 + 3, None], "mean", 2**62 + 2),
        ([2**62 + 1, 2**62 + 3, 2**62 + 5, None], "median", 2**62 + 3),
        ([2**63 - 1, 2**63 - 1, None], "mean", 2**63 - 1),
        ([2**62 + 1, 2**62 + 1, 5, None], "mode", 2**62 + 1),
    ],
)
def test_whole_statistics_fill_gaps_exactly(cells: list[Any], strategy: str, value: int) -> None:
    filled = after(rows_of(cells), "fill_missing_values", columns=["x"], strategy=strategy)

    assert last_column(filled)[-1] == value


@pytest.mark.parametrize(
    ("operation", "parameters"),
    [
        ("fill_missing_values", {"columns": ["x"], "strategy": "mean"}),
        ("feature_scaling_standard", {}),
        ("feature_scaling_minmax", {}),
        ("bin_column", {"column": "x", "method": "quantile"}),
        ("outlier_treatment_winsorize", {"columns": ["x"], "capping_method": "gaussian"}),
        (
            "calculate_column",
            {"left_column": "x", "operator": "divide", "value": 2, "new_name": "y"},
        ),
        ("change_column_type", {"column_name": "x", "new_type": "float"}),
    ],
)
def test_what_needs_floats_is_refused_and_changes_nothing(
    operation: str, parameters: dict[str, Any]
) -> None:
    rows = rows_of([BEYOND + 1, BEYOND + 4, 7, None])

    with pytest.raises(RequestRejected, match=r"\"[xy]\""):
        rows.prepare(operation, parameters)


# Outliers


@pytest.mark.parametrize("method", ["iqr", "gaussian", "quantiles", "mad"])
def test_integers_beyond_doubles_are_trimmed_exactly(method: str) -> None:
    cells = [2**60 + at for at in (0, 1, 2, 3, 4, 5, 6, 60, -70)]
    first, third = Fraction(1, 4), Fraction(3, 4)
    caps = {
        "iqr": lambda: _around(quantile_of(cells, first), quantile_of(cells, third)),
        "gaussian": lambda: (
            mean_of(cells) - Fraction(3, 2) * deviation_of(cells),
            mean_of(cells) + Fraction(3, 2) * deviation_of(cells),
        ),
        "quantiles": lambda: (
            quantile_of(cells, Fraction(1, 20)), quantile_of(cells, Fraction(19, 20))
        ),
        "mad": lambda: _median_distances(cells),
    }  # fmt: skip
    low, high = caps[method]()

    rows = rows_of(cells)
    kept = after(rows, "outlier_treatment_trim", capping_method=method, tail="both")

    assert last_column(kept) == [cell for cell in cells if low <= cell <= high]


def test_integers_beyond_doubles_are_capped_with_integers() -> None:
    cells = [2**60 + at for at in (1, 2, 3, 4, 5, 400, -400)]
    rows = rows_of(cells)

    capped = after(rows, "outlier_treatment_winsorize", capping_method="iqr", tail="both")

    low, high = _around(quantile_of(cells, Fraction(1, 4)), quantile_of(cells, Fraction(3, 4)))
    assert (low.denominator, high.denominator) == (1, 1)
    assert last_column(capped) == [min(max(cell, int(low)), int(high)) for cell in cells]
    assert capped.columns[0].type == "integer"


def test_bounds_of_integers_in_older_events_compare_as_doubles() -> None:
    cells = [2**60 + at for at in (0, 1, 2, 300, -300)]
    rows = after(rows_of(cells), "outlier_treatment_trim", capping_method="iqr", tail="both")
    [operation] = rows.operations
    caps = operation.fitted["caps"]["b0"]
    former = {"fold": 1.5, "caps": {"b0": [float(cap) for cap in caps]}}

    kept = rows_of(cells).prepare("outlier_treatment_trim", {"capping_method": "iqr"})

    assert all(type(cap) is int for cap in caps)
    assert last_column(rows) == [2**60 + at for at in (0, 1, 2)]
    query = require_operation("outlier_treatment_trim").query_kept_rows({}, former, rows_of(cells))
    assert "AS float8" in query.text
    assert kept.rows_after == 4


def _around(low: Fraction, high: Fraction) -> tuple[Fraction, Fraction]:
    return low - Fraction(3, 2) * (high - low), high + Fraction(3, 2) * (high - low)


def _median_distances(cells: list[int]) -> tuple[Fraction, Fraction]:
    half = Fraction(1, 2)
    median = quantile_of(cells, half)
    distances = sorted(abs(cell - median) for cell in cells)
    spread = Fraction(3, 2) * distances[len(cells) // 2] / Fraction("0.67449")
    return median - spread, median + spread
