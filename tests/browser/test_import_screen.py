"""The import screen: how a file is read is seen, and can be changed, before it is loaded."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import User

from tests.support.chromium import Chromium
from tests.support.patience import eventually
from tests.support.serving import Server
from tests.support.studio_client import Studio
from tests.support.users import token_of
from tests.support.visitor import visiting
from tests.support.workbooks import xlsx

pytestmark = pytest.mark.django_db(transaction=True)

ORDERS = "Kunde;Bestellt;Betrag\n" + "".join(
    f"Müller;{day:02}/{day % 12 + 1:02}/2024;1.{day:03},50\n" for day in range(1, 13)
)
RAGGED = "id,name\n1,Ada\n2\n3,Alan\n"


@pytest.fixture
def studio(user: User, server: Server) -> Studio:
    """A client of the user's datasets, which calls the running server."""
    return Studio(token=token_of(user), transport=server.transport)


def file_of(name: str, text: str, encoding: str = "utf-8") -> dict[str, Any]:
    return {"name": name, "mimeType": "text/csv", "buffer": text.encode(encoding)}


def choose(page: Any, *files: dict[str, Any]) -> None:
    page.goto("/")
    page.locator("main input[type=file]").set_input_files(list(files))
    page.locator(".import-rows[aria-busy=false]").wait_for()


def loaded(studio: Studio, name: str) -> dict[str, Any]:
    """Return the dataset of this name once it is loaded."""
    named: dict[str, Any] = {}

    def is_ready() -> bool:
        datasets = studio.get("/api/datasources/").body["datasources"]
        named.update({each["name"]: each for each in datasets})
        return name in named and named[name]["status"] == "READY"

    eventually(is_ready)
    return studio.get(f"/api/datasources/{named[name]['id']}/").body["datasource"]


def test_every_choice_shows_its_rows_and_counts_with_the_upload(
    chromium: Chromium, server: Server, user: User, studio: Studio
) -> None:
    from playwright.sync_api import expect

    with visiting(chromium, server, user) as page:
        choose(page, file_of("orders.csv", ORDERS, "cp1252"))
        expect(page.get_by_role("cell", name="Müller").first).to_be_visible()
        expect(page.get_by_label("Delimiter")).to_contain_text("Detected: Semicolon")
        expect(page.get_by_role("cell", name="1.001,50")).to_be_visible()

        page.get_by_label("Decimal mark").select_option(label="Comma (,)")
        page.get_by_label("Thousands mark").select_option(label="Point (.)")
        expect(page.get_by_role("cell", name="1001.5")).to_be_visible()
        expect(page.get_by_text("12 cells have changed")).to_be_visible()

        page.get_by_label("How dates are written in Bestellt").select_option("%d/%m/%Y")
        expect(page.get_by_role("cell", name="2024-02-01")).to_be_visible()
        page.get_by_label("Name of the column Kunde").fill("customer")
        page.get_by_label("Name of the column Kunde").press("Tab")
        expect(page.get_by_label("Name of the column customer")).to_be_visible()
        page.get_by_label("Name of the dataset").fill("Orders of 2024")
        page.get_by_role("button", name="Import").click()

        page.wait_for_url("**/studio/**")
        expect(page.locator(".gridbox")).to_contain_text("customer")

    dataset = loaded(studio, "Orders of 2024")
    assert [(each["name"], each["type"]) for each in dataset["columns"]] == [
        ("customer", "text"),
        ("Bestellt", "date"),
        ("Betrag", "float"),
    ]
    assert dataset["reading_options"]["decimal"] == ","


def test_a_fault_names_its_line_and_shows_it_and_a_button_mends_it(
    chromium: Chromium, server: Server, user: User, studio: Studio
) -> None:
    from playwright.sync_api import expect

    with visiting(chromium, server, user) as page:
        choose(page, file_of("people.csv", RAGGED))
        fault = page.get_by_role("alert")
        expect(fault).to_contain_text("line 3 has 1")
        expect(fault.get_by_role("listitem")).to_have_text(["Line 3 reads 2"])
        expect(page.get_by_role("button", name="Import")).to_be_disabled()

        fault.get_by_role("button", name="Fill short lines with missing values").click()

        expect(fault).to_have_count(0)
        page.get_by_role("button", name="Import").click()
        page.wait_for_url("**/studio/**")

    assert loaded(studio, "people")["row_count"] == 3


