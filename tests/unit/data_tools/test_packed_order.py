"""Rows in an order by packed keys: whole, and any page of it alone."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data_tools.column_blocks.cutting import as_chunks
from data_tools.column_blocks.json_values import ARROW_TYPES
from data_tools.column_blocks.packing import packed, unpacked
from data_tools.columns import ColumnType
from data_tools.filtering.exceptions import InvalidSort
from data_tools.rows.lists import packed_order, sorting
from data_tools.rows.lists.packed_order import Key, PackedOrder, key_by_locale, key_of

FLOATS = (0.0, -0.0, 1.0, -1.0, 5e-324, -5e-324, 1.7e308, -1.7e308, 0.1, 0.1 + 2**-56)
VALUES: dict[str, st.SearchStrategy[Any]] = {
    "integer": st.integers(-(2**63), 2**63 - 1)
    | st.sampled_from((-(2**63), 2**63 - 1, 0, 1, 2**53, 2**53 + 1)),
    "float": st.floats(allow_nan=False, allow_infinity=False) | st.sampled_from(FLOATS),
    "boolean": st.booleans(),
    "text": st.text(max_size=3) | st.sampled_from(("", "a", "B", "é", "\uffee", "\U0001f600")),
    "date": st.dates(),
    "datetime": st.datetimes(),
}


def column_of(values: list[Any], column_type: str, cuts: tuple[int, ...] = ()) -> pa.ChunkedArray:
    """Return values as they are read from blocks that end at `cuts`."""
    ends = [0, *(cut for cut in sorted(set(cuts)) if 0 < cut < len(values)), len(values)]
    arrow_type = ARROW_TYPES[ColumnType(column_type)]
    blocks = [
        unpacked(packed(pa.array(values[first:last], arrow_type)))
        for first, last in zip(ends, ends[1:], strict=False)
        if first < last
    ]
    chunks = as_chunks(blocks)
    return chunks.cast(arrow_type) if pa.types.is_null(chunks.type) else chunks


def ordered(columns: list[tuple[list[Any], bool]], row_count: int) -> list[int]:
    """Return the places in order, by stable sorts, the last key first."""
    places = list(range(row_count))
    for values, descending in reversed(columns):
        present = [place for place in places if values[place] is not None]
        present.sort(key=values.__getitem__, reverse=descending)
        places = present + [place for place in places if values[place] is None]
    return places


@st.composite
def sorted_columns(draw: st.DrawFn) -> list[tuple[list[Any], str, bool]]:
    row_count = draw(st.integers(0, 14))
    types = draw(st.lists(st.sampled_from(sorted(VALUES)), min_size=1, max_size=3))
    columns = []
    for column_type in types:
        # Few different values, so that there are ties.
        some = st.sampled_from(draw(st.lists(VALUES[column_type], min_size=1, max_size=6)))
        values = draw(st.lists(st.none() | some | some, min_size=row_count, max_size=row_count))
        columns.append((values, column_type, draw(st.booleans())))
    return columns


@settings(max_examples=400)
@given(
    columns=sorted_columns(),
    cuts=st.tuples(st.integers(0, 14), st.integers(0, 14)),
    pages=st.lists(st.tuples(st.integers(0, 15), st.integers(0, 15)), min_size=1, max_size=4),
)
def test_any_page_and_the_whole_order_are_those_of_stable_sorts(
    columns: list[tuple[list[Any], str, bool]],
    cuts: tuple[int, ...],
    pages: list[tuple[int, int]],
) -> None:
    row_count = len(columns[0][0])
    expected = ordered([(values, down) for values, _, down in columns], row_count)
    keys = [
        key_of(column_of(values, column_type, cuts), descending=down)
        for values, column_type, down in columns
    ]
    order = PackedOrder(keys, row_count)

    for first, last in pages:
        assert order.between(first, last).tolist() == expected[first:last]
    assert order.whole().tolist() == expected
    assert order.between(*pages[0]).tolist() == expected[slice(*pages[0])]


@pytest.mark.parametrize("together", [1, 7, 1 << 20])
@pytest.mark.parametrize("descending", [False, True])
@pytest.mark.parametrize("decimals", [0, 2, 15])
def test_many_doubles_are_in_order_to_their_last_bit(
    decimals: int, descending: bool, together: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Beside thousands of places, a word has no room for a whole double."""
    monkeypatch.setattr(packed_order, "_LOOKED_AT_TOGETHER", together)
    random = np.random.default_rng(1)
    values = random.normal(0, 3, 20_000).round(decimals)
    values[:10_000] = np.nextafter(values[10_000:], np.inf)  # each beside its nearest neighbour
    random.shuffle(values)
    is_missing = random.random(len(values)) < 0.05
    column = pa.chunked_array(
        [
            pa.array(values[:15_000], mask=is_missing[:15_000]),
            pa.array(values[15_000:], mask=is_missing[15_000:]),
        ]
    )
    numbers = -values if descending else values
    expected = np.lexsort([np.arange(len(values)), np.where(is_missing, np.inf, numbers)])

    order = PackedOrder([key_of(column, descending=descending)], len(values))

    for first in (0, 9_990, 18_950, 19_990):
        assert order.between(first, first + 50).tolist() == expected[first : first + 50].tolist()
    assert order.whole().tolist() == expected.tolist()


