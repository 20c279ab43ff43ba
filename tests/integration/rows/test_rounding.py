"""Numbers rounded as they are written, against exact decimals."""

from __future__ import annotations

import decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data_tools.exceptions import RequestRejected
from data_tools.rows.session_rows import SessionRows
from tests.support.examples import examples
from tests.support.reference_rows import Table
from tests.support.stored_rows import all_rows, stored

pytestmark = pytest.mark.django_db

HOW = {"away_from_zero": decimal.ROUND_HALF_UP, "to_even": decimal.ROUND_HALF_EVEN}
EXACTLY = decimal.Context(prec=400)


def column(values: list[Any], column_type: str) -> SessionRows:
    return stored(Table(names=["x"], types=[column_type], rows=[[value] for value in values]))


def rounded(values: list[Any], column_type: str, **parameters: Any) -> list[Any]:
    rows = column(values, column_type)
    after = rows.after(rows.prepare("round_numbers", {"columns": ["x"], **parameters}))
    assert [each.type for each in after.columns] == [column_type]
    return [row[0] for row in all_rows(after)]


def exactly(value: float, digits: int, half: str) -> float:
    unit = decimal.Decimal(1).scaleb(-digits)
    written = decimal.Decimal(repr(value))
    return float(written.quantize(unit, rounding=HOW[half], context=EXACTLY)) + 0.0


@pytest.mark.parametrize(
    ("value", "digits", "away", "even"),
    [
        (2.675, 2, 2.68, 2.68),
        (1.005, 2, 1.01, 1.0),
        (0.5, 0, 1.0, 0.0),
        (1.5, 0, 2.0, 2.0),
        (-2.5, 0, -3.0, -2.0),
        (-0.4, 0, 0.0, 0.0),
        (2.5000000000000004, 0, 3.0, 3.0),
        (0.15, 1, 0.2, 0.2),
        (0.25, 1, 0.3, 0.2),
        (1234.5, -2, 1200.0, 1200.0),
        (1250.0, -2, 1300.0, 1200.0),
        (1e300, 15, 1e300, 1e300),
        (1.7976931348623157e308, -15, 1.7976931348623157e308, 1.7976931348623157e308),
        (5e-324, 15, 0.0, 0.0),
        (0.1 + 0.2, 15, 0.3, 0.3),
    ],
)
def test_a_float_is_rounded_as_it_is_written(
    value: float, digits: int, away: float, even: float
) -> None:
    assert rounded([value, None], "float", digits=digits) == [away, None]
    assert rounded([value, None], "float", digits=digits, half="to_even") == [even, None]


@settings(max_examples=examples(15))
@given(
    values=st.lists(
        st.floats(allow_nan=False, allow_infinity=False)
        | st.decimals(-1000, 1000, places=3).map(float),
        min_size=1,
        max_size=30,
    ),
    digits=st.integers(-15, 15),
    half=st.sampled_from(sorted(HOW)),
)
def test_any_float_is_rounded_as_exact_decimals_are(
    db: None, values: list[float], digits: int, half: str
) -> None:
    expected = [exactly(value, digits, half) for value in values]

    assert rounded(values, "float", digits=digits, half=half) == expected


@pytest.mark.parametrize(
    ("value", "digits", "away", "even"),
    [
        (15, -1, 20, 20),
        (25, -1, 30, 20),
        (-25, -1, -30, -20),
        (2**53 + 1, 0, 2**53 + 1, 2**53 + 1),
        (2**53 + 1, 5, 2**53 + 1, 2**53 + 1),
        (2**63 - 1, -3, None, None),
        (2**63 - 1, -15, 9223000000000000000, 9223000000000000000),
        (-(2**63), -1, None, None),
        (499, -3, 0, 0),
    ],
)
def test_an_integer_is_rounded_exactly_and_stays_one(
    value: int, digits: int, away: int | None, even: int | None
) -> None:
    for half, expected in (("away_from_zero", away), ("to_even", even)):
        request = {"digits": digits, "half": half, "on_error": "null"}
        assert rounded([value], "integer", **request) == [expected]


def test_an_integer_beyond_64_bits_refuses_the_operation() -> None:
    with pytest.raises(RequestRejected) as refused:
        rounded([1, 2**63 - 1], "integer", digits=-3)

    assert refused.value.code == "VALUES_DO_NOT_FIT"
    assert refused.value.details["row_numbers"] == [2]


@pytest.mark.parametrize("digits", [-16, 16, 1.5, "2", True])
def test_digits_are_a_whole_number_from_minus_15_to_15(digits: Any) -> None:
    with pytest.raises(RequestRejected) as refused:
        rounded([1.0], "float", digits=digits)

    assert refused.value.details["path"] == "digits"


@pytest.mark.parametrize("column_type", ["text", "boolean", "date", "datetime"])
def test_only_numbers_are_rounded(column_type: str) -> None:
    with pytest.raises(RequestRejected) as refused:
        rounded([None], column_type)

    assert (refused.value.code, refused.value.details["path"]) == ("INVALID_PARAMETER", "columns")
