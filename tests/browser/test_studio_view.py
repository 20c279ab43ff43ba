"""Page, filter and order belong to the session, and follow what becomes of it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.contrib.auth.models import User

from data_tools.models import DataSource
from tests.support.at_once import at_once
from tests.support.chromium import Chromium
from tests.support.patience import eventually
from tests.support.serving import Server
from tests.support.small_datasets import COLUMNS, ROWS, publish, replace_rows
from tests.support.studio_client import Studio
from tests.support.studio_page import (
    SAVED,
    StudioPage,
    browser_context,
    expect,
    renames_of,
    signed_in_cookie,
)
from tests.support.studios import open_studio, rename

pytestmark = pytest.mark.django_db(transaction=True)

LONG = "long " * 10_000
REMARKED = [*COLUMNS, ("remark", "text")]
LAST_PAGE = {"page_number": 3, "page_size": 3}  # of seven rows, two of which lack a delay
UNITED = {"column": "carrier", "op": "eq", "value": "UA"}
WITHOUT_GAPS = ("drop_missing_rows", {"columns": ["delay"]})


@pytest.fixture
def dataset(user: User) -> DataSource:
    return publish(user, REMARKED, [[*row, LONG] for row in ROWS])


@pytest.fixture
def studio(user: User, dataset: DataSource, server: Server) -> Studio:
    """Another client of the same session."""
    return open_studio(user, dataset, transport=server.transport)


@pytest.fixture
def tab(chromium: Chromium, server: Server, user: User, studio: Studio) -> Iterator[StudioPage]:
    """A tab that the test opens once somebody has looked at the session."""
    allowed = ["clipboard-read", "clipboard-write"]
    with browser_context(
        chromium, signed_in_cookie(user, server), locale="en-US", permissions=allowed
    ) as context:
        tab = StudioPage(context, server, studio)
        yield tab
        assert tab.problems == []


def look(studio: Studio, **view: Any) -> None:
    """Record this view, as another device does."""
    item = {
        "client_operation_id": "6b4b2c66-0000-4000-8000-000000000001",
        "type": "view_changed",
        "view": {"page_number": 1, "page_size": 50, **view},
    }
    assert studio.post("session/activity/", {"items": [item]}).status == 200


def recorded(studio: Studio) -> Any:
    return studio.get("session/status/").body["view"] or {}


def chips(tab: StudioPage) -> Any:
    return tab.page.locator(".chip-text")


def showing(tab: StudioPage) -> Any:
    return tab.page.locator(".showing")


def filter_by(tab: StudioPage, *conditions: dict[str, Any]) -> None:
    tab.page.evaluate(
        "async (filter) => (await import('/static/data_tools/studio/commands.js'))"
        ".filterBy(filter)",
        list(conditions),
    )


def give(studio: Studio, operation: str, parameters: dict[str, Any]) -> None:
    body = {"operation": operation, "parameters": parameters}
    assert studio.post("operations/", body).status == 200


def take_out_rows_here(tab: StudioPage, studio: Studio) -> None:
    operation, parameters = WITHOUT_GAPS
    tab.open().perform(operation, **parameters)


def show_those_taken_out_elsewhere(tab: StudioPage, studio: Studio) -> None:
    tab.open()
    give(studio, *WITHOUT_GAPS)
    banner = tab.notices.filter(has_text="Changed in another tab")
    banner.get_by_role("button", name="Show").click()


def open_after_they_were_taken_out(tab: StudioPage, studio: Studio) -> None:
    give(studio, *WITHOUT_GAPS)
    tab.open()
    expect(tab.notices).to_contain_text("is back: 1 step, page 2")


@pytest.mark.parametrize(
    "take_out",
    [take_out_rows_here, show_those_taken_out_elsewhere, open_after_they_were_taken_out],
)
def test_of_fewer_pages_than_before_the_last_one_is_shown(
    take_out: Callable[[StudioPage, Studio], None], tab: StudioPage, studio: Studio
) -> None:
    studio.get("data/", LAST_PAGE)

    take_out(tab, studio)

    expect(showing(tab)).to_have_text(re.compile(r"4–5\s+of\s+5"))
    expect(tab.page.get_by_text("No row satisfies the filters")).to_have_count(0)
    eventually(lambda: recorded(studio)["page_number"] == 2)


def test_rows_that_could_not_be_read_with_the_session_are_read_again(
    tab: StudioPage, studio: Studio
) -> None:
    look(studio, filter=[UNITED])

    def without_rows(route: Any) -> None:
        answer = route.fetch()
        said = {"data": [], "page_error": "The rows could not be read just now."}
        route.fulfill(response=answer, json=answer.json() | said)

    tab.page.route("**/session/recover/", without_rows)
    tab.open()

    expect(tab.page.locator("tbody tr")).to_have_count(2)
    expect(chips(tab)).to_have_text(["carrier is UA"])


def test_a_text_that_is_cut_is_marked_and_copied_whole_also_after_a_reload(
    tab: StudioPage, studio: Studio
) -> None:
    studio.get("data/", {"page_size": 50})
    tab.open()

    tab.page.locator("tbody tr").first.locator("[aria-colindex='8']").click()
    tab.page.keyboard.press("Control+c")

    tab.page.get_by_text("1 cell copied").wait_for(state="attached")
    assert tab.page.evaluate("navigator.clipboard.readText()") == LONG
    tab.page.keyboard.press("Enter")
    expect(tab.page.get_by_role("dialog", name="remark")).to_contain_text("50,000 characters")


def test_whoever_decides_later_about_a_new_file_sees_the_session_as_it_was_left(
    tab: StudioPage, studio: Studio, dataset: DataSource
) -> None:
    look(studio, filter=[UNITED], sort=["-id"])
    at_once([lambda: replace_rows(dataset, ROWS[:4])])  # in a thread without the browser's loop

    tab.open(has_rows=False)
    expect(tab.page.get_by_role("alertdialog")).to_be_visible()
    tab.page.keyboard.press("Escape")

    expect(chips(tab)).to_have_text(["carrier is UA", "sorted by id, largest first"])
    expect(tab.page.locator("tbody tr")).to_have_count(2)
    tab.page.evaluate(
        "async () => (await import('/static/data_tools/studio/commands.js'))"
        ".arrange({ hidden: ['day'] })"
    )
    eventually(lambda: recorded(studio)["hidden_columns"] == ["day"])
    assert (recorded(studio)["filter"], recorded(studio)["sort"]) == ([UNITED], ["-id"])


def test_whoever_starts_fresh_sees_the_rows_as_at_the_beginning(
    tab: StudioPage, studio: Studio
) -> None:
    tab.open().rename("day", "date")
    filter_by(tab, UNITED)
    expect(tab.page.locator("tbody tr")).to_have_count(2)
    studio.post("session/clear/")

    tab.press("See how to go on")
    tab.page.get_by_role("button", name=re.compile("Start fresh")).click()

    expect(tab.page.locator("tbody tr")).to_have_count(7)
    expect(chips(tab)).to_have_count(0)


def test_a_filter_follows_a_rename_that_waited_for_the_network(
    tab: StudioPage, studio: Studio
) -> None:
    tab.open()
    filter_by(tab, UNITED)
    expect(tab.page.locator("tbody tr")).to_have_count(2)
    tab.page.context.set_offline(True)
    assert tab.rename("carrier", "airline") is None
    tab.page.context.set_offline(False)

    expect(tab.saving).to_have_text(SAVED)
    expect(chips(tab)).to_have_text(["airline is UA"])
    expect(tab.page.get_by_role("columnheader", name="airline")).to_be_visible()
    expect(tab.page.locator("tbody tr")).to_have_count(2)


def test_a_filter_follows_a_rename_of_another_device(tab: StudioPage, studio: Studio) -> None:
    tab.open()
    filter_by(tab, UNITED)
    expect(tab.page.locator("tbody tr")).to_have_count(2)
    studio.take(rename("carrier", "airline"))

    banner = tab.notices.filter(has_text="Changed in another tab")
    banner.get_by_role("button", name="Show").click()

    expect(chips(tab)).to_have_text(["airline is UA"])
    assert renames_of(studio) == ["airline"]
