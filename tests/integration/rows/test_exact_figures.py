"""Statistics and scaling agree with rational arithmetic, however far from 0 the numbers lie."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data_tools.profiles import measuring
from data_tools.profiles.profile import ColumnProfile
from data_tools.rows.session_rows import SessionRows
from tests.support.exact_figures import (
    agrees,
    awkward_columns,
    deviation_of,
    mean_of,
    quantile_of,
    scaled,
)
from tests.support.examples import examples
from tests.support.reference_rows import Table
from tests.support.stored_rows import all_rows, stored

pytestmark = pytest.mark.django_db

METHODS = ("standard", "minmax", "robust", "maxabs")
FAR = [1e15 + at + 0.5 for at in range(20)]


def rows_of(*columns: list[Any], types: list[str] | None = None) -> SessionRows:
    names = [f"c{at}" for at in range(len(columns))]
    cells = [list(row) for row in zip(*columns, strict=True)]
    return stored(Table(names, types or ["float"] * len(columns), cells))


def profiles(rows: SessionRows) -> list[ColumnProfile]:
    return [found for batch in measuring.measure(rows, rows.columns) for _, found in batch]


def after(rows: SessionRows, operation: str, **parameters: Any) -> SessionRows:
    return rows.after(rows.prepare(operation, parameters))


def column(rows: SessionRows, at: int = 0) -> list[Any]:
    return [row[at] for row in all_rows(rows)]


def fitted(rows: SessionRows) -> dict[str, Any]:
    return rows.operations[-1].fitted["columns"]["b0"]


@pytest.mark.no_cover  # the same lines, very often
def test_statistics_and_scaling_of_two_hundred_columns_agree_with_fractions() -> None:
    columns = awkward_columns(200, 40, seed=9)
    rows = rows_of(*([*cells, None] for cells in columns))

    wrong: list[tuple[str, int, Any]] = []
    for at, (cells, found) in enumerate(zip(columns, profiles(rows), strict=True)):
        quantiles = {of: quantile_of(cells, Fraction(of, 100)) for of in found.quantiles}
        pairs = [
            ("mean", found.mean, mean_of(cells)),
            ("std", found.standard_deviation, deviation_of(cells, beside=1)),
            *((f"quantile {of}", found.quantiles[of], exact) for of, exact in quantiles.items()),
        ]
        wrong += [(name, at, value) for name, value, exact in pairs if not agrees(value, exact)]
    for method in METHODS:
        result = all_rows(after(rows, f"feature_scaling_{method}"))
        for at, cells in enumerate(columns):
            found_cells = [row[at] for row in result[:-1]]
            exact_cells = scaled(cells, method)
            wrong += [
                (method, at, value)
                for value, exact in zip(found_cells, exact_cells, strict=True)
                if not agrees(value, exact)
            ]
    assert wrong == []


def test_means_that_fill_gaps_agree_with_fractions() -> None:
    columns = awkward_columns(40, 30, seed=10)
    rows = rows_of(*([*cells, None] for cells in columns))
    names = [column.name for column in rows.columns]

    filled = after(rows, "fill_missing_values", columns=names, strategy="mean")
    halved = after(rows, "fill_missing_values", columns=names, strategy="median")

    means, medians = all_rows(filled)[-1], all_rows(halved)[-1]
    for cells, mean, median in zip(columns, means, medians, strict=True):
        assert agrees(mean, mean_of(cells))
        assert agrees(median, quantile_of(cells, Fraction(1, 2)))


@pytest.mark.parametrize(
    "cells",
    [
        pytest.param(FAR, id="1e15"),
        pytest.param([1e9 + k / 1000 for k in range(1, 10)], id="epoch seconds"),
        pytest.param([-4e15 + k for k in (0, 0, 0, 1)], id="negative, one step apart"),
        pytest.param([1e16, 1.0, -1e16], id="large ones cancel"),
        pytest.param([1e150, 1e-150, -1e150], id="all magnitudes"),
        pytest.param([0.1] * 10, id="constant, inexact"),
        pytest.param([1e15 + 0.5] * 7, id="constant, far"),
        pytest.param([2.0**52 + 0.5, 2.0**52 + 1.5] * 3, id="mean between doubles"),
        pytest.param([3.25], id="one value"),
        pytest.param([0.0, -0.0, 0.0], id="zeros"),
    ],
)
def test_figures_of_awkward_numbers_agree_with_fractions(cells: list[float]) -> None:
    rows = rows_of(cells)

    [found] = profiles(rows)
    standard = column(after(rows, "feature_scaling_standard"))

    assert agrees(found.mean, mean_of(cells))
    if len(cells) > 1:
        assert agrees(found.standard_deviation, deviation_of(cells, beside=1))
    for value, exact in zip(standard, scaled(cells, "standard"), strict=True):
        assert agrees(value, exact)


def test_the_first_and_last_of_a_far_ramp_scale_as_every_library_says() -> None:
    scaled_cells = column(after(rows_of(FAR), "feature_scaling_standard"))

    assert (scaled_cells[0], scaled_cells[-1]) == pytest.approx((-1.6475, 1.6475), abs=1e-4)
    assert (
        scaled_cells[0] == -scaled_cells[-1] == pytest.approx(-9.5 / 5.766281297335398, rel=1e-15)
    )


@pytest.mark.parametrize("value", [0.1, 1e15 + 0.3, -7.7e149, 1e-150, 3, 2**53])
@pytest.mark.parametrize("method", ["standard", "minmax", "robust"])
def test_a_constant_column_scales_to_zero(method: str, value: float) -> None:
    kind = "integer" if isinstance(value, int) else "float"
    rows = rows_of([value] * 7 + [None], types=[kind])

    assert column(after(rows, f"feature_scaling_{method}")) == [0.0] * 7 + [None]


@settings(max_examples=examples(25))
@given(
    cells=st.lists(
        st.floats(min_value=-1e150, max_value=1e150)
        | st.floats(min_value=1e15, max_value=1e15 + 3),
        min_size=2,
        max_size=9,
    )
)
def test_any_floats_have_exact_figures(cells: list[float]) -> None:
    [found] = profiles(rows_of(cells))

    assert agrees(found.mean, mean_of(cells))
    assert agrees(found.standard_deviation, deviation_of(cells, beside=1))


def test_the_extreme_doubles_have_figures() -> None:
    largest = 1.7976931348623157e308
    found = profiles(
        rows_of([largest, -largest, largest], [largest, largest, 1e308], [1e308, 1.0, 1e-300])
    )

    assert agrees(found[0].mean, mean_of([largest, -largest, largest]))
    assert found[0].standard_deviation is None  # no double holds it
    assert agrees(found[1].standard_deviation, deviation_of([largest, largest, 1e308], beside=1))
    assert agrees(found[2].mean, mean_of([1e308, 1.0, 1e-300]))
    [smallest] = profiles(rows_of([5e-324, 1e-323, 1.5e-323]))
    assert (smallest.mean, smallest.standard_deviation) == (1e-323, 5e-324)


@pytest.mark.parametrize("method", METHODS)
def test_the_smallest_doubles_scale_as_exactly_as_others(method: str) -> None:
    columns = [
        [5e-324 * step for step in (1, 0, 7, 3, 3, 9)],
        [-1e-310, 3e-309, 5e-324, 2e-308, 2e-308, 1e-200],
        [1e-323, 1e-323, 1e-323, 1e-323, 1e-323, 1e-323],
        [1e-300, 1.0000000000000002e-300, 3e-300, 1e-299, -1e-300, 0.0],
    ]
    rows = after(rows_of(*columns), f"feature_scaling_{method}")

    for at, cells in enumerate(columns):
        found, exact = column(rows, at), scaled(cells, method)
        assert all(map(agrees, found, exact)), (cells, found)


def test_many_equal_values_and_a_few_others_have_an_exact_deviation() -> None:
    cells = [1e15] * 5000 + [1e15 + 0.125]
    [found] = profiles(rows_of(cells))

    assert agrees(found.standard_deviation, deviation_of(cells, beside=1))
    assert agrees(found.mean, mean_of(cells))


def test_integers_to_the_ends_of_their_range_have_exact_figures() -> None:
    cells = [2**63 - 1, 2**63 - 3, 2**63 - 3, -(2**63)]
    far = [2**60 + 1, 2**60 + 2, 2**60 + 4, 2**60 + 4]
    found = profiles(rows_of(cells, far, types=["integer"] * 2))

    for numbers, profile in zip((cells, far), found, strict=True):
        assert agrees(profile.mean, mean_of(numbers))
        assert agrees(profile.standard_deviation, deviation_of(numbers, beside=1))


def test_a_far_mean_is_kept_in_two_doubles_and_a_near_one_in_one() -> None:
    far = after(
        rows_of([2.0**53, 2.0**53 + 2, 2.0**53 + 4, 2.0**53 + 8]), "feature_scaling_standard"
    )
    near = after(rows_of([1.0, 2.0, 3.0]), "feature_scaling_standard")

    assert (fitted(far)["center"], fitted(far)["center_rest"]) == (2.0**53 + 4, -0.5)
    assert set(fitted(near)) == {"from", "center", "scale"}


def test_an_event_without_the_rest_of_a_center_replays_as_it_was_applied() -> None:
    rows = after(rows_of(FAR), "feature_scaling_standard")
    [operation] = rows.operations
    old = {"from": "float", "center": 1e15 + 10, "scale": 5.796856847553344}
    former = _with_fitted(rows, {"columns": {"b0": old}})

    assert column(former)[0] == (FAR[0] - old["center"]) / old["scale"]
    assert operation.fitted["columns"]["b0"]["scale"] == pytest.approx(5.766281297335398, rel=1e-15)


def test_row_statistics_lose_no_digits() -> None:
    cells = [
        [1e15, 1e15 + 0.125, 1e15 + 0.25],
        [1e16, 1.0, -1e16],
        [0.1, 0.1, 0.1],
        [5.0, 5.0, 6.5],
    ]
    rows = rows_of(*map(list, zip(*cells, strict=True)))

    means = column(after(rows, "feature_engineering_math_mean"), -1)
    deviations = column(after(rows, "feature_engineering_math_std"), -1)

    for row, mean, deviation in zip(cells, means, deviations, strict=True):
        assert agrees(mean, mean_of(row))
        assert agrees(deviation, deviation_of(row, beside=1))


def test_row_statistics_of_older_events_replay_as_they_were_applied() -> None:
    rows = after(rows_of([1e16], [1.0], [-1e16]), "feature_engineering_math_mean")
    [key] = rows.operations[0].fitted["columns"]
    former = dict(rows.operations[0].fitted["columns"][key])
    assert former.pop("digits") == "all"

    assert column(rows, -1) == [pytest.approx(1 / 3)]
    assert column(_with_fitted(rows, {"columns": {key: former}}), -1) == [0.0]


# Outliers


def test_a_far_column_is_trimmed_by_its_exact_deviation() -> None:
    """A deviation that rounds on the way kept or took away several of such rows."""
    cells = [1e15 + (at * 37 % 101) / 8 for at in range(500)]
    spread = Fraction(3, 2) * deviation_of(cells)
    low, high = mean_of(cells) - spread, mean_of(cells) + spread

    kept = after(rows_of(cells), "outlier_treatment_trim", capping_method="gaussian", tail="both")

    assert column(kept) == [cell for cell in cells if low <= Fraction(cell) <= high]
    assert 0 < len(column(kept)) < len(cells)


def _with_fitted(rows: SessionRows, fitted: dict[str, Any]) -> SessionRows:
    """Return the rows as if the last event held something else."""

    *before, last = rows.operations
    return replace(rows, operations=(*before, replace(last, fitted=fitted)))
