"""A recorded view is restored as far as the session's columns still allow."""

from __future__ import annotations

from typing import Any

import pytest

from data_tools.filtering import EVERYTHING, PageSpec, Selection, SortSpec, filter_from_json
from data_tools.services.recorded_views import seen_again, view_of
from session_events.events import Column, View

NAMES = ("a", "b", "c", "d", "e", "-a", "+a")
COLUMNS = tuple(Column(key=f"b{at}", name=name, type="integer") for at, name in enumerate(NAMES))
PAGE = PageSpec(page_number=3, page_size=50)


def seen(**view: Any) -> tuple[PageSpec, Selection]:
    return seen_again(View(page_number=3, page_size=50, **view), COLUMNS)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("descending", [False, True])
def test_a_recorded_page_comes_back_as_it_was(name: str, descending: bool) -> None:
    selection = Selection(
        filter=filter_from_json([{"column": name, "op": "gt", "value": 5}]),
        sorts=(SortSpec(column_name=name, descending=descending), SortSpec(column_name="b")),
    )
    if name == "b":
        selection = Selection(sorts=selection.sorts[:1])

    assert seen_again(view_of(PAGE, selection, before=None), COLUMNS) == (PAGE, selection)


@pytest.mark.parametrize(
    "filters",
    [
        [{"column": "gone", "op": "gt", "value": 5}],
        [{"column": "a", "op": "contains", "value": "x"}],
        {"any": []},
        "whatever a client recorded",
        [5],
    ],
)
def test_a_filter_that_no_longer_suits_the_columns_is_dropped_and_page_1_is_shown(
    filters: Any,
) -> None:
    assert seen(filters=filters) == (PageSpec(page_size=50), EVERYTHING)


@pytest.mark.parametrize("filters", [None, [], {}])
def test_an_empty_filter_means_no_filter(filters: Any) -> None:
    assert seen(filters=filters) == (PAGE, EVERYTHING)


def test_sorts_by_columns_that_are_gone_and_those_beyond_the_limit_are_dropped() -> None:
    _, selection = seen(sort=("gone", "-b", "a", "c", "d", "e"))

    assert [sort.column_name for sort in selection.sorts] == ["b", "a", "c", "d"]


def test_an_ascending_sort_recorded_without_a_plus_sign_is_understood() -> None:
    without_a = [column for column in COLUMNS if column.name != "a"]

    _, selection = seen_again(View(page_number=1, page_size=5, sort=("-a",)), without_a)

    assert selection.sorts == (SortSpec(column_name="-a"),)


TEXTS = tuple(Column(key=f"b{at}", name=name, type="text") for at, name in enumerate(NAMES))


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    "options", [{"locale": "de"}, {"ignore_case": True}, {"locale": "sv", "ignore_case": True}]
)
def test_an_order_by_a_language_comes_back_as_it_was(name: str, options: dict[str, Any]) -> None:
    sorts = (SortSpec(column_name=name, descending=True, **options),)
    recorded = view_of(PAGE, Selection(sorts=sorts), before=None)

    assert seen_again(recorded, TEXTS) == (PAGE, Selection(sorts=sorts))
    assert seen_again(recorded, TEXTS[7:]) == (PAGE, EVERYTHING)
    assert seen_again(recorded, COLUMNS) == (PAGE, EVERYTHING)  # no texts any more


@pytest.mark.parametrize(
    "text",
    [
        '{"column":"a","locale":"xx"}',
        '{"column":"gone","locale":"de"}',
        '{"column":["a"]}',
        '{"locale":"de"}',
        '{"column":"a","descending":1}',
        "{",
        "{}",
    ],
)
def test_an_order_that_is_none_is_dropped(text: str) -> None:
    assert seen_again(View(page_number=3, page_size=50, sort=(text,)), TEXTS) == (PAGE, EVERYTHING)


def test_a_column_may_be_named_like_an_order() -> None:
    name = '{"column":"a","locale":"de"}'
    columns = (*TEXTS, Column(key="b9", name=name, type="text"))

    _, selection = seen_again(View(page_number=1, page_size=50, sort=(name,)), columns)

    assert selection == Selection(sorts=(SortSpec(column_name=name),))
