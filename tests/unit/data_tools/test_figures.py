"""Figures of values in this process, beside what plain Python makes of them."""

from __future__ import annotations

import datetime as dt
import math
import tracemalloc
from collections import Counter
from fractions import Fraction
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from data_tools.column_blocks.json_values import ARROW_TYPES
from data_tools.columns import ColumnType
from data_tools.figures.frequent_values import frequent_values
from data_tools.figures.groups import Groups, TextGroups
from data_tools.figures.numbers import Numbers
from data_tools.figures.sums import (
    one_after_another,
    squares_of_floats,
    sums_of_floats,
    sums_of_integers,
)
from data_tools.operations.column_functions import (
    clip,
    divide,
    fill_missing,
    integer_to_float,
    multiply,
    on_floats,
)
from data_tools.profiles.packed_measuring import packed_profile
from data_tools.sql.exact_sums import power_above, squares_of, sum_of, unit_for

INTEGERS = st.integers(-(2**63), 2**63 - 1) | st.integers(-3, 3)
FLOATS = st.floats(-1e140, 1e140, allow_subnormal=False) | st.sampled_from((0.1, 0.25, 1e16, -1e16))
TEXT = ARROW_TYPES[ColumnType.TEXT]
WORDS = st.sampled_from(("", "a", "aa", "Z", "é", "日本", "🙂", "\uffff"))


def chunked(values: list[Any], type_: pa.DataType, cut: int) -> pa.ChunkedArray:
    return pa.chunked_array([pa.array(values[:cut], type_), pa.array(values[cut:], type_)])


@given(values=st.lists(st.none() | INTEGERS, max_size=30), cut=st.integers(0, 30))
def test_groups_are_the_distinct_values_and_their_counts(
    values: list[int | None], cut: int
) -> None:
    expected = sorted(Counter(value for value in values if value is not None).items())

    groups = Groups.of(chunked(values, pa.int64(), cut))

    assert (
        list(zip(groups.values.tolist(), np.diff(groups.starts).tolist(), strict=True)) == expected
    )
    assert groups.total == len(values) - values.count(None)
    in_order = sorted(value for value in values if value is not None)
    assert groups.at(range(len(in_order))) == in_order


@given(
    values=st.lists(st.integers(-3, 3) | INTEGERS, min_size=1, max_size=30),
    part_values=st.integers(1, 9),
    data=st.data(),
)
def test_groups_are_the_same_however_many_values_are_looked_at_together(
    values: list[int], part_values: int, data: st.DataObject
) -> None:
    type_ = data.draw(st.sampled_from((pa.int64(), pa.float64())))
    column = pa.chunked_array([pa.array(values).cast(type_, safe=False)])
    edges = sorted(data.draw(st.lists(st.sampled_from(values), max_size=5)) + [min(values)])
    most = data.draw(st.integers(1, 9))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("data_tools.figures.groups.PART_VALUES", part_values)
        found = Groups.of(column)
        parts = [pair for part in found.parts() for pair in zip(*part, strict=True)]
        frequent = found.most_frequent(most)

    counted = Counter(column.to_pylist())
    assert parts == sorted(counted.items())
    assert frequent == sorted(counted.items(), key=lambda item: (-item[1], item[0]))[:most]
    assert found.at(range(len(values))) == sorted(column.to_pylist())
    if type_ == pa.int64():
        uppers = [*edges[1:], math.inf]
        assert found.between(edges) == [
            sum(low <= value < high for value in values)
            for low, high in zip(edges, uppers, strict=True)
        ]


def test_a_profile_of_distinct_doubles_takes_twelve_bytes_a_row() -> None:
    rows = 2_000_000
    values = np.random.default_rng(1).normal(size=rows) * 10.0 ** np.arange(-50, 50).repeat(20_000)
    column = pa.chunked_array([values])
    packed_profile(ColumnType.FLOAT, column.slice(0, 1_000))

    tracemalloc.start()
    profile = packed_profile(ColumnType.FLOAT, column)
    _, peak_bytes = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert profile.distinct == rows
    assert peak_bytes < 12 * rows + (12 << 20)


@given(values=st.lists(INTEGERS, min_size=1, max_size=30))
def test_sums_of_integers_are_exact(values: list[int]) -> None:
    groups = Groups.of(chunked(values, pa.int64(), 5))

    assert sums_of_integers(groups.parts()) == (sum(values), sum(value * value for value in values))


@given(values=st.lists(FLOATS, min_size=1, max_size=30))
def test_sums_of_floats_are_exact_but_for_the_rounding_of_rests(values: list[float]) -> None:
    farthest = max(map(abs, values))
    unit = unit_for(farthest)

    groups = Groups.of(chunked(values, pa.float64(), 5))
    sums = sums_of_floats(groups.parts(), factor=1.0, unit=unit, add_rests=one_after_another)

    error = abs(sum_of(*sums, unit) - sum(map(Fraction, values)))
    assert error <= Fraction(farthest) / 2**100


@given(values=st.lists(FLOATS, min_size=1, max_size=30))
def test_squares_of_distances_lose_no_more_than_a_double_does(values: list[float]) -> None:
    centre = values[0]
    reach = power_above(max(abs(value - centre) for value in values))
    groups = Groups.of(chunked(values, pa.float64(), 5))

    squares = squares_of(*squares_of_floats(groups.parts(), factor=1.0, centre=centre, reach=reach))

    exact = sum((Fraction(value) - Fraction(centre)) ** 2 for value in values)
    assert abs(squares * Fraction(reach) ** 2 - exact) <= exact / 2**49


