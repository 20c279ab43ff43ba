"""The grid of the studio in a real browser: seen, moved in, sorted, arranged and copied from."""

from __future__ import annotations

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
from tests.support.studios import studio_of
from tests.support.visitor import visiting

pytestmark = pytest.mark.django_db(transaction=True)

COLUMNS = (
    ("n", "integer"),
    ("word", "text"),
    ("share", "float"),
    ("day", "date"),
    ("seen_at", "datetime"),
    ("kept", "boolean"),
)
LONG = "long " * 3_000
FIRST_ROWS: list[list[Any]] = [
    [9007199254740993, "plain", 0.1, "2013-01-31", "2013-01-31T05:15:00+02:00", True],
    [2013, None, None, None, None, None],
    [12345, "", -2.5, "2013-02-01", "2013-02-01T05:15:09.12", False],
    [4, " ends ", 1e-9, "2013-02-02", "2013-02-02T00:00:00", True],
    [5, 'tab\tand\nline "quoted"', 3.0, "2013-02-03", "2013-02-03T00:00:00", True],
    [6, LONG, 3.0, "2013-02-03", "2013-02-03T00:00:00", True],
]
ROWS = FIRST_ROWS + [
    [n, f"word {n % 7}", n / 4, "2013-03-01", "2013-03-01T12:00:00", n % 2 == 0]
    for n in range(7, 231)
]


class Grid:
    """A page of the studio, and what a person does there."""

    def __init__(self, page: Any) -> None:
        self.page = page
        self.problems: list[str] = []
        page.on("pageerror", lambda error: self.problems.append(str(error)))
        page.on(
            "console", lambda message: self.problems.append(f"{message.text} {message.location}")
        )

    def open(self, address: str) -> Grid:
        self.page.goto(address)
        return self.ready()

    def ready(self) -> Grid:
        self.page.locator("table[aria-busy=false] tbody tr").first.wait_for()
        return self

    def cell(self, row: int, column: int) -> Any:
        """Return the cell of a row and a column of the page, both from 1."""
        return self.page.locator(f"tbody tr:nth-child({row}) [aria-colindex='{column + 1}']")

    def header(self, name: str) -> Any:
        return self.page.locator(f"th[data-name='{name}']")

    def names(self) -> list[str]:
        return self.page.locator("th.column .column-word").all_inner_texts()

    def column(self, place: int) -> list[str]:
        return self.page.locator(f"tbody [aria-colindex='{place + 1}']").all_inner_texts()

    def sort(self, name: str, *modifiers: str) -> None:
        self.header(name).locator(".column-name").click(modifiers=list(modifiers))
        self.ready()

    def choose(self, name: str, command: str) -> None:
        """Choose a command of a column's menu."""
        self.header(name).click(button="right")
        self.page.get_by_role("menuitem", name=command, exact=True).click()

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def focused(self) -> tuple[int, int]:
        """Return the row of the table, 0 the headers, and the column that have the focus."""
        row, column = self.page.evaluate(
            "[document.activeElement.parentElement.getAttribute('aria-rowindex'),"
            " document.activeElement.getAttribute('aria-colindex')].map(Number)"
        )
        return row - 1, column - 1

    def showing(self) -> str:
        return re.sub(r"\s+", " ", self.page.locator(".showing").inner_text())

    def copied(self) -> str:
        return self.page.evaluate("navigator.clipboard.readText()")

    def waits_for(self, selector: str, **options: Any) -> None:
        self.page.locator(selector, **options).first.wait_for()


@contextmanager
def opened(
    chromium: Chromium, server: Server, user: User, dataset: DataSource, **context: Any
) -> Iterator[Grid]:
    """Open the studio on a dataset in a browser in which the user is signed in."""
    allowed = ["clipboard-read", "clipboard-write"]
    with visiting(chromium, server, user, locale="en-US", permissions=allowed, **context) as page:
        yield Grid(page).open(f"/studio/{dataset.pk}/")


@pytest.fixture
def dataset(user: User) -> DataSource:
    return publish(user, COLUMNS, ROWS, name="words")


@pytest.fixture
def studio(user: User, dataset: DataSource, server: Server) -> Studio:
    """Another client of the same session."""
    return studio_of(user, dataset, transport=server.transport)


@pytest.fixture
def grid(
    chromium: Chromium, server: Server, user: User, dataset: DataSource, studio: Studio
) -> Iterator[Grid]:
    with opened(chromium, server, user, dataset) as grid:
        yield grid
        assert grid.problems == []


