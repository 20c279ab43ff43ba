"""Which type a column of texts gets, and how its values are stored."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data_tools.columns import ColumnType
from tests.support.settled_column import Values, settle


@pytest.mark.parametrize(
    ("written", "stored"),
    [
        (["0", "1", "-1"], [0, 1, -1]),
        (["9223372036854775807", "-9223372036854775808"], [2**63 - 1, -(2**63)]),
        (["9007199254740993", None], [2**53 + 1, None]),
        (["1", "NA", "N/A", "NaN", "nan", "null", "NULL", "None"], [1] + [None] * 7),
        (["1", ""], [1, None]),
    ],
)
def test_canonical_integers_within_64_bits_are_integers(
    written: Values, stored: list[object]
) -> None:
    report, values = settle(written)

    assert report.type == ColumnType.INTEGER
    assert values == stored


@pytest.mark.parametrize(
    "written",
    [
        ["007", "1"],
        ["00"],
        ["+5", "1"],
        ["-0", "1"],
        ["9223372036854775808", "1"],
        ["123456789012345678901234567890"],
        [" 1", "2"],
        ["1 ", "2"],
        ["1_000"],
        ["0x1F"],
        ["1,5"],
        ["$5"],
        ["٣"],
        ["1.5", "007"],
        ["1.5", "+2"],
        ["1.5", "-01.5"],
        ["1.5", "1e400"],
        ["1.5", "abc"],
        ["1.5", "true"],
        ["1.5", "0x10"],
        ["1e5x"],
        ["true", "1"],
        ["yes", "no"],
        ["2013-02-30"],
        ["2013-1-5"],
        ["0000-01-01"],
        ["10000-01-01"],
        ["31/12/2013"],
        ["2013"[:3]] + ["x"],
        ["2013-01-01", "2013-01-01T05:00:00"],
        ["2013-01-01T05:00:00", "2013-01-01T05:00:00Z"],
        ["2013-01-01T05:00:00.1234567"],
        ["2013-01-01T24:00:00"],
        ["2013-01-01T23:59:60"],
        ["2013-01-01 05"],
        ["9999-12-31T23:59:59-05:00"],
        ["0001-01-01T00:00:00+05:00"],
        ["2013-01-01T05:00:00[UTC]"],
        ["true", "inf"],
        ["", None],
        ["NA", "NA", None],
        ["inf", "NaN"],
        [None, None],
        ['He said "hi"', "back\\slash", "line\r\nend", "tab\t", "\x01", "\x7f\u2028", "日本", "𝄞"],
        ["a", "NA", "", "null"],
    ],
)
def test_values_that_another_type_would_change_stay_text_exactly_as_written(
    written: Values,
) -> None:
    report, values = settle(written)

    assert report.type == ColumnType.TEXT
    assert values == list(written)


@pytest.mark.parametrize(
    ("written", "stored"),
    [
        (["1.5", "2"], [1.5, 2]),
        (["1e5", "-1E-5", "1.5e+3"], [1e5, -1e-5, 1500.0]),
        ([".5", "5."], [0.5, 5.0]),
        (["0.1", None, "NA", "", "inf", "-Infinity", "+INF"], [0.1] + [None] * 6),
        (["1", "inf"], [1, None]),
        (["5e-324", "1.7976931348623157e308"], [5e-324, 1.7976931348623157e308]),
    ],
)
def test_numbers_with_a_point_or_an_exponent_are_floats(
    written: Values, stored: list[object]
) -> None:
    report, values = settle(written)

    assert report.type == ColumnType.FLOAT
    assert values == stored


@pytest.mark.parametrize(
    ("written", "rounded"),
    [
        (["0.1", "0.10", "1e22", "123456789012345.0"], 0),
        (["0.30000000000000004"], 0),
        (["0.300000000000000040", "3.0000000000000004e-1"], 0),
        (["0.1000000000000000055511151231257827"], 1),
        (["9007199254740992", "0.5"], 0),
        (["9007199254740993.0", "9.007199254740993e15", "2"], 2),
        (["10000000000000000000000", "0.5"], 0),
        (["1e-400", "0.5", "0.0", "0e-999"], 1),
        (["1.23456789e-320"], 1),
    ],
)
def test_floats_that_lose_written_digits_are_counted(written: Values, rounded: int) -> None:
    report, _ = settle(written)

    assert report.type == ColumnType.FLOAT
    assert report.rounded_values == rounded


@pytest.mark.parametrize(
    ("pieces", "inexact"),
    [
        ([["9007199254740993", "0.5"]], 1),
        ([["0.5", "-9007199254740993"]], 1),
        ([["9007199254740993", "-9007199254740993", "3"], ["0.5"]], 2),
        ([["0.5"], ["9007199254740993", None], ["4"]], 1),
        ([["12345678901234567890", "1.5"]], 1),
        ([["12345678901234567000", "1.5"]], 1),
        ([["1234567890123456800"], ["1.5"]], 1),
        ([["1e5", "9007199254740993", "NaN"]], 1),
        ([["9007199254740993", "inf"]], 1),
        ([["9" * 400, "1.5"]], 0),  # no double at all, hence text anyway
    ],
)
def test_no_integer_is_rounded_because_its_column_has_fractions(
    pieces: list[Values], inexact: int
) -> None:
    report, values = settle(*pieces)

    assert report.type == ColumnType.TEXT
    assert values == [value for piece in pieces for value in piece]
    assert report.rounded_values == 0
    integers = "integer" if inexact == 1 else "integers"
    assert report.notes == [
        f"Kept as text: {inexact} {integers} would be rounded in a column of floats."
    ] * bool(inexact)


@given(st.lists(st.integers(-(2**70), 2**70), min_size=1), st.booleans())
def test_integers_of_any_size_survive_in_a_column_with_a_fraction(
    numbers: list[int], fraction_first: bool
) -> None:
    written = [str(number) for number in numbers]

    report, values = settle(*([["0.5"], written] if fraction_first else [written, ["0.5"]]))

    kept = values[1:] if fraction_first else values[:-1]
    if report.type == ColumnType.FLOAT:
        assert [int(value) for value in kept] == numbers
    else:
        assert kept == written
        assert any(int(float(number)) != number for number in numbers)


def test_nan_infinities_and_minus_zeros_are_counted() -> None:
    report, values = settle(["1.5", "NaN", "nan", "-inf", "Infinity", "-0.0", "-0", None, "NA"])

    assert (report.nan_count, report.infinity_count, report.negative_zero_count) == (2, 2, 2)
    assert report.missing_count == 6
    assert dict(report.missing_spellings) == {"NaN": 1, "nan": 1, "-inf": 1, "Infinity": 1, "NA": 1}
    assert values == [1.5, None, None, None, None, 0, 0, None, None]


def test_booleans_are_true_and_false_in_any_case() -> None:
    report, values = settle(["true", "FALSE", "True", "NA", None])

    assert report.type == ColumnType.BOOLEAN
    assert values == [True, False, True, None, None]


def test_dates_are_days_of_the_calendar() -> None:
    report, values = settle(["2012-02-29", "0001-01-01", "9999-12-31", "NA"])

    assert report.type == ColumnType.DATE
    assert values == ["2012-02-29", "0001-01-01", "9999-12-31", None]


@pytest.mark.parametrize(
    ("written", "stored"),
    [
        (["2013-01-31T05:00:00"], ["2013-01-31T05:00:00"]),
        (["2013-01-31 05:00"], ["2013-01-31T05:00:00"]),
        (["2013-01-31T05:00:00.000000"], ["2013-01-31T05:00:00"]),
        (["2013-01-31T05:00:00Z"], ["2013-01-31T05:00:00Z"]),
        (["2013-01-31T05:00:00+05:30", "2013-01-31 05:00:00-0100"],
         ["2013-01-30T23:30:00Z", "2013-01-31T06:00:00Z"]),
        (["0001-01-01T00:00:00", "9999-12-31T23:59:59"],
         ["0001-01-01T00:00:00", "9999-12-31T23:59:59"]),
        (["2013-01-31T05:00:00", "NA", None], ["2013-01-31T05:00:00", None, None]),
    ],
)  # fmt: skip
def test_datetimes_are_iso_8601_and_those_with_an_offset_in_utc(
    written: Values, stored: list[object]
) -> None:
    report, values = settle(written)

    assert report.type == ColumnType.DATETIME
    assert values == stored


def test_datetimes_of_a_column_have_equally_many_fraction_digits_so_texts_sort_as_times() -> None:
    _, values = settle(["2013-01-31T05:00:00Z"], ["2013-01-31T05:00:00.5Z"])

    assert values == ["2013-01-31T05:00:00.000Z", "2013-01-31T05:00:00.500Z"]


@pytest.mark.parametrize(
    ("pieces", "type_"),
    [
        ([["1"], ["2.5"]], ColumnType.FLOAT),
        ([["2.5"], ["1"]], ColumnType.FLOAT),
        ([["NA"], ["1"]], ColumnType.INTEGER),
        ([["inf"], ["1"]], ColumnType.FLOAT),
        ([["inf"], ["true"]], ColumnType.TEXT),
        ([["1"], ["007"]], ColumnType.TEXT),
        ([["9223372036854775808"], ["1"]], ColumnType.TEXT),
        ([["9223372036854775808"], ["0.5"]], ColumnType.FLOAT),
        ([["true"], ["1"]], ColumnType.TEXT),
        ([["2013-01-01"], ["2013-01-01T00:00:00"]], ColumnType.TEXT),
        ([[None], [None], ["2013-01-01"]], ColumnType.DATE),
    ],
)
def test_the_type_does_not_depend_on_how_the_column_is_split_into_batches(
    pieces: list[Values], type_: ColumnType
) -> None:
    in_pieces, values = settle(*pieces)
    at_once, values_at_once = settle([value for piece in pieces for value in piece])

    assert in_pieces.type == at_once.type == type_
    assert values == values_at_once
    assert in_pieces.as_json() == at_once.as_json()


SPELLINGS = st.sampled_from(
    ["0", "-0", "7", "007", "+7", "1.5", "-0.0", "1e400", "NA", "", "NaN", "inf", "true", "FALSE"]
    + ["2013-01-01", "2013-01-01T05:00", "2013-01-01T05:00Z", "9223372036854775808", "x", "\\", '"']
    + ["2013-1-5", "31/12/2013", "01/02/2013", "20130105", "5E1", "3.9", "3.10", "1e-3", "1.234"]
)
# Values that agree more often than any two of those above.
RELATED = st.sampled_from(
    [
        ("5E1", "12E4", "7", "-7", "1.5", "NA", "inf"),
        ("3.9", "3.10", "3.05", "3.100", "4", "NA", "1E5"),
        ("01/02/2013", "31/12/2013", "12/31/2013", "NA", "", "1"),
        ("2013-01-01", "2013-1-5", "NA", "20130105", "2013-01-01T05:00"),
        ("9223372036854775808", "9007199254740993", "-0", "5", "1.5"),
    ]
).flatmap(lambda values: st.lists(st.none() | st.sampled_from(values)))


@given(RELATED |
       st.lists(st.one_of(st.none(), SPELLINGS, st.integers().map(str), st.text(max_size=4))),
       st.integers(0, 10))  # fmt: skip
def test_pieces_and_whole_agree_and_text_is_never_changed(written: Values, cut: int) -> None:
    report, values = settle(written)
    in_pieces, values_in_pieces = settle(written[:cut], written[cut:])

    assert in_pieces.as_json() == report.as_json()
    assert values_in_pieces == values
    assert report.missing_count == values.count(None)
    if report.type == ColumnType.TEXT:
        assert values == list(written)


@given(st.lists(st.integers(-(2**63), 2**63 - 1), min_size=1))
def test_every_64_bit_integer_survives(numbers: list[int]) -> None:
    report, values = settle([str(number) for number in numbers])

    assert report.type == ColumnType.INTEGER
    assert values == numbers


@given(st.lists(st.floats(), min_size=1))
def test_every_finite_double_survives_and_the_others_are_missing(numbers: list[float]) -> None:
    report, values = settle([repr(number) for number in [*numbers, 0.5]])

    assert report.type == ColumnType.FLOAT
    assert values[:-1] == [number if math.isfinite(number) else None for number in numbers]
    assert report.rounded_values == 0
    assert report.nan_count == sum(map(math.isnan, numbers))
    assert report.infinity_count == sum(map(math.isinf, numbers))