def test_of_several_files_those_that_can_be_loaded_are_imported_and_the_others_stay(
    chromium: Chromium, server: Server, user: User, studio: Studio
) -> None:
    from playwright.sync_api import expect

    with visiting(chromium, server, user) as page:
        choose(
            page,
            file_of("one.csv", "a,b\n1,2\n"),
            file_of("ragged.csv", RAGGED),
            file_of("two.csv", "a,b\n3,4\n"),
        )
        expect(page.get_by_text("can be loaded", exact=True)).to_have_count(2)

        page.get_by_role("button", name="Import 2 files").click()

        expect(page.get_by_role("alert")).to_contain_text("line 3 has 1")
        page.get_by_role("main").get_by_role("button", name="Cancel").click()
        expect(page.locator("tbody tr")).to_have_count(2)

    assert loaded(studio, "one")["row_count"] == loaded(studio, "two")["row_count"] == 1


def test_the_answer_to_an_earlier_choice_does_not_replace_that_to_a_later_one(
    chromium: Chromium, server: Server, user: User
) -> None:
    from playwright.sync_api import expect

    with visiting(chromium, server, user) as page:
        choose(page, file_of("marks.csv", "a;b|c,d,e\n1;2|3,4,5\n"))
        held: list[Any] = []
        sent: list[str] = []

        def hold(route: Any) -> None:
            sent.append(route.request.post_data)
            if len(sent) == 1:
                held.append(route)
            else:
                route.fallback()

        page.route("**/preview/", hold)
        page.get_by_label("Delimiter").select_option(label="Semicolon (;)")
        eventually_in(page, lambda: len(held) == 1)
        page.get_by_label("Delimiter").select_option(label="Bar (|)")
        expect(page.get_by_label("Name of the column c,d,e")).to_be_visible()
        held[0].fallback()
        page.wait_for_load_state("networkidle")

        expect(page.get_by_label("Name of the column c,d,e")).to_be_visible()
        assert len(sent) == 2


def eventually_in(page: Any, is_so: Any) -> None:
    """Wait as `eventually` does, while the page's events are heard."""
    while not is_so():
        page.wait_for_timeout(20)


def test_a_file_can_be_dropped_anywhere_on_the_page(
    chromium: Chromium, server: Server, user: User
) -> None:
    from playwright.sync_api import expect

    with visiting(chromium, server, user) as page:
        page.goto("/")
        page.get_by_text("Add your first file").wait_for()
        dropped = page.evaluate_handle(
            """() => {
                const dropped = new DataTransfer();
                dropped.items.add(new File(["a,b\\n1,2\\n"], "dropped.csv"));
                return dropped;
            }"""
        )
        page.dispatch_event("body", "dragover", {"dataTransfer": dropped})
        expect(page.get_by_text("Drop to look at it before it is imported")).to_be_visible()
        page.dispatch_event("body", "drop", {"dataTransfer": dropped})

        expect(page.get_by_label("Name of the dataset")).to_have_value("dropped")
        page.go_back()
        expect(page.get_by_text("Add your first file")).to_be_visible()


def test_a_sheet_of_a_workbook_is_chosen_by_its_name(
    chromium: Chromium, server: Server, user: User
) -> None:
    from playwright.sync_api import expect

    book = xlsx(First=[["a"], [1]], Second=[["price"], [2.5]])
    with visiting(chromium, server, user) as page:
        choose(page, {"name": "book.xlsx", "mimeType": "", "buffer": book})
        page.get_by_label("Sheet").select_option(label="Second")

        expect(page.get_by_label("Name of the column price")).to_be_visible()
        expect(page.get_by_role("cell", name="2.5")).to_be_visible()


def test_the_screen_works_by_keyboard_and_says_where_it_is(
    chromium: Chromium, server: Server, user: User, studio: Studio
) -> None:
    from playwright.sync_api import expect

    with visiting(chromium, server, user) as page:
        choose(page, file_of("keys.csv", "a;b\n1;2\n"))
        expect(page.get_by_role("heading", name="Import")).to_be_focused()
        for _ in range(2):
            page.keyboard.press("Tab")
        expect(page.get_by_role("button", name="Import")).to_be_focused()
        page.keyboard.press("Enter")
        page.wait_for_url("**/studio/**")

    assert loaded(studio, "keys")["column_count"] == 2


def test_numbers_with_a_decimal_comma_are_noticed_and_read_as_numbers_by_a_button(
    chromium: Chromium, server: Server, user: User, studio: Studio
) -> None:
    from playwright.sync_api import expect

    with visiting(chromium, server, user) as page:
        choose(page, file_of("orders.csv", ORDERS))
        suggestion = page.locator(".import-numbers")
        expect(suggestion).to_contain_text("“Betrag” looks like a column of numbers.")

        suggestion.get_by_role(
            "button", name="Thousands mark: Point (.) · Decimal mark: Comma (,)"
        ).click()

        expect(page.get_by_label("Type of the column Betrag")).to_have_value("")
        expect(page.locator("tbody tr").first).to_contain_text("1001.5")
        expect(suggestion).to_have_count(0)
        expect(page.get_by_label("Decimal mark")).to_have_value('","')