@pytest.fixture
def recorded(studio: Studio) -> Callable[[], dict[str, Any]]:
    """Returns a function that returns the view that a recovery would show."""

    def recorded() -> dict[str, Any]:
        return studio.post("session/recover/", {"strategy": "auto"}).body["view"] or {}

    return recorded


def test_each_kind_of_value_is_told_from_the_others(grid: Grid) -> None:
    def texts(column: int) -> list[str]:
        return [grid.cell(row, column).inner_text() for row in range(1, 6)]

    assert texts(1) == ["9,007,199,254,740,993", "2013", "12,345", "4", "5"]
    assert texts(2)[:4] == ["plain", "·", "‹empty›", "␣ends␣"]
    assert texts(2)[4] == 'tab⇥and↵line "quoted"'
    assert texts(3) == ["0.1", "·", "−2.5", "1E−9", "3"]
    assert texts(4) == ["Jan 31, 2013", "·", "Feb 1, 2013", "Feb 2, 2013", "Feb 3, 2013"]
    assert grid.cell(1, 5).inner_text() == "Jan 31, 2013, 5:15 AM +02:00"
    assert grid.cell(3, 5).inner_text() == "Feb 1, 2013, 5:15:09.12 AM"
    assert grid.cell(6, 2).inner_text().endswith("…")
    missing = grid.cell(2, 2)
    assert missing.get_attribute("aria-label") == missing.get_attribute("title") == "missing"


def test_a_screen_reader_is_told_how_large_the_table_is_and_where_a_cell_is(grid: Grid) -> None:
    table = grid.page.get_by_role("grid", name="Rows of words")

    assert table.get_attribute("aria-rowcount") == "231"
    assert table.get_attribute("aria-colcount") == "7"
    assert grid.page.get_by_role("columnheader", name="whole number n").count() == 1
    grid.page.get_by_role("button", name="Last page").click()
    grid.waits_for("tbody tr[aria-rowindex='231']")
    assert grid.page.get_by_role("rowheader").last.inner_text() == "230"


def test_pages_are_turned_and_jumped_to(grid: Grid) -> None:
    assert grid.showing() == "Showing 1–50 of 230"

    grid.page.get_by_role("button", name="Next page").click()
    grid.waits_for("tbody tr[aria-rowindex='52']")
    assert grid.showing() == "Showing 51–100 of 230"
    field = grid.page.get_by_role("textbox", name="Page")
    field.fill("5")
    field.press("Enter")
    grid.waits_for("tbody tr[aria-rowindex='202']")
    assert grid.showing() == "Showing 201–230 of 230"
    following = grid.page.get_by_role("button", name="Next page")
    assert following.get_attribute("aria-disabled") == "true"
    following.click(force=True)
    assert grid.page.evaluate("document.activeElement.ariaLabel") == "Next page"
    grid.page.get_by_role("button", name="First page").click()
    grid.waits_for("tbody tr[aria-rowindex='2']")
    field.fill("99")
    field.press("Enter")
    grid.waits_for("tbody tr[aria-rowindex='202']")
    assert field.input_value() == "5"


def test_a_page_of_another_size_has_the_first_row_that_was_seen(grid: Grid) -> None:
    grid.page.get_by_role("button", name="Next page").click()
    grid.waits_for("tbody tr[aria-rowindex='52']")

    grid.page.get_by_role("combobox", name="Rows").select_option("10")

    grid.waits_for("tbody tr[aria-rowindex='52']")
    grid.page.get_by_text("51–60").wait_for()
    assert grid.page.locator("tbody tr").count() == 10


def test_turning_to_a_neighbour_asks_for_nothing(grid: Grid) -> None:
    asked: list[str] = []
    with grid.page.expect_response(re.compile(r"page_number=3")):
        grid.page.get_by_role("button", name="Next page").click()
    grid.page.on("request", lambda request: asked.append(request.url))

    grid.page.get_by_role("button", name="Previous page").click()
    grid.waits_for("tbody tr[aria-rowindex='2']")

    assert [address for address in asked if "/data/" in address] == []


def test_the_second_page_of_an_order_is_read_ahead_once_nobody_asks_for_another_order(
    grid: Grid,
) -> None:
    with grid.page.expect_response(re.compile(r"page_number=2.*sort=")):
        grid.sort("word")

    rested = grid.page.evaluate("""() => {
        const read = performance.getEntriesByType("resource").filter(
          ({ name }) => name.includes("/data/") && name.includes("sort="),
        );
        return read[1].startTime - read[0].responseEnd;
    }""")
    assert rested > 900


