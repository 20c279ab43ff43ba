"""Where things stand in the studio, on a wide screen and on a phone."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth.models import User

from tests.support.chromium import Chromium
from tests.support.serving import Server
from tests.support.small_datasets import publish
from tests.support.studio_client import Studio
from tests.support.studio_page import StudioPage, browser_context, expect, signed_in_cookie
from tests.support.studios import open_studio

pytestmark = pytest.mark.django_db(transaction=True)

COLUMNS = [("delay", "integer"), ("carrier", "text"), ("distance", "integer"), ("origin", "text")]
ROWS = [[n % 50 or None, f"carrier {n % 7}", n, "JFK"] for n in range(300)]
PHONE = {"viewport": {"width": 360, "height": 740}, "has_touch": True, "is_mobile": True}
WIDE = {"viewport": {"width": 1280, "height": 800}}


@pytest.fixture
def studio(user: User) -> Studio:
    return open_studio(user, publish(user, COLUMNS, ROWS))


@pytest.fixture
def options() -> dict[str, Any]:
    return {}


@pytest.fixture
def context(
    chromium: Chromium, server: Server, user: User, studio: Studio, options: dict[str, Any]
) -> Iterator[Any]:
    with browser_context(chromium, signed_in_cookie(user, server), **options) as context:
        yield context


wide = pytest.mark.parametrize("options", [WIDE], ids=["wide"])
phone = pytest.mark.parametrize("options", [PHONE], ids=["phone"])


def put(tab: StudioPage, store: str, fields: dict[str, Any]) -> None:
    tab.page.evaluate(
        "async ([name, fields]) => (await import("
        "`/static/data_tools/studio/state/${name}.js`))[name].set(fields)",
        [store, fields],
    )


@wide
def test_the_pager_stays_in_one_line_between_two_sides(tab: StudioPage) -> None:
    put(tab, "rows", {"totalRows": 336_776, "filteredRows": 42_246, "totalPages": 845})

    expect(tab.page.get_by_text("filtered from 336,776")).to_be_visible()
    boxes = [each.bounding_box() for each in tab.page.locator(".pager > *").all()]

    middles = [box["y"] + box["height"] / 2 for box in boxes]
    assert max(middles) - min(middles) < 4, boxes


@phone
@pytest.mark.parametrize("keys", ["Control+g", "Control+k"])
def test_a_press_beside_a_dialog_that_only_finds_closes_it(tab: StudioPage, keys: str) -> None:
    tab.page.locator("tbody td").first.click()
    tab.page.keyboard.press(keys)
    dialog = tab.page.get_by_role("dialog")
    dialog.wait_for()

    box = dialog.bounding_box()
    tab.page.mouse.click(box["x"] + 3, box["y"] + 3)  # its own edge
    expect(dialog).to_be_visible()

    tab.page.mouse.click(180, 735)
    expect(dialog).to_have_count(0)


@phone
def test_the_menu_of_a_column_names_it_and_leaves_rows_in_sight(tab: StudioPage) -> None:
    tab.page.get_by_role("button", name="What to do with delay").click()
    menu = tab.page.get_by_role("menu")

    assert menu.bounding_box()["height"] <= 740 * 0.72 + 1
    named = menu.evaluate("element => getComputedStyle(element, '::before').content")
    assert named == '"What to do with delay"'


@phone
def test_above_numbers_the_name_stands_at_their_end(tab: StudioPage) -> None:
    header = tab.page.locator("th[data-name=delay]")

    menu = header.get_by_role("button", name="What to do with delay").bounding_box()
    assert menu["x"] < header.locator(".column-word").bounding_box()["x"]


@phone
def test_chips_that_go_on_beyond_the_edge_fade(tab: StudioPage) -> None:
    filters = tab.page.locator(".studio-tools .filters")

    assert "linear-gradient" in filters.evaluate("each => getComputedStyle(each).maskImage")


@phone
def test_how_many_rows_a_filter_is_of_is_said(tab: StudioPage) -> None:
    put(tab, "rows", {"filteredRows": 12})

    expect(tab.page.get_by_text("filtered from 300")).to_be_visible()


@phone
def test_the_field_below_a_list_of_columns_is_in_sight(tab: StudioPage) -> None:
    tab.page.get_by_role("button", name="Add step").click()
    tab.page.get_by_role("combobox", name="What do you want to do?").fill("fill gaps")
    tab.page.keyboard.press("Enter")

    choice = tab.page.locator("[data-field=strategy] select")
    foot = tab.page.locator(".step-end").bounding_box()
    box = choice.bounding_box()
    assert box["y"] + box["height"] <= foot["y"]


@wide
def test_what_came_back_is_not_said_above_an_earlier_version(tab: StudioPage) -> None:
    tab.rename("carrier", "airline")
    tab.page.evaluate(
        "async () => (await import('/static/data_tools/page/notices.js'))"
        ".notify({ id: 'back-again', tone: 'done', text: 'It is back.' })"
    )
    expect(tab.page.get_by_text("It is back.")).to_be_visible()

    tab.page.locator(".history-step").last.click()

    expect(tab.page.locator(".version-banner")).to_be_visible()
    expect(tab.page.get_by_text("It is back.")).to_be_hidden()


@wide
def test_row_numbers_are_grouped_as_other_numbers_are(tab: StudioPage) -> None:
    rows = [{"delay": 1}, {"delay": 2}]
    numbered = {"rows": rows, "rowNumbers": [1234, 143_328], "totalRows": 336_776}
    put(tab, "rows", numbered)

    numbers = tab.page.get_by_role("rowheader")
    expect(numbers.nth(0)).to_have_text("1234")
    expect(numbers.nth(1)).to_have_text("143,328")
    is_whole = numbers.nth(1).evaluate("each => each.scrollWidth <= each.clientWidth")
    assert is_whole


@wide
def test_the_time_of_a_step_stands_beside_its_words(tab: StudioPage) -> None:
    tab.rename("carrier", "airline")
    entry = tab.page.locator(".history-entry").first

    words = entry.locator(".history-words").bounding_box()
    assert abs(entry.locator(".history-time").bounding_box()["y"] - words["y"]) < 3
