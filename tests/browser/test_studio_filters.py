"""Filters, figures and the list of columns, as a person works with them in a real browser."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.contrib.auth.models import User

from data_tools.models import DataSource
from tests.support.chromium import Chromium
from tests.support.patience import eventually
from tests.support.serving import Server
from tests.support.small_datasets import publish
from tests.support.studio_client import Studio
from tests.support.studio_page import browser_context, signed_in_cookie
from tests.support.studios import studio_of

pytestmark = pytest.mark.django_db(transaction=True)

COLUMNS = (
    ("delay", "integer"),
    ("dest", "text"),
    ("share", "float"),
    ("day", "date"),
    ("seen_at", "datetime"),
    ("late", "boolean"),
    ("code", "integer"),
)
PLACES = ["BOS", "ORD", "LAX", "MSY"]
# 200 rows. Every tenth lacks a delay; a flight is late from 60 minutes on.
ROWS: list[list[Any]] = [
    [
        None if n % 10 == 0 else n,
        PLACES[n % 4],
        n / 8,
        f"2013-{1 + n // 100:02}-{1 + n % 28:02}",
        f"2013-01-01T{n % 24:02}:30:00{'Z' if n % 2 else ''}",
        None if n % 10 == 0 else n >= 60,
        9_007_199_254_740_992 + n,
    ]
    for n in range(200)
]
ODD_NAMES = ['say "hi", you', "", "😀 emoji", "x" * 600, "<b>bold</b>", "a/b?c=d&e#f"]
HTML = "<img src=x onerror=\"document.title='owned'\">"


class Page:
    """The studio in a browser, and what a person does there."""

    def __init__(self, page: Any) -> None:
        self.page = page
        self.problems: list[str] = []
        page.on("pageerror", lambda error: self.problems.append(str(error)))
        page.on("console", lambda message: self.problems.append(message.text))

    def open(self, address: str = "") -> Page:
        if address:
            self.page.goto(address)
        else:
            self.page.reload()
        self.page.locator("tbody tr").first.wait_for()
        return self

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def button(self, name: str) -> Any:
        return self.page.get_by_role("button", name=name, exact=True)

    def filter_by(self, column: str, by: str | None = None) -> None:
        """Open the panel of a new filter on a column."""
        self.button("Add filter").click()
        self.page.get_by_role("searchbox", name="Find a column").fill(column)
        self.press("Enter")
        if by is not None:
            self.page.get_by_role("radio", name=by, exact=True).check()

    def tick(self, *values: str) -> None:
        for value in values:
            self.page.get_by_test_id("value").filter(has_text=value).get_by_role("checkbox").check()

    def values(self) -> list[str]:
        """Return each value that can be ticked, with its count."""
        return [
            re.sub(r"\s+", " ", text)
            for text in self.page.get_by_test_id("value").all_inner_texts()
        ]

    def apply(self) -> None:
        self.button("Apply").click()

    def chips(self) -> list[str]:
        return self.page.locator(".chip-text").all_inner_texts()

    def shows_rows(self, count: int) -> None:
        """Wait until the table says that this many rows are shown."""
        eventually(lambda: self.showing() == f"{count:,}", told=self.showing)

    def showing(self) -> str:
        of = re.search(r"of ([\d,]+)", self.page.locator(".showing").inner_text())
        return of[1] if of else "0"

    def counts(self, text: str) -> None:
        """Wait until the panel says how many rows its filter finds."""
        self.page.locator(".live-count").filter(has_text=text).wait_for()

    def focused(self) -> str:
        return self.page.evaluate(
            "document.activeElement.getAttribute('aria-label')"
            " ?? document.activeElement.innerText.trim()"
        )


@contextmanager
def opened(
    chromium: Chromium, server: Server, user: User, dataset: DataSource, **context: Any
) -> Iterator[Page]:
    """Open the studio on a dataset in a browser in which the user is signed in."""
    cookie = signed_in_cookie(user, server)
    with browser_context(chromium, cookie, locale="en-US", **context) as window:
        page = Page(window.new_page()).open(f"http://127.0.0.1:{server.port}/studio/{dataset.pk}/")
        yield page
        assert page.problems == []


@pytest.fixture
def dataset(user: User) -> DataSource:
    return publish(user, COLUMNS, ROWS)


@pytest.fixture
def studio(user: User, dataset: DataSource, server: Server) -> Studio:
    """Another client of the same session."""
    return studio_of(user, dataset, transport=server.transport)


@pytest.fixture
def page(
    chromium: Chromium, server: Server, user: User, dataset: DataSource, studio: Studio
) -> Iterator[Page]:
    with opened(chromium, server, user, dataset) as page:
        yield page


@pytest.fixture
def recorded(studio: Studio) -> Callable[[], Any]:
    """Returns a function that returns the view that a recovery would show."""

    def recorded() -> Any:
        return studio.post("session/recover/", {"strategy": "auto"}).body["view"] or {}

    return recorded


def test_values_are_found_ticked_counted_and_kept_over_a_reload(
    page: Page, recorded: Callable[[], Any]
) -> None:
    page.filter_by("dest")
    assert page.page.get_by_test_id("value-search").evaluate("e => e === document.activeElement")
    page.page.get_by_test_id("value").nth(3).wait_for()
    assert page.values() == ["BOS 50", "LAX 50", "MSY 50", "ORD 50"]
    page.counts("200 of 200 rows")

    page.page.get_by_test_id("value-search").fill("o")
    eventually(lambda: page.values() == ["ORD 50", "BOS 50"], told=page.values)
    page.tick("BOS")
    page.counts("50 of 200 rows")
    page.page.get_by_test_id("value-search").fill("")
    page.tick("LAX")
    page.counts("100 of 200 rows")
    page.apply()

    page.shows_rows(100)
    assert page.chips() == ["dest is one of BOS, LAX"]
    written = [{"column": "dest", "op": "in", "value": ["BOS", "LAX"]}]
    eventually(lambda: recorded().get("filter") == written)
    page.open()
    page.shows_rows(100)
    assert page.chips() == ["dest is one of BOS, LAX"]


def test_counts_follow_the_other_filters(page: Page) -> None:
    page.filter_by("delay")
    page.page.get_by_label("Least value").fill("190")
    page.counts("9 of 200 rows")
    page.press("Enter")
    page.shows_rows(9)

    page.filter_by("dest")

    page.page.get_by_test_id("value").nth(3).wait_for()
    assert page.values() == ["MSY 3", "ORD 3", "LAX 2", "BOS 1"] or page.values() == [
        *("MSY 3", "BOS 2", "LAX 2", "ORD 2")
    ]
    assert sum(int(value.split()[1]) for value in page.values()) == 9
    page.button("Cancel").click()
    page.filter_by("late")
    page.page.get_by_test_id("value").first.wait_for()
    assert page.values() == ["true 9"]


def test_all_none_invert_and_leaving_out(page: Page) -> None:
    page.filter_by("dest")
    page.page.get_by_test_id("value").nth(3).wait_for()

    page.tick("BOS")
    page.button("Invert").click()
    page.counts("150 of 200 rows")
    page.button("None").click()
    page.counts("200 of 200 rows")
    page.button("All").click()
    page.page.get_by_test_id("value").filter(has_text="ORD").get_by_role("checkbox").uncheck()
    page.page.get_by_role("combobox", name="Show or leave out what is ticked").select_option(
        label="Leave out"
    )
    page.apply()

    page.shows_rows(50)
    assert page.chips() == ["dest is not one of BOS, LAX, +1"]


def test_a_range_is_set_by_fields_and_by_handles(page: Page) -> None:
    page.filter_by("delay")
    page.page.get_by_role("slider", name="To").wait_for()
    page.page.get_by_role("combobox", name="Lower end").select_option(label="more than")
    page.page.get_by_label("Least value").fill("60")
    page.page.locator("[aria-label=From][aria-valuetext='60']").wait_for()
    page.page.get_by_role("slider", name="To").focus()
    page.press("ArrowLeft", "ArrowLeft")
    largest = page.page.get_by_label("Largest value")
    eventually(lambda: largest.input_value() == "197", told=largest.input_value)
    page.page.get_by_role("checkbox", name="Also missing values").check()
    # 61 to 197 without the tens, and the 20 that are missing.
    page.counts(f"{sum(1 for n in range(61, 198) if n % 10) + 20} of 200 rows")
    page.apply()

    expected = "delay is more than 60 and is at most 197 or is missing"
    eventually(lambda: page.chips() == [expected], told=page.chips)
    page.page.locator(".chip-text").click()
    assert page.page.get_by_label("Least value").input_value() == "60"
    page.page.get_by_label("Least value").fill("198")
    page.page.get_by_text("The least value is larger than the largest.").wait_for()
    assert page.button("Apply").is_disabled()
    page.page.get_by_label("Least value").fill("many")
    page.page.get_by_text("That is not a number.").wait_for()
    page.press("Escape")
    assert page.chips() == [expected]


def test_a_bar_of_the_histogram_finds_exactly_its_rows(page: Page) -> None:
    page.page.locator(".column-open", has_text="delay").click()
    bars = page.page.get_by_role("listbox", name="Histogram of delay")
    bars.focus()
    page.press("End", "ArrowLeft", "ArrowLeft")
    told = bars.locator(".current").get_attribute("aria-label")
    from_to_count = re.match(r"(\d+) to below (\d+): (\d+) rows", told)
    assert from_to_count is not None, told
    low, high, count = map(int, from_to_count.groups())
    assert count == sum(1 for n in range(low, high) if n % 10)

    page.press("Enter")

    page.shows_rows(count)
    assert page.chips() == [f"delay is at least {low} and is less than {high}"]
    bars.press("Home")
    bars.press("Enter")
    eventually(lambda: page.chips()[0].startswith("delay is at least 1 "), told=page.chips)


def test_the_last_bar_ends_at_the_largest_value(page: Page) -> None:
    page.page.locator(".column-open", has_text="delay").click()
    bars = page.page.get_by_role("listbox", name="Histogram of delay")
    bars.focus()
    page.press("End")
    told = bars.locator(".current").get_attribute("aria-label")
    from_to_count = re.match(r"(\d+) to 199: (\d+) rows", told)
    assert from_to_count is not None, told
    low, count = from_to_count.groups()

    page.press("Enter")

    page.shows_rows(int(count))
    assert page.chips() == [f"delay is from {low} to 199"]


def test_filters_without_room_beside_the_tools_have_a_line_of_their_own(page: Page) -> None:
    def places(width: int) -> list[Any]:
        page.page.set_viewport_size({"width": width, "height": 800})
        names = (".add-step", ".filters", ".history-toggle")
        return [page.page.locator(name).bounding_box() for name in names]

    page.filter_by("delay")
    page.page.get_by_label("Least value").fill("60")
    page.apply()
    page.page.locator(".chip").wait_for()

    tool, filters, history = places(1280)
    assert filters["y"] < tool["y"] + tool["height"]
    assert filters["x"] + filters["width"] <= history["x"]
    tool, filters, history = places(900)
    assert filters["y"] >= tool["y"] + tool["height"]
    assert history["y"] == tool["y"]


def test_figures_are_told_and_a_frequent_value_is_a_filter(page: Page) -> None:
    page.page.locator(".column-open", has_text="delay").click()
    figures = page.page.locator(".figure-table").last
    figures.wait_for()
    names, values = (figures.locator(cell).all_inner_texts() for cell in ("th", "td"))
    told = dict(zip(names, values, strict=True))
    assert told["Missing"] == "20 (10%)"
    assert told["Distinct"] == "180 values"
    assert (told["Smallest"], told["Median"], told["Largest"]) == ("1", "100", "199")
    assert page.page.locator(".axis span").all_inner_texts() == ["1", "199"]
    page.button("Columns").last.click()
    eventually(lambda: page.focused().endswith("delay"))

    page.page.locator(".column-open", has_text="dest").click()
    page.button("ORD 50").click()

    page.shows_rows(50)
    assert page.chips() == ["dest is ORD"]


def test_texts_are_searched_by_their_parts(page: Page) -> None:
    page.filter_by("dest", by="Text")
    page.page.get_by_label("Text to find", exact=True).fill("o")
    page.counts("100 of 200 rows")
    page.page.get_by_role("checkbox", name="Match case").check()
    page.counts("0 of 200 rows")
    page.page.get_by_role("checkbox", name="Match case").uncheck()
    page.page.get_by_label("The text").select_option(label="does not end with")
    page.page.get_by_label("Text to find", exact=True).fill("s")
    page.counts("150 of 200 rows")
    page.page.get_by_label("The text").select_option(label="is one of")
    page.page.get_by_label("These, one on each line").fill("lax\nmsy")
    page.counts("100 of 200 rows")
    page.apply()

    page.shows_rows(100)
    assert page.chips() == ["dest is one of lax, msy in any case"]


def test_dates_times_truths_and_large_integers(page: Page) -> None:
    page.filter_by("day")
    page.page.get_by_label("Least value").fill("2013-02-01")
    page.counts("100 of 200 rows")
    page.press("Escape")
    page.filter_by("seen_at")
    page.page.get_by_role("combobox", name="Upper end").select_option(label="before")
    page.page.get_by_label("Largest value").fill("2013-01-01T02:00")
    page.counts(f"{sum(1 for n in range(200) if n % 24 < 2)} of 200 rows")
    page.press("Escape")
    page.filter_by("code")
    page.page.get_by_label("Least value").fill("9007199254740993")
    page.page.get_by_label("Largest value").fill("9007199254740993")
    page.counts("1 of 200 rows")
    page.apply()
    page.shows_rows(1)
    assert page.chips() == ["code is from 9,007,199,254,740,993 to 9,007,199,254,740,993"]
    page.button("Clear all").click()
    page.filter_by("late")
    page.page.get_by_test_id("value").nth(2).wait_for()
    assert page.values() == ["missing 20", "true 126", "false 54"]
    page.tick("false", "missing")
    page.counts("74 of 200 rows")
    page.apply()
    page.shows_rows(74)
    assert page.chips() == ["late is false or is missing"]
    page.filter_by("delay", by="Missing")
    page.counts("20 of 200 rows")
    page.apply()
    page.shows_rows(20)


def test_filters_can_be_alternatives(page: Page, recorded: Callable[[], Any]) -> None:
    page.filter_by("dest")
    page.tick("BOS")
    page.apply()
    page.shows_rows(50)
    page.filter_by("delay")
    page.page.get_by_label("Least value").fill("190")

    page.page.get_by_label("With the other filters").select_option(label="Or: dest is BOS")

    # BOS has every fourth, from 0 on.
    either = [n for n in range(200) if n % 4 == 0 or (n % 10 and n >= 190)]
    page.counts(f"{len(either)} of 200 rows")
    page.apply()
    page.shows_rows(len(either))
    assert page.chips() == ["dest is BOS or delay is at least 190"]
    page.page.locator(".chip-text").click()
    page.button("Add a condition").click()
    page.page.get_by_role("searchbox", name="Find a column").fill("late")
    page.press("Enter")
    page.tick("false")
    page.apply()
    eventually(lambda: page.chips()[0].endswith("or late is false"), told=page.chips)
    page.page.get_by_label("Show the rows for which").select_option(label="all of these hold")
    page.shows_rows(0)
    page.page.get_by_role("button", name="Remove the filter “late is false”").click()
    page.page.get_by_label("Show the rows for which").select_option(label="any of these holds")
    page.shows_rows(len(either))
    both = [
        {"column": "dest", "op": "eq", "value": "BOS"},
        {"column": "delay", "op": "gte", "value": 190},
    ]
    eventually(lambda: recorded().get("filter") == [{"any": both}])


def test_a_filter_is_of_the_column_whose_menu_it_was_chosen_from_whatever_is_open(
    page: Page,
) -> None:
    page.button("Add filter").click()
    page.page.locator("th[data-name=delay]").click(button="right")
    page.page.get_by_role("menuitem", name="Filter …").click()
    page.page.get_by_label("Least value").fill("190")
    page.apply()

    page.shows_rows(9)
    assert page.chips() == ["delay is at least 190"]


def test_a_new_filter_is_no_part_of_the_group_that_is_open(page: Page) -> None:
    bos = {"column": "dest", "op": "eq", "value": "BOS"}
    page.page.evaluate(
        "async (filter) => (await import('/static/data_tools/studio/commands.js'))"
        ".filterBy(filter)",
        [{"any": [bos, {"column": "late", "op": "eq", "value": True}]}],
    )
    page.page.locator(".chip-text").click()
    page.button("Add a condition").click()

    page.press("Control+k")
    page.page.get_by_role("combobox", name="What do you want to do?").fill("add filter")
    page.press("Enter")
    page.page.get_by_role("searchbox", name="Find a column").fill("delay")
    page.press("Enter")
    page.page.get_by_label("Least value").fill("190")
    page.apply()

    expected = ["dest is BOS or late is true", "delay is at least 190"]
    eventually(lambda: page.chips() == expected, told=page.chips)


def test_a_deeper_filter_of_another_client_is_told_and_kept(page: Page, studio: Studio) -> None:
    deep = {
        "any": [
            {"not": {"any": [{"column": "dest", "op": "eq", "value": name} for name in "AB"]}},
            {
                "all": [
                    {"column": "delay", "op": "lt", "value": 5},
                    {"column": "late", "op": "eq", "value": True},
                ]
            },
        ]
    }
    item = {
        "client_operation_id": "6b4b2c66-0000-4000-8000-000000000001",
        "type": "view_changed",
        "view": {"page_number": 1, "page_size": 50, "filter": [deep]},
    }
    assert studio.post("session/activity/", {"items": [item]}).status == 200

    page.open()

    [sentence] = page.chips()
    assert sentence.endswith("or (delay is less than 5 and late is true)")
    page.shows_rows(200)
    page.page.locator(".chip-text").click()
    page.page.get_by_text("Combined filters").wait_for()
    page.press("Escape")
    page.page.get_by_role("button", name=f"Remove the filter “{sentence}”").click()
    assert page.chips() == []
    assert page.focused() == "Add filter"


def test_a_filter_becomes_a_step_and_undo_brings_the_rows_back(page: Page) -> None:
    page.filter_by("dest")
    page.tick("BOS")
    page.apply()
    page.shows_rows(50)

    page.button("Keep only these rows").click()

    eventually(lambda: page.chips() == [], told=page.chips)
    page.shows_rows(50)
    page.page.locator(".strip small", has_text="1 value").first.wait_for()
    page.button("Undo").first.click()
    page.shows_rows(200)
    page.page.locator(".strip small", has_text="4 values").first.wait_for()


def test_a_filter_ends_with_a_column_that_is_dropped(page: Page) -> None:
    page.filter_by("late")
    page.tick("true")
    page.apply()
    page.shows_rows(126)

    page.page.evaluate("""async () => {
        const { perform } = await import("/static/data_tools/studio/commands.js");
        await perform("column_operation_drop", { columns: ["late"] });
    }""")

    page.shows_rows(200)
    assert page.chips() == []


def test_a_filter_on_a_column_that_is_not_there_says_so(page: Page) -> None:
    page.page.evaluate("""async () => {
        const { filterBy } = await import("/static/data_tools/studio/commands.js");
        await filterBy([{ column: "gone", op: "eq", value: 1 },
                        { column: "delay", op: "gt", value: 190 }]);
    }""")

    expected = ["gone is 1: this column is gone", "delay is more than 190"]
    eventually(lambda: page.chips() == expected, told=page.chips)
    page.page.get_by_role("button", name="Remove the filter “gone is 1”").click()
    page.shows_rows(9)
    page.problems.clear()  # the browser tells of the refused request


def test_filter_and_order_follow_a_column_that_is_renamed(page: Page) -> None:
    page.page.locator("th[data-name=dest] .column-name").click()
    page.filter_by("dest")
    page.tick("LAX")
    page.apply()
    page.shows_rows(50)

    page.page.evaluate("""async () => {
        const { perform } = await import("/static/data_tools/studio/commands.js");
        await perform("rename_column", { old_name: "dest", new_name: "to" });
    }""")

    expected = ["to is LAX", "sorted by to"]
    eventually(lambda: page.chips() == expected, told=page.chips)
    page.shows_rows(50)
    page.button("Undo").first.click()
    eventually(lambda: page.chips() == ["dest is LAX", "sorted by dest"], told=page.chips)


def test_the_order_is_a_chip(page: Page) -> None:
    page.page.locator("th[data-name=delay] .column-name").click()
    eventually(lambda: page.chips() == ["sorted by delay"], told=page.chips)
    page.page.locator(".chip-text").click()
    eventually(lambda: page.chips() == ["sorted by delay, largest first"], told=page.chips)
    page.page.locator("tbody [aria-colindex='2']", has_text="199").first.wait_for()
    page.button("Do not sort by delay").click()
    assert page.chips() == []


def test_columns_are_found_hidden_and_moved(page: Page, recorded: Callable[[], Any]) -> None:
    def shown() -> list[str]:
        return page.page.locator("th.column .column-word").all_inner_texts()

    names = [name for name, _ in COLUMNS]
    page.page.get_by_role("searchbox", name="Find a column").fill("day")
    assert page.page.locator(".column-open").count() == 1
    page.page.get_by_role("status").get_by_text(f"1 of {len(names)} columns").wait_for()
    page.button("Hide day").click()
    eventually(lambda: shown() == [name for name in names if name != "day"])
    page.page.get_by_role("searchbox", name="Find a column").fill("")
    page.page.get_by_text("1 hidden column").wait_for()
    page.button("Show all").click()
    eventually(lambda: shown() == names)

    page.page.locator(".column-open", has_text="share").focus()
    page.press("Alt+ArrowUp", "Alt+ArrowUp")
    moved = ["share", *(name for name in names if name != "share")]
    eventually(lambda: shown() == moved, told=shown)
    assert page.page.evaluate("document.activeElement.innerText").endswith("share")
    row = page.page.locator(".column-rows li", has_text="code")
    row.hover()
    grip = row.locator(".column-grip").bounding_box()
    first = page.page.locator(".column-rows li").first.bounding_box()
    page.page.mouse.move(grip["x"] + 5, grip["y"] + 5)
    page.page.mouse.down()
    page.page.mouse.move(grip["x"] + 5, first["y"] + 20, steps=5)
    page.page.mouse.up()

    moved = ["code", *(name for name in moved if name != "code")]
    eventually(lambda: shown() == moved, told=shown)
    eventually(lambda: recorded().get("column_order") == ["code", "share"])
    page.open()
    eventually(lambda: shown() == moved, told=shown)


def test_a_filter_is_made_by_the_keyboard_alone(page: Page) -> None:
    page.button("Add filter").focus()
    page.press("Enter")
    page.page.keyboard.type("dest")
    page.press("Enter")
    page.page.get_by_test_id("value-search").wait_for()
    page.page.keyboard.type("bos")
    eventually(lambda: page.values() == ["BOS 50"], told=page.values)
    page.press("Enter")
    page.shows_rows(50)
    assert page.focused() == "Add filter"

    page.press("Enter")
    page.page.keyboard.type("delay")
    page.press("Enter")
    page.page.get_by_label("Least value").wait_for()
    page.page.keyboard.type("60")
    page.press("Enter")
    eventually(lambda: page.chips() == ["dest is BOS", "delay is at least 60"], told=page.chips)
    page.page.locator(".chip-text").first.focus()
    page.press("Enter")
    page.page.get_by_test_id("value").nth(3).wait_for()
    page.press("ArrowDown", "ArrowDown", "Space")
    page.page.get_by_text("2 ticked").wait_for()
    page.press("Escape")
    assert page.chips() == ["dest is BOS", "delay is at least 60"]
    assert page.focused() == "dest is BOS"


def test_odd_names_and_values_are_only_texts(
    chromium: Chromium, server: Server, user: User
) -> None:
    columns = [(name, "text") for name in ODD_NAMES]
    rows = [[HTML if n % 2 else f" {n}" for _ in ODD_NAMES] for n in range(6)]
    dataset = publish(user, columns, rows, name="odd")

    with opened(chromium, server, user, dataset) as page:
        for place, name in enumerate(ODD_NAMES):
            page.page.locator(".column-open").nth(place).click()
            page.button("Filter").click()
            page.page.get_by_test_id("value").nth(3).wait_for()
            assert page.values()[0] == f"{HTML} 3", name
            page.page.get_by_test_id("value").first.get_by_role("checkbox").check()
            page.apply()
            page.shows_rows(3)
            assert page.chips() == [f"{name or '(no name)'} is {HTML}"]
            page.button("Clear all").click()
            page.shows_rows(6)
            page.button("Columns").last.click()
        assert page.page.title() != "owned"
        assert page.page.locator("main img").count() == 0


def test_thousands_of_columns_are_asked_for_as_they_come_into_sight(
    chromium: Chromium, server: Server, user: User
) -> None:
    columns = [(f"column_{n}", "integer") for n in range(1_000)]
    dataset = publish(user, columns, [list(range(1_000)) for _ in range(3)], name="wide")

    with opened(chromium, server, user, dataset) as page:
        page.page.locator(".strip small", has_text="1 value").first.wait_for()
        assert page.page.locator(".column-open").count() < 60
        asked: list[str] = []
        page.page.on("request", lambda request: asked.append(request.url))
        page.page.get_by_role("searchbox", name="Find a column").fill("column_999")
        with page.page.expect_response(re.compile(r"/columns/\?offset=950")):
            page.press("Enter")
        page.page.locator(".figure-table").last.get_by_text("999").first.wait_for()
        assert not [address for address in asked if re.search(r"offset=(500|600)\b", address)]


def test_a_filter_too_long_for_an_address_is_offered_as_a_step(page: Page) -> None:
    page.filter_by("dest", by="Text")
    page.page.get_by_label("The text").select_option(label="is one of")
    many = [f"place number {n}" for n in range(400)]
    page.page.get_by_label("These, one on each line").fill("\n".join([*many, "bos"]))
    assert len(json.dumps(many)) > 6_000

    page.page.get_by_text("This is too long to look at as a filter.").wait_for()
    page.page.locator(".filter-foot").get_by_role("button", name="Keep only these rows").click()

    page.shows_rows(50)
    assert page.chips() == []


def test_figures_that_are_not_there_yet_come_by_themselves(
    chromium: Chromium, server: Server, user: User, dataset: DataSource
) -> None:
    with opened(chromium, server, user, dataset) as page:
        page.page.locator(".strip small", has_text="4 values").first.wait_for()
        busy = {
            "success": False,
            "error": {
                "code": "SERVICE_BUSY",
                "message": "busy",
                "user_message": "The service is busy.",
                "retryable": True,
                "recovery_actions": [],
            },
        }
        refused: list[str] = []

        def refuse(route: Any) -> None:
            refused.append(route.request.url)
            route.fulfill(status=503, json=busy)

        page.page.route("**/columns/?*", refuse)
        page.filter_by("dest")
        page.tick("BOS")
        page.apply()
        page.button("Keep only these rows").click()
        page.page.locator(".strip.older").first.wait_for()
        eventually(lambda: len(refused) > 0)
        page.page.unroute("**/columns/?*")

        page.page.locator(".strip:not(.older) small", has_text="1 value").first.wait_for()
        page.problems.clear()  # the browser tells of the refused requests