@given(words=st.lists(st.none() | WORDS, min_size=1, max_size=30), cut=st.integers(0, 30))
def test_groups_of_texts_know_how_many_rows_have_each_and_the_first(
    words: list[str | None], cut: int
) -> None:
    groups = TextGroups.of(chunked(words, TEXT, cut))

    found = {
        text: (count, first)
        for text, count, first in zip(
            groups.texts.to_pylist(), groups.counts, groups.first_rows, strict=True
        )
    }
    assert found == {
        word: (words.count(word), words.index(word)) for word in words if word is not None
    }
    assert groups.text_bytes == sum(len((word or "").encode()) for word in words)


@given(words=st.lists(WORDS, min_size=1, max_size=30), most=st.integers(1, 9))
def test_frequent_texts_come_by_count_then_by_code_point(words: list[str], most: int) -> None:
    expected = sorted(Counter(words).items(), key=lambda item: (-item[1], item[0]))

    assert frequent_values(chunked(words, TEXT, 3), most) == expected[:most]


@given(numbers=st.lists(INTEGERS, min_size=1, max_size=30), most=st.integers(1, 9))
def test_frequent_numbers_come_by_count_then_by_value(numbers: list[int], most: int) -> None:
    expected = sorted(Counter(numbers).items(), key=lambda item: (-item[1], item[0]))

    assert frequent_values(chunked(numbers, pa.int64(), 3), most) == expected[:most]


@pytest.mark.parametrize(
    ("type_", "text"),
    [
        (pa.timestamp("s"), "0001-02-03T04:05:06"),
        (pa.timestamp("s", "UTC"), "2013-01-31T05:00:00Z"),
        (pa.timestamp("ms", "UTC"), "2013-01-31T05:00:00.120Z"),
        (pa.timestamp("us"), "9999-12-31T23:59:59.000001"),
        (pa.date32(), "0099-12-31"),
    ],
)
def test_days_and_times_are_written_as_they_are_stored(type_: pa.DataType, text: str) -> None:
    moment = dt.datetime.fromisoformat(text).replace(tzinfo=None)
    value = moment.date() if pa.types.is_date32(type_) else moment

    [found] = frequent_values(chunked([value, None, value], type_, 1), 5)

    assert found == (text, 2)


def test_booleans_are_frequent_as_booleans() -> None:
    found = frequent_values(chunked([True, None, False, True], pa.bool_(), 1), 5)

    assert [(type(value), value, count) for value, count in found] == [
        (bool, True, 2),
        (bool, False, 1),
    ]


@pytest.mark.parametrize("text", ["b", "a", "0", "z"])
def test_a_filled_text_keeps_the_dictionary_in_order(text: str) -> None:
    words = pa.array(["b", None, "d", "b", None], TEXT)

    filled = fill_missing(words, text)

    assert filled is not None
    assert filled.to_pylist() == ["b", text, "d", "b", text]
    assert filled.dictionary.to_pylist() == sorted({"b", "d", text})
    assert filled.type == TEXT


def test_a_filled_number_keeps_its_type_and_a_time_is_left_to_the_database() -> None:
    filled = fill_missing(pa.array([1, None], pa.int64()), 2**63 - 1)

    assert filled is not None
    assert filled.equals(pa.array([1, 2**63 - 1], pa.int64()))
    assert fill_missing(pa.array([None, dt.date(2013, 1, 1)]), "2013-01-02") is None


def test_integers_that_no_double_holds_become_missing() -> None:
    values = pa.array([2**53, 2**53 + 1, None, -(2**53) - 1, -7])

    assert integer_to_float(values).to_pylist() == [2.0**53, None, None, None, -7.0]


def test_a_bound_that_is_none_caps_nothing() -> None:
    values = pa.array([-5, None, 5], pa.int64())

    assert clip(values, None, 3).to_pylist() == [-5, None, 3]
    assert clip(values, -3, None).to_pylist() == [-3, None, 5]


def test_no_fill_and_no_cap_puts_a_negative_zero_into_a_column() -> None:
    values = pa.array([-1.0, None, 1.0], pa.float64())

    assert repr(fill_missing(values, -0.0).to_pylist()) == "[-1.0, 0.0, 1.0]"
    assert repr(clip(values, -0.0, None).to_pylist()) == "[0.0, None, 1.0]"
    assert repr(clip(values, None, -0.0).to_pylist()) == "[-1.0, None, 0.0]"


def test_a_missing_number_times_zero_or_under_zero_stays_missing() -> None:
    missing, zero = pa.array([None, 1.0], pa.float64()), pa.array([0.0, 0.0], pa.float64())

    assert on_floats(multiply)(missing, zero).to_pylist() == [None, 0.0]
    assert on_floats(multiply)(zero, missing).to_pylist() == [None, 0.0]
    assert on_floats(divide)(zero, missing).to_pylist() == [None, 0.0]
    assert on_floats(lambda cells: multiply(cells, 0.0))(missing).to_pylist() == [None, 0.0]


@given(values=st.lists(FLOATS, min_size=1, max_size=40), data=st.data())
def test_numbers_at_ranks_are_those_of_the_values_in_order(
    values: list[float], data: st.DataObject
) -> None:
    ranks = data.draw(st.lists(st.integers(0, len(values) - 1), min_size=1, max_size=20))
    numbers = Numbers(np.array(values))

    assert numbers.ends == (min(values), max(values))
    assert numbers.at(ranks) == [sorted(values)[rank] for rank in ranks]
    assert numbers.at(ranks[:1]) == [sorted(values)[ranks[0]]]