def test_several_keys_that_do_not_fit_into_a_word_decide_one_after_another() -> None:
    random = np.random.default_rng(2)
    first = random.integers(-(2**63), 2**63 - 1, 40)[random.integers(0, 40, 5_000)]
    second = random.normal(size=5_000)
    columns = [pa.chunked_array([pa.array(values)]) for values in (first, second)]
    expected = np.lexsort([-second, first])

    order = PackedOrder(
        [key_of(columns[0], descending=False), key_of(columns[1], descending=True)], 5_000
    )

    assert order.between(2_000, 2_200).tolist() == expected[2_000:2_200].tolist()
    assert order.whole().tolist() == expected.tolist()


def test_a_key_of_some_rows_orders_them_alone() -> None:
    key = key_of(column_of(["c", None, "a", "b", "a"], "text"), descending=True)
    some = np.array([0, 2, 4])

    assert PackedOrder([key.of(some)], 3).whole().tolist() == [0, 1, 2]


def test_rows_without_a_key_stay_in_their_order() -> None:
    assert PackedOrder([], 4).between(1, 3).tolist() == [1, 2]
    assert PackedOrder([Key(np.zeros(3, np.uint64), 0)], 3).whole().tolist() == [0, 1, 2]


# Languages

WORDS = ["zebra", None, "Äpfel", "Apfel", "äpfel", None, "öl", "Zebra"]


def test_texts_are_in_the_order_of_a_language() -> None:
    column = column_of(WORDS, "text", (3, 5))

    key = key_by_locale(column, "de", ignore_case=False, descending=False, among=None)

    in_order = [WORDS[place] for place in PackedOrder([key], len(WORDS)).whole()]
    assert in_order == ["Apfel", "äpfel", "Äpfel", "öl", "zebra", "Zebra", None, None]


def test_texts_that_a_language_takes_for_equal_are_in_row_order() -> None:
    column = column_of(WORDS, "text", (3, 5))

    key = key_by_locale(column, "de", ignore_case=True, descending=True, among=None)

    assert PackedOrder([key], len(WORDS)).whole().tolist() == [0, 7, 6, 2, 4, 3, 1, 5]


def test_only_the_texts_of_the_rows_that_are_ordered_count_as_too_many(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sorting, "MOST_CHARACTERS", 120)
    column = column_of(["bb", "aa", "bb", "cc", None], "text", (2,))
    some = np.array([0, 1, 2, 4])

    key = key_by_locale(column, "de", ignore_case=False, descending=False, among=some).of(some)

    assert PackedOrder([key], len(some)).whole().tolist() == [1, 0, 2, 3]
    with pytest.raises(InvalidSort):
        key_by_locale(column, "de", ignore_case=False, descending=False, among=None)


@pytest.mark.parametrize("values", [[], [None], [None, None]])
def test_there_may_be_no_text_at_all(values: list[None]) -> None:
    column = column_of(values, "text")

    key = key_by_locale(column, "sv", ignore_case=True, descending=False, among=None)

    assert PackedOrder([key], len(values)).whole().tolist() == list(range(len(values)))


def test_an_order_holds_its_keys_unless_they_fit_into_words() -> None:
    wide = key_of(pa.chunked_array([[-(2**63), 0, 5, 2**63 - 1]], pa.int64()), descending=False)
    short = key_of(pa.chunked_array([[4, 3, 2, 1]], pa.int64()), descending=False)

    assert PackedOrder([short, short], 4).held_bytes == 4 * 8
    assert PackedOrder([wide, short], 4).held_bytes == 3 * 4 * 8