def test_a_name_sorts_and_with_shift_by_several_columns(grid: Grid) -> None:
    grid.sort("word")
    grid.waits_for("th[data-name=word][aria-sort=ascending]")
    grid.sort("n", "Shift")
    grid.sort("n", "Shift")

    grid.waits_for("th[data-name=n][aria-sort=descending]")
    eventually(lambda: grid.cell(1, 1).inner_text() == "12,345")
    assert grid.column(1)[5:7] == ["224", "217"]
    assert grid.header("word").locator(".sorted").inner_text() == "1"
    assert grid.header("n").locator(".sorted").inner_text() == "2"
    grid.sort("n", "Shift")
    grid.sort("word")
    grid.sort("word")
    eventually(lambda: grid.page.locator("[aria-sort]").count() == 0)
    assert grid.cell(2, 1).inner_text() == "2013"


def test_cells_are_copied_as_they_are(grid: Grid) -> None:
    grid.cell(1, 1).click()
    grid.press("Shift+ArrowRight", "Shift+ArrowRight", "Shift+ArrowDown", "Shift+ArrowDown")

    grid.press("Control+c")

    assert grid.copied() == "9007199254740993\tplain\t0.1\n2013\t\t\n12345\t\t-2.5"
    grid.page.get_by_text("9 cells copied").wait_for(state="attached")
    grid.cell(5, 2).click()
    grid.press("Control+c")
    assert grid.copied() == '"tab\tand\nline ""quoted"""'


def test_a_long_text_is_copied_whole(grid: Grid) -> None:
    grid.cell(6, 2).click()

    grid.press("Control+c")

    grid.page.get_by_text("1 cell copied").wait_for(state="attached")
    assert grid.copied() == LONG


def test_cells_that_could_not_be_copied_are_told_to_everybody(grid: Grid) -> None:
    grid.page.route("**/data/cell/**", lambda route: route.fulfill(status=409, json=FAILURE))
    grid.cell(6, 2).click()

    grid.press("Control+c")

    told = grid.page.locator(".notice", has_text="The cells could not be copied.")
    told.wait_for()
    grid.page.unroute("**/data/cell/**")
    grid.cell(6, 2).click()
    grid.press("Control+c")
    told.wait_for(state="detached")
    assert grid.copied() == LONG
    assert all("409" in told for told in grid.problems)
    grid.problems.clear()


def test_a_chosen_column_is_copied_with_its_name(grid: Grid) -> None:
    grid.header("n").locator(".type").click()
    grid.header("share").locator(".type").click(modifiers=["Control"])

    grid.press("Control+c")

    assert grid.copied().split("\n")[:3] == ["n\tshare", "9007199254740993\t0.1", "2013\t"]


def test_the_whole_cell_is_shown_on_demand(grid: Grid) -> None:
    grid.cell(6, 2).dblclick()

    dialog = grid.page.get_by_role("dialog", name="word")
    grid.page.get_by_text(f"{len(LONG):,} characters").wait_for()
    assert dialog.locator("pre").text_content() == LONG
    dialog.get_by_role("button", name="Copy").click()
    dialog.get_by_text("Copied").wait_for()
    assert grid.copied() == LONG
    grid.press("Escape")
    assert grid.focused() == (6, 2)
    grid.press("Enter")
    dialog.wait_for()


def test_the_keys_of_a_spreadsheet_lead_everywhere(grid: Grid) -> None:
    grid.cell(1, 1).click()

    for key, place in (
        ("ArrowDown", (2, 1)),
        ("ArrowRight", (2, 2)),
        ("End", (2, 6)),
        ("Home", (2, 1)),
        ("Control+End", (50, 6)),
        ("PageDown", (51, 6)),
        ("PageUp", (50, 6)),
        ("Control+Home", (1, 1)),
        ("ArrowUp", (0, 1)),
        ("ArrowUp", (0, 1)),
    ):
        grid.press(key)
        eventually(lambda place=place: grid.focused() == place)


