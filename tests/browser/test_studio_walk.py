"""A newcomer's afternoon, from a file to a saved dataset: by mouse, and by keyboard alone."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson
import pytest
from django.contrib.auth.models import User

from tests.support.chromium import Chromium
from tests.support.patience import eventually
from tests.support.serving import Server
from tests.support.studio_client import Studio
from tests.support.studio_page import browser_context, expect, signed_in_cookie
from tests.support.studios import INITIALIZE
from tests.support.users import token_of

pytestmark = pytest.mark.django_db(transaction=True)

OTHERS = 1_000
LATE = 45  # flights to Boston that were more than an hour late
GAPS = re.compile(r"^Filled ([1-9]\d*) missing cells of dep_delay with the median")
SHOWN = re.compile(r"Showing 11–20 of 45")

# The name that a screen reader says, roughly, of what has the focus.
FOCUSED = """() => {
    const { activeElement: at } = document;
    return (at.ariaLabel ?? at.labels?.[0]?.textContent ?? at.textContent).trim();
}"""
COUNT_POINTERS = """
    window.pointers = 0;
    for (const kind of ["pointerdown", "mousedown", "mousemove", "touchstart", "wheel"])
        addEventListener(kind, () => { window.pointers += 1 }, true);
"""


@pytest.fixture
def file(flights_csv: Path, tmp_path: Path) -> Path:
    """A few hundred flights, among them `LATE` to Boston that were more than an hour late."""
    path = tmp_path / "some flights.csv"
    with flights_csv.open(newline="") as source, path.open("w", newline="") as target:
        rows = csv.DictReader(source)
        written = csv.DictWriter(target, rows.fieldnames or ())
        written.writeheader()
        late, others = 0, 0
        for row in rows:
            if row["dest"] == "BOS" and row["arr_delay"] != "NA" and int(row["arr_delay"]) > 60:
                late += 1
            elif others == OTHERS:
                continue
            else:
                others += 1
            written.writerow(row)
            if late == LATE:
                break
    return path


@pytest.fixture
def studio(user: User, server: Server) -> Studio:
    """Another client of the same user."""
    return Studio(token=token_of(user), transport=server.transport)


class Person:
    """Somebody with a browser, and whatever went wrong in it."""

    def __init__(self, page: Any, origin: str) -> None:
        self.page = page
        self.problems: list[str] = []
        page.on("pageerror", lambda error: self.problems.append(str(error)))
        page.on("console", self._heard)
        page.on("request", lambda request: self._asked(request.url, origin))

    def _heard(self, said: Any) -> None:
        # What the Content-Security-Policy refuses is told here, too. A page that is left gives its
        # requests up.
        if said.type in ("error", "warning") and "net::ERR_ABORTED" not in said.text:
            self.problems.append(said.text)

    def _asked(self, address: str, origin: str) -> None:
        if not address.startswith((f"{origin}/", "blob:", "data:")):
            self.problems.append(f"asked {address}")

    def button(self, name: str) -> Any:
        return self.page.get_by_role("button", name=name, exact=True)

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def type(self, text: str) -> None:
        self.page.keyboard.type(text)

    def tab_to(self, name: str) -> None:
        """Press Tab until what has this name has the focus."""
        passed = []
        for _ in range(300):
            passed.append(self.page.evaluate(FOCUSED))
            if passed[-1].startswith(name):
                return
            self.press("Tab")
        raise AssertionError(f"{name} was not reached, but {passed}")

    def waits_for_rows(self) -> None:
        self.page.locator("table[aria-busy=false] tbody tr").first.wait_for()

    def waits_for_preview(self) -> None:
        self.page.locator(".import-rows[aria-busy=false]").wait_for()

    def sees_what_was_left(self) -> None:
        """The second page of the late flights to Boston, latest first, in a wide column."""
        page = self.page
        self.waits_for_rows()
        expect(page.locator(".chip-text")).to_have_text(
            ["dest is BOS", "arr_delay is more than 60", "sorted by arr_delay, largest first"]
        )
        expect(page.locator(".showing")).to_have_text(SHOWN)
        late = page.locator("th[data-name='arr_delay']")
        expect(late).to_have_attribute("aria-sort", "descending")
        delays = [
            int(text) for text in page.locator(f"td[aria-colindex='{LATE_AT}']").all_inner_texts()
        ]
        assert delays == sorted(delays, reverse=True)
        assert len(delays) == 10
        expect(page.locator(".history-step").first).to_contain_text(GAPS)

    def width_of_delay(self) -> int:
        return round(self.page.locator("th[data-name='arr_delay']").bounding_box()["width"])

    def sees_view_recorded(self, studio: Studio) -> None:
        """Wait until another device would come to the same page."""

        def is_recorded() -> bool:
            view = studio.post("session/recover/", {"strategy": "auto"}).body["view"] or {}
            return view.get("page_number") == 2 and "arr_delay" in view.get("column_widths", {})

        eventually(is_recorded)


LATE_AT = 10  # arr_delay is the ninth column, after the numbers of the rows


@contextmanager
def person(chromium: Chromium, server: Server, user: User, **options: Any) -> Iterator[Person]:
    """Sit down in front of the datasets. Nothing may have gone wrong when the block ends."""
    origin = f"http://127.0.0.1:{server.port}"
    cookie = signed_in_cookie(user, server)
    with browser_context(chromium, cookie, locale="en-US", base_url=origin, **options) as context:
        somebody = Person(context.new_page(), origin)
        somebody.page.goto("/")
        yield somebody
        assert somebody.problems == []


def opened(person: Person, studio: Studio) -> Studio:
    """Return the other client on the dataset that the person has opened."""
    person.page.wait_for_url("**/studio/*/")
    person.waits_for_rows()
    return replace(studio, datasource_id=person.page.url.split("/")[-2])


def is_saved_as(studio: Studio, name: str) -> None:
    """Wait until the dataset is there, with every row and without a gap in dep_delay."""
    found: dict[str, Any] = {}

    def is_ready() -> bool:
        datasets = studio.get("/api/datasources/").body["datasources"]
        found.update({each["name"]: each for each in datasets})
        return found.get(name, {}).get("status") == "READY"

    eventually(is_ready)
    assert found[name]["row_count"] == OTHERS + LATE
    saved = replace(studio, datasource_id=found[name]["id"]).take(INITIALIZE)
    types = {each["name"]: each["type"] for each in saved.get("data/").body["columns"]}
    assert types["flight"] == "text"  # the guess that was changed

    def gaps(column: str) -> int:
        condition = orjson.dumps([{"column": column, "op": "is_null"}]).decode()
        body = saved.get("data/", {"filter": condition}).body
        return int(body["pagination"]["filtered_rows"])

    assert gaps("dep_delay") == 0
    assert gaps("arr_delay") > 0


def test_a_newcomer_finds_the_late_flights_fills_the_gaps_and_saves(
    chromium: Chromium, server: Server, user: User, studio: Studio, file: Path
) -> None:
    with person(chromium, server, user) as newcomer:
        page = newcomer.page
        page.locator("main input[type=file]").set_input_files(file)
        newcomer.waits_for_preview()
        page.get_by_label("Type of the column flight").select_option(label="Text")
        newcomer.waits_for_preview()
        newcomer.button("Import").click()
        studio = opened(newcomer, studio)

        newcomer.button("Next page").click()
        expect(page.locator(".showing")).to_have_text(re.compile("Showing 51–100 of 1,045"))
        page.get_by_label("Rows", exact=True).select_option("10")
        for column in ("dest", "arr_delay"):
            newcomer.button("Add filter").click()
            page.get_by_role("searchbox", name="Find a column").fill(column)
            newcomer.press("Enter")
            if column == "dest":
                page.get_by_test_id("value").filter(has_text="BOS").get_by_role("checkbox").check()
            else:
                page.get_by_label("Lower end").select_option(label="more than")
                page.get_by_label("Least value").fill("60")
            newcomer.button("Apply").click()
        expect(page.locator(".showing")).to_have_text(re.compile("Showing 1–10 of 45"))

        newcomer.page.locator("th[data-name='arr_delay']").scroll_into_view_if_needed()
        for direction in ("ascending", "descending"):
            page.locator("th[data-name='arr_delay'] .column-name").click()
            header = page.locator("th[data-name='arr_delay']")
            expect(header).to_have_attribute("aria-sort", direction)
        grip = page.locator("th[data-name='arr_delay'] .grip.after").bounding_box()
        page.mouse.move(grip["x"] + grip["width"] / 2, grip["y"] + 5)
        page.mouse.down()
        page.mouse.move(grip["x"] + 60, grip["y"] + 5, steps=3)
        page.mouse.up()

        page.get_by_role("button", name="Add step").click()
        page.get_by_role("combobox", name="What do you want to do?").fill("fill dep_delay")
        page.get_by_role("listbox").get_by_role("option").first.click()
        form = page.locator(".step-form")
        form.get_by_label("Fill with").select_option(label="Median")
        newcomer.button("Apply").click()
        expect(page.locator(".outcome")).to_contain_text(GAPS)
        newcomer.button("Undo").first.click()
        expect(page.locator(".history-entry.undone")).to_have_count(1)
        newcomer.button("Redo").click()
        expect(page.locator(".history-entry.undone")).to_have_count(0)
        newcomer.button("Next page").click()
        newcomer.sees_what_was_left()
        width = newcomer.width_of_delay()

        newcomer.sees_view_recorded(studio)
        page.reload()
        newcomer.sees_what_was_left()
        assert newcomer.width_of_delay() == width

        newcomer.button("Save as…").click()
        page.get_by_label("Name", exact=True).fill("filled by hand")
        newcomer.button("Save").click()
        expect(page.locator(".save-banner")).to_contain_text("Saved as “filled by hand”")
    is_saved_as(studio, "filled by hand")


def test_the_same_by_keyboard_alone(
    chromium: Chromium, server: Server, user: User, studio: Studio, file: Path
) -> None:
    with person(chromium, server, user, is_new=True) as newcomer:
        page = newcomer.page
        page.context.add_init_script(COUNT_POINTERS)
        # Playwright does not wait until the browser hands it the choosers: ask for them in time.
        page.on("filechooser", lambda chooser: None)
        page.reload()
        expect(page.get_by_text("Add your first file")).to_be_visible()
        newcomer.tab_to("Upload files")
        with page.expect_file_chooser() as chooser:
            newcomer.press("Enter")
        chooser.value.set_files(file)
        newcomer.waits_for_preview()
        newcomer.tab_to("Type of the column flight")
        newcomer.type("Text")
        newcomer.waits_for_preview()
        newcomer.tab_to("Import")
        newcomer.press("Enter")
        studio = opened(newcomer, studio)

        newcomer.tab_to("Next page")
        newcomer.press("Enter")
        expect(page.locator(".showing")).to_have_text(re.compile("Showing 51–100 of 1,045"))
        newcomer.tab_to("Rows")
        newcomer.press("Home")  # the smallest pages
        expect(page.locator(".showing")).to_have_text(re.compile("Showing 51–60 of 1,045"))
        newcomer.tab_to("Add filter")
        newcomer.press("Enter")
        newcomer.type("dest")
        newcomer.press("Enter")
        newcomer.tab_to("BOS")
        newcomer.press("Space", "Enter")
        expect(page.locator(".chip-text")).to_have_count(1)
        newcomer.tab_to("Add filter")
        newcomer.press("Enter")
        newcomer.type("arr_delay")
        newcomer.press("Enter")
        expect(page.get_by_label("Least value")).to_be_focused()
        newcomer.type("60")
        newcomer.press("Shift+Tab")
        newcomer.type("more")
        newcomer.tab_to("Apply")
        newcomer.press("Enter")
        expect(page.locator(".chip-text")).to_have_text(
            ["dest is BOS", "arr_delay is more than 60"]
        )
        expect(page.locator(".showing")).to_have_text(re.compile("Showing 1–10 of 45"))

        for _ in range(200):
            if page.evaluate("document.activeElement.closest('tbody, thead') !== null"):
                break
            newcomer.press("Tab")
        newcomer.press("Control+g")
        newcomer.type("arr_delay")
        newcomer.press("Enter")
        expect(page.locator("td:focus")).to_have_attribute("aria-colindex", str(LATE_AT))
        newcomer.press("ArrowUp")
        expect(page.locator("th:focus")).to_have_attribute("data-name", "arr_delay")
        newcomer.press("Enter")
        header = page.locator("th[data-name='arr_delay']")
        expect(header).to_have_attribute("aria-sort", "ascending")
        newcomer.press("Enter")
        expect(header).to_have_attribute("aria-sort", "descending")
        newcomer.press("Alt+ArrowRight", "Alt+ArrowRight")

        newcomer.press("Control+k")
        newcomer.type("fill dep_delay")
        page.get_by_role("option", name="Fill missing values").first.wait_for()
        newcomer.press("Enter")
        newcomer.tab_to("Fill with")
        newcomer.type("Median")
        newcomer.tab_to("Apply")
        newcomer.press("Enter")
        expect(page.locator(".outcome")).to_contain_text(GAPS)
        newcomer.press("Control+z")
        expect(page.locator(".history-entry.undone")).to_have_count(1)
        newcomer.press("Control+Shift+z")
        expect(page.locator(".history-entry.undone")).to_have_count(0)
        newcomer.tab_to("Next page")
        newcomer.press("Enter")
        newcomer.sees_what_was_left()
        width = newcomer.width_of_delay()

        newcomer.sees_view_recorded(studio)
        page.reload()
        newcomer.sees_what_was_left()
        assert newcomer.width_of_delay() == width

        newcomer.tab_to("Save as…")
        newcomer.press("Enter")
        expect(page.get_by_label("Name", exact=True)).to_be_focused()
        newcomer.type("filled by keys")
        newcomer.press("Enter")
        expect(page.locator(".save-banner")).to_contain_text("Saved as “filled by keys”")
        assert page.evaluate("window.pointers") == 0
    is_saved_as(studio, "filled by keys")
