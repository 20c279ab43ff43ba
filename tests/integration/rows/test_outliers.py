"""Outliers are those of the reference, for numbers of any size."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from data_tools.operations.caps import CAPPING_METHODS, TAILS
from data_tools.operations.exceptions import InvalidParameter, NothingToFit
from tests.support.reference_rows import Table, apply
from tests.support.stored_rows import all_rows, stored

pytestmark = pytest.mark.django_db

FLOATS = [0.5, 1.0, 1.25, None, 1.5, 2.0, 2.5, 3.0, 40.0, -30.0, 1.75, None, 900.0]
INTEGERS = [5, 6, 7, 8, None, 9, 2**62, 10, 11, -(2**63), 12, 13, 14]


def table(floats: list[Any] = FLOATS, integers: list[Any] = INTEGERS) -> Table:
    return Table(
        names=["f", "i", "t"],
        types=["float", "integer", "text"],
        rows=[[f, i, "x"] for f, i in zip(floats, integers, strict=True)],
    )


@pytest.mark.parametrize(
    ("method", "tail", "columns"),
    list(itertools.product(CAPPING_METHODS, TAILS, (None, ["f"], ["i"], ["i", "f"]))),
)
def test_trimming_leaves_the_rows_within_the_caps(method: str, tail: str, columns: Any) -> None:
    parameters = {"capping_method": method, "tail": tail, "columns": columns}
    rows = stored(table())

    prepared = rows.prepare("outlier_treatment_trim", parameters)

    expected, _ = apply(table(), "outlier_treatment_trim", parameters)
    assert all_rows(rows.after(prepared)) == expected.rows
    assert prepared.rows_after == len(expected.rows)
    assert "left" in prepared.message


@pytest.mark.parametrize("scale", [1e300, 1e-300])
@pytest.mark.parametrize("method", CAPPING_METHODS)
def test_numbers_near_the_limits_of_doubles_are_trimmed_like_others(
    method: str, scale: float
) -> None:
    """Their squares, and even their differences, are not doubles."""
    small = [1.0, 1.5, 2.0, 2.5, None, 3.0, -2.0, 160.0]
    parameters = {"capping_method": method, "tail": "both", "columns": ["f"], "fold": 0.2}
    numbers = [1] * len(small)
    scaled = stored(table([v and v * scale for v in small], numbers))
    expected, _ = apply(table(small, numbers), "outlier_treatment_trim", parameters)

    rows = scaled.after(scaled.prepare("outlier_treatment_trim", parameters))

    read = [row[0] and row[0] / scale for row in all_rows(rows)]
    assert read == pytest.approx([row[0] for row in expected.rows])
    assert len(read) < len(small)


@pytest.mark.parametrize(
    ("parameters", "path"),
    [
        ({"fold": 0}, "fold"),
        ({"fold": -1.5}, "fold"),
        ({"fold": "1.5"}, "fold"),
        ({"fold": True}, "fold"),
        ({"fold": 1.5, "capping_method": "quantiles"}, "fold"),
        ({"capping_method": "zscore"}, "capping_method"),
        ({"tail": "up"}, "tail"),
        ({"columns": ["t"]}, "columns"),
        ({"columns": ["f", "t"]}, "columns"),
    ],
)
def test_a_request_that_makes_no_caps_is_refused(parameters: dict[str, Any], path: str) -> None:
    with pytest.raises(InvalidParameter) as refused:
        stored(table()).prepare("outlier_treatment_trim", parameters)

    assert refused.value.details["path"] == path


def test_a_column_without_a_value_has_no_outliers_to_find() -> None:
    rows = stored(table([None] * 13, INTEGERS))

    with pytest.raises(NothingToFit):
        rows.prepare("outlier_treatment_trim", {"columns": ["f"]})