def test_all_is_done_by_keyboard_alone(grid: Grid) -> None:
    grid.page.locator("td[tabindex='0']").focus()
    grid.press("Control+g")
    grid.page.keyboard.type("seen")
    grid.press("Enter")
    eventually(lambda: grid.focused() == (1, 5))

    grid.press("ArrowUp", " ")
    assert grid.header("seen_at").get_attribute("aria-selected") == "true"
    grid.press("Enter")
    grid.waits_for("th[data-name=seen_at][aria-sort=ascending]")
    before = grid.header("seen_at").bounding_box()["width"]
    grid.press("Alt+ArrowRight")
    eventually(lambda: grid.header("seen_at").bounding_box()["width"] == before + 16)
    grid.press("Alt+Shift+ArrowLeft")
    eventually(lambda: grid.names()[3:5] == ["seen_at", "day"])
    assert grid.focused() == (0, 4)
    grid.press("ArrowRight")
    eventually(lambda: grid.focused() == (0, 5))
    grid.press("ArrowLeft", "Enter")
    grid.waits_for("th[data-name=seen_at][aria-sort=descending]")
    eventually(lambda: grid.focused() == (0, 4))
    grid.press("Alt+ArrowDown", "End", "ArrowUp", "ArrowUp", "Home")
    assert grid.page.evaluate("document.activeElement.textContent.trim()") == "Sort ascending"
    grid.press("Escape")
    eventually(lambda: grid.focused() == (0, 4))


def test_how_columns_are_arranged_survives_a_reload(
    grid: Grid, recorded: Callable[[], dict[str, Any]]
) -> None:
    grid.choose("share", "Hide")
    grid.choose("seen_at", "Move to the beginning")
    grid.choose("n", "Freeze up to here")
    grip = grid.header("word").locator(".grip.after").bounding_box()
    x, y = grip["x"] + 6, grip["y"] + 10
    grid.page.mouse.move(x, y)
    grid.page.mouse.down()
    grid.page.mouse.move(x + 60, y, steps=3)
    grid.page.mouse.up()
    width = grid.header("word").bounding_box()["width"]
    grid.sort("n")
    grid.page.get_by_role("button", name="Next page").click()
    grid.waits_for("tbody tr[aria-rowindex='52']")
    eventually(lambda: recorded().get("page_number") == 2)

    grid.page.reload()
    grid.ready()

    assert grid.names() == ["seen_at", "n", "word", "day", "kept"]
    assert grid.header("word").bounding_box()["width"] == width
    assert grid.header("n").get_attribute("aria-sort") == "ascending"
    assert grid.showing() == "Showing 51–100 of 230"
    assert grid.page.locator("thead th.frozen").count() == 2


def test_a_view_goes_on_with_a_column_that_is_renamed(grid: Grid) -> None:
    grid.sort("word")
    grid.header("word").press("Alt+ArrowRight")
    width = grid.header("word").bounding_box()["width"]

    grid.page.evaluate(RENAME)

    grid.waits_for("th[data-name=said][aria-sort=ascending]")
    assert grid.header("said").bounding_box()["width"] == width
    grid.page.get_by_role("button", name="Undo").first.click()
    grid.waits_for("th[data-name=word][aria-sort=ascending]")
    assert grid.page.get_by_role("alert").count() == 0


def test_an_order_by_a_column_ends_when_the_column_is_dropped(grid: Grid) -> None:
    grid.sort("word")
    grid.waits_for("th[data-name=word][aria-sort=ascending]")

    grid.page.evaluate(DROP)

    eventually(lambda: grid.names() == ["n", "share", "day", "seen_at", "kept"])
    eventually(lambda: grid.cell(2, 1).inner_text() == "2013")
    assert grid.page.get_by_role("alert").count() == 0


_PERFORM = """async () => {
  const loaded = performance.getEntriesByType("resource").map((each) => each.name);
  const { perform } = await import(loaded.find((name) => /studio.commands[.\\w]*js$/.test(name)));
  await perform(%s);
}"""
RENAME = _PERFORM % '"rename_column", { old_name: "word", new_name: "said" }'
DROP = _PERFORM % '"column_operation_drop", { columns: ["word"] }'


def test_a_header_is_dragged_to_another_place(grid: Grid) -> None:
    word, kept = (grid.header(name).bounding_box() for name in ("word", "kept"))
    grid.page.mouse.move(word["x"] + 30, word["y"] + 12)
    grid.page.mouse.down()
    grid.page.mouse.move(kept["x"] + kept["width"] - 20, word["y"] + 12, steps=4)
    grid.page.mouse.up()

    eventually(lambda: grid.names() == ["n", "share", "day", "seen_at", "kept", "word"])
    assert grid.page.locator("[aria-sort]").count() == 0


def test_what_is_looked_at_last_is_recorded_when_the_page_is_left(
    grid: Grid, recorded: Callable[[], dict[str, Any]]
) -> None:
    grid.choose("day", "Hide")
    grid.page.goto("about:blank")

    eventually(lambda: recorded().get("hidden_columns") == ["day"])


def test_a_page_that_cannot_be_read_says_so_and_is_read_again(grid: Grid) -> None:
    grid.page.route("**/data/?*", lambda route: route.fulfill(status=500, json=FAILURE))
    grid.page.get_by_role("button", name="Last page").click()
    grid.page.get_by_role("alert").get_by_text("Something is wrong.").wait_for()
    assert grid.cell(1, 1).is_visible()

    grid.page.unroute("**/data/?*")
    grid.page.get_by_role("alert").get_by_role("button", name="Try again").click()

    grid.waits_for("tbody tr[aria-rowindex='202']")
    grid.page.get_by_role("alert").wait_for(state="detached")
    # Neighbouring pages are read ahead, so that it may be told more than once.
    assert all("500" in told for told in grid.problems)
    grid.problems.clear()


FAILURE = {
    "success": False,
    "error": {
        "code": "INTERNAL_ERROR",
        "user_message": "Something is wrong.",
        "retryable": False,
        "recovery_actions": [],
        "details": {},
        "trace_id": "0" * 32,
    },
}


def test_of_thousands_of_columns_those_in_sight_are_drawn(
    chromium: Chromium, server: Server, user: User
) -> None:
    names = [f"column {at}" for at in range(3_000)]
    rows = [[at * 10 + row for at in range(3_000)] for row in range(20)]
    wide = publish(user, [(name, "integer") for name in names], rows, name="wide")

    with opened(chromium, server, user, wide) as grid:
        assert grid.page.locator("tbody td").count() < 20 * 60
        grid.cell(1, 1).click()
        grid.press("End")
        eventually(lambda: grid.focused() == (1, 3_000))
        assert grid.page.evaluate("document.activeElement.textContent") == "29,990"
        grid.press("ArrowDown", "ArrowLeft")
        eventually(lambda: grid.focused() == (2, 2_999))
        assert grid.page.locator("tbody td").count() < 20 * 80
        grid.press("Control+g")
        grid.page.get_by_text("2,990 more columns. Type to find one.").wait_for()
        assert grid.problems == []


def test_on_a_phone_the_first_column_stays_in_sight(
    chromium: Chromium, server: Server, user: User, dataset: DataSource
) -> None:
    phone = {"viewport": {"width": 360, "height": 700}, "has_touch": True, "is_mobile": True}

    with opened(chromium, server, user, dataset, **phone) as grid:
        grid.page.locator(".scroll").evaluate("element => element.scrollLeft = 400")

        eventually(lambda: grid.header("n").bounding_box()["x"] == 0)
        assert grid.page.evaluate("document.documentElement.scrollWidth") == 360
        assert grid.cell(1, 1).bounding_box()["height"] >= 44
        assert grid.problems == []


def test_after_a_page_that_could_not_be_read_the_buttons_go_on_from_the_one_that_is_shown(
    grid: Grid,
) -> None:
    from playwright.sync_api import expect

    grid.page.locator("select").select_option("10")
    grid.ready()
    refused = {"code": "QUERY_TIMEOUT", "message": "late", "user_message": "It took too long."}
    grid.page.route(
        "**/data/?*",
        lambda route: route.fulfill(
            status=503, json={"success": False, "error": {**refused, "recovery_actions": []}}
        ),
    )
    last = grid.page.get_by_role("button", name="Last page")
    last.click()
    grid.waits_for(".grid .notice")

    expect(last).not_to_have_attribute("aria-disabled", "true")
    expect(grid.page.get_by_role("button", name="Previous page")).to_have_attribute(
        "aria-disabled", "true"
    )
    field = grid.page.get_by_role("textbox", name="Page")
    field.fill("9")
    field.press("Enter")
    expect(field).to_have_value("1")
    grid.page.unroute("**/data/?*")
    last.click()
    expect(grid.page.locator(".grid .notice")).to_have_count(0)
    expect(last).to_have_attribute("aria-disabled", "true")
    grid.problems.clear()  # the browser tells of the refused requests
