"""The studio's history: looking at a version, going back and forth, forks, recipes, the log."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth.models import User

from tests.support.chromium import Chromium
from tests.support.patience import eventually
from tests.support.serving import Server
from tests.support.small_datasets import publish
from tests.support.studio_client import Studio
from tests.support.studio_page import StudioPage, browser_context, signed_in_cookie, steps_of
from tests.support.studios import INITIALIZE, drop, fill, rename, studio_of

pytestmark = pytest.mark.django_db(transaction=True)

STEPS = ["rename_column", "fill_missing_values", "column_operation_drop"]
CLIPBOARD = ["clipboard-read", "clipboard-write"]


@pytest.fixture
def studio(user: User, server: Server) -> Studio:
    """A session of three steps on a dataset, as another client of the same user reads it."""
    studio = studio_of(user, publish(user), transport=server.transport)
    return studio.take(INITIALIZE, rename("carrier", "airline"), fill("delay", "mean"), drop("day"))


@pytest.fixture
def tab(chromium: Chromium, server: Server, user: User, studio: Studio) -> Iterator[StudioPage]:
    cookie = signed_in_cookie(user, server)
    options = {"viewport": {"width": 1400, "height": 800}, "permissions": CLIPBOARD}
    with browser_context(chromium, cookie, **options) as context:
        tab = StudioPage(context, server, studio).open()
        yield tab
        assert tab.problems == []


def entries(tab: StudioPage) -> Any:
    """The lines of the history, newest first."""
    return tab.page.locator(".history-step")


def banner(tab: StudioPage) -> Any:
    return tab.page.locator(".version-banner")


def choose(tab: StudioPage, entry: int, command: str) -> None:
    """Choose a command from the menu of a line of the history."""
    tab.page.locator(".history-menu > button").nth(entry).click()
    tab.page.get_by_role("menuitem", name=command).click()


def choose_more(tab: StudioPage, command: str) -> None:
    tab.press("More of the history")
    tab.page.get_by_role("menuitem", name=command).click()


def shown_columns(tab: StudioPage) -> str:
    return " ".join(tab.headers)


def notice(tab: StudioPage, text: str) -> Any:
    return tab.notices.filter(has_text=text)


def expect(locator: Any) -> Any:
    from playwright.sync_api import expect

    return expect(locator)


def test_undone_steps_stay_in_sight_until_another_step_takes_their_place(
    tab: StudioPage, studio: Studio
) -> None:
    expect(entries(tab)).to_have_count(4)
    expect(entries(tab).nth(0)).to_contain_text("Step 3")
    expect(entries(tab).nth(0)).to_contain_text("Now")
    expect(entries(tab).nth(3)).to_contain_text("7 rows as they were loaded")

    tab.page.keyboard.press("Control+z")
    expect(tab.page.locator(".history-entry.undone")).to_have_count(1)
    tab.page.keyboard.press("Control+z")
    expect(tab.page.locator(".history-entry.undone")).to_have_count(2)
    tab.open()
    expect(tab.page.locator(".history-entry.undone")).to_have_count(2)
    assert steps_of(studio) == STEPS[:1]

    tab.page.keyboard.press("Control+Shift+z")
    expect(tab.page.locator(".history-entry.undone")).to_have_count(1)
    choose(tab, 0, "Redo up to here")
    expect(tab.page.locator(".history-entry.undone")).to_have_count(0)
    assert steps_of(studio) == STEPS
    tab.undo()
    tab.rename("airline", "line")
    expect(tab.page.locator(".history-entry.undone")).to_have_count(0)
    expect(entries(tab)).to_have_count(4)


def test_keys_of_undo_are_left_to_text_fields_and_dialogs(tab: StudioPage, studio: Studio) -> None:
    tab.press("Save as…")
    tab.page.get_by_role("textbox", name="Name").press("Control+z")
    tab.page.get_by_role("button", name="Save", exact=True).press("Control+z")
    tab.page.keyboard.press("Escape")

    expect(tab.page.get_by_role("dialog")).to_have_count(0)
    assert steps_of(studio) == STEPS


def test_a_version_is_looked_at_and_nothing_is_changed(tab: StudioPage, studio: Studio) -> None:
    version = studio.get("session/status/").body["version"]

    size = tab.page.locator(".dataset-size")
    columns = tab.page.locator("th[data-name]").count()
    expect(size).to_contain_text(f"{columns} columns")

    entries(tab).nth(2).click()

    expect(banner(tab)).to_contain_text("You are looking at step 1 of 3")
    expect(size).to_contain_text(f"{columns + 1} columns")
    expect(entries(tab).nth(2)).to_have_attribute("aria-current", "step")
    expect(tab.page.locator("thead")).to_contain_text("day")
    for label in ("Undo", "Redo", "Save as…"):
        expect(tab.page.get_by_role("button", name=label, exact=True)).to_be_disabled()
    tab.page.keyboard.press("Control+z")
    entries(tab).nth(3).click()
    expect(banner(tab)).to_contain_text("You are looking at the rows as they were loaded")
    expect(tab.page.locator("thead")).to_contain_text("carrier")
    tab.press("Back to now")
    expect(banner(tab)).to_have_count(0)
    expect(tab.page.locator("thead")).not_to_contain_text("day")
    assert studio.get("session/status/").body["version"] == version


def test_a_filter_on_a_column_that_a_version_lacks_waits_until_one_is_back(
    tab: StudioPage, studio: Studio
) -> None:
    condition = {"column": "airline", "op": "eq", "value": "UA"}
    tab.page.evaluate(
        "async (condition) => (await import('/static/data_tools/studio/commands.js'))"
        ".filterBy([condition])",
        condition,
    )
    expect(tab.page.locator("tbody tr")).to_have_count(2)

    entries(tab).nth(3).click()
    expect(tab.page.locator("tbody tr")).to_have_count(7)
    expect(notice(tab, "all its rows are shown")).to_be_visible()
    tab.press("Back to now")
    expect(tab.page.locator("tbody tr")).to_have_count(2)
    expect(notice(tab, "all its rows are shown")).to_have_count(0)


def test_going_on_from_a_version_can_be_taken_back(tab: StudioPage, studio: Studio) -> None:
    entries(tab).nth(2).click()
    tab.press("Go on from here")

    expect(entries(tab)).to_have_count(2)
    expect(banner(tab)).to_have_count(0)
    expect(notice(tab, "2 later steps are set aside, not deleted")).to_be_visible()
    assert steps_of(studio) == STEPS[:1]

    tab.press("Bring them back")

    expect(entries(tab)).to_have_count(4)
    assert steps_of(studio) == STEPS


def test_the_history_is_walked_by_the_keyboard(tab: StudioPage) -> None:
    entries(tab).nth(0).focus()
    tab.page.keyboard.press("ArrowDown")
    expect(entries(tab).nth(1)).to_be_focused()
    tab.page.keyboard.press("End")
    expect(entries(tab).nth(3)).to_be_focused()
    tab.page.keyboard.press("ArrowUp")
    tab.page.keyboard.press("Enter")
    expect(banner(tab)).to_contain_text("step 1 of 3")

    tab.page.keyboard.press("Tab")
    tab.page.keyboard.press("Enter")
    tab.page.keyboard.press("ArrowDown")
    expect(tab.page.get_by_role("menuitem", name="Go on from here")).to_be_focused()
    tab.page.keyboard.press("Escape")
    expect(tab.page.get_by_role("menu")).to_have_count(0)


def test_two_versions_are_compared_in_either_order(tab: StudioPage) -> None:
    choose(tab, 2, "Compare with now")

    dialog = tab.page.get_by_role("dialog", name="Compare two versions")
    changes = dialog.locator(".compare-changes")
    expect(changes).to_contain_text("Steps added")
    expect(changes.locator("section").filter(has_text="Columns that are gone")).to_contain_text(
        "day"
    )
    expect(changes).not_to_contain_text("airline")
    dialog.get_by_label("To", exact=True).select_option(index=3)
    expect(changes).to_contain_text("Steps taken back")
    expect(changes).to_contain_text("airline → carrier")
    tab.page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)


def test_a_fork_can_be_looked_into_and_the_session_before_it_comes_back(
    tab: StudioPage, studio: Studio
) -> None:
    choose(tab, 1, "Start a new session from here")

    expect(notice(tab, "A new session begins here with 2 steps")).to_be_visible()
    expect(entries(tab)).to_have_count(3)
    assert steps_of(studio) == STEPS[:2]
    tab.rename("delay", "late")
    expect(entries(tab)).to_have_count(4)

    # Its first step is of the session before.
    entries(tab).nth(2).click()
    expect(banner(tab)).to_contain_text("You are looking at step 1 of 3")
    expect(tab.page.locator("thead")).to_contain_text("delay")
    tab.press("Go on from here")
    expect(tab.page.locator(".history-entry.undone")).to_have_count(2)
    assert steps_of(studio) == STEPS[:1]

    choose_more(tab, "Earlier sessions")
    tab.page.get_by_role("dialog").get_by_role("button", name="Look").click()
    expect(banner(tab)).to_contain_text("You are looking at an earlier session")
    expect(tab.page.locator("thead")).not_to_contain_text("day")
    tab.press("Bring it back")
    expect(banner(tab)).to_have_count(0)
    expect(entries(tab)).to_have_count(4)
    assert steps_of(studio) == STEPS


def test_a_session_is_begun_from_a_step_that_a_fork_brought(
    tab: StudioPage, studio: Studio
) -> None:
    choose(tab, 1, "Start a new session from here")
    expect(notice(tab, "A new session begins here with 2 steps")).to_be_visible()

    choose(tab, 1, "Start a new session from here")

    expect(notice(tab, "A new session begins here with 1 step")).to_be_visible()
    expect(entries(tab)).to_have_count(2)
    assert steps_of(studio) == STEPS[:1]


def test_the_next_step_of_an_error_opens_the_session_as_it_is(
    tab: StudioPage, studio: Studio
) -> None:
    tab.page.route("**/session/fork/", lambda route: route.fulfill(status=409, json=EXPIRED))
    choose(tab, 1, "Start a new session from here")
    studio.take(rename("delay", "late"))

    alert = tab.page.get_by_role("alert")
    expect(alert.get_by_role("button")).to_have_text(["Recover the session", "Dismiss"])
    alert.get_by_role("button", name="Recover the session").click()

    expect(entries(tab)).to_have_count(5)
    expect(tab.page.get_by_role("columnheader", name="late")).to_be_visible()


EXPIRED = {
    "success": False,
    "error": {
        "code": "SESSION_EXPIRED",
        "user_message": "The session ended. Recover it to go on.",
        "retryable": False,
        "recovery_actions": [
            {"action": "recover", "label": "Recover the session", "method": "POST", "href": "/"},
            {"action": "validate", "label": "See what there is", "method": "GET", "href": "/"},
        ],
        "details": {},
    },
}


def test_an_error_that_comes_late_closes_no_other_dialog(tab: StudioPage) -> None:
    held: list[Any] = []
    for address in ("**/session/changes/**", "**/api/datasources/*/"):
        tab.page.route(address, lambda route: held.append(route))

    tab.press("Compare versions")
    expect(tab.page.get_by_role("dialog", name="Compare two versions")).to_be_visible()
    tab.page.keyboard.press("Escape")
    tab.page.locator(".dataset-menu > button").click()
    tab.page.get_by_role("menuitem", name="About this dataset").click()
    # What the page asks for is seen only while Playwright waits.
    eventually(lambda: tab.page.wait_for_timeout(50) or len(held) == 2)
    tab.press("Help")
    tab.page.get_by_role("menuitem", name="Keyboard").click()
    keys = tab.page.get_by_role("dialog", name="Keyboard")
    expect(keys).to_be_visible()
    with (
        tab.page.expect_response("**/session/changes/**"),
        tab.page.expect_response("**/api/datasources/*/"),
    ):
        for each in held:
            each.fulfill(status=409, json=EXPIRED)
    tab.page.evaluate("new Promise((painted) => requestAnimationFrame(painted))")

    expect(keys).to_be_visible()
    expect(notice(tab, "The session ended")).to_have_count(0)


def test_a_recipe_is_copied_tried_and_applied_as_far_as_it_fits(
    tab: StudioPage, studio: Studio
) -> None:
    choose(tab, 1, "Copy as a recipe up to here")
    expect(notice(tab, "2 steps copied")).to_be_visible()
    copied = json.loads(tab.page.evaluate("navigator.clipboard.readText()"))
    assert [step["operation"] for step in copied["operations"]] == STEPS[:2]
    copied["operations"][1]["parameters"] = {"columns": ["cancelled"], "strategy": "mode"}

    choose_more(tab, "Apply a recipe")
    dialog = tab.page.get_by_role("dialog", name="Apply a recipe")
    recipe = dialog.get_by_label("Paste a recipe")
    recipe.fill('{"format": ')
    dialog.get_by_role("button", name="See what fits").click()
    expect(dialog.get_by_role("alert")).to_contain_text("This is not a recipe")
    recipe.fill(json.dumps({**copied, "format_version": 99}))
    dialog.get_by_role("button", name="See what fits").click()
    expect(dialog.get_by_role("alert")).to_contain_text("recipe")
    recipe.fill(json.dumps(copied))
    dialog.get_by_role("button", name="See what fits").click()

    expect(dialog).to_contain_text("1 of 2 steps fit.")
    expect(dialog.locator(".does-not-fit")).to_contain_text("carrier")
    assert steps_of(studio) == STEPS
    dialog.get_by_role("button", name="Apply 1 step").click()
    expect(dialog).to_have_count(0)
    expect(entries(tab)).to_have_count(5)
    assert steps_of(studio) == [*STEPS, "fill_missing_values"]


def test_a_recipe_is_downloaded_and_its_file_applied(tab: StudioPage, studio: Studio) -> None:
    with tab.page.expect_download() as download:
        choose_more(tab, "Download as a recipe")
    assert download.value.suggested_filename == "flights recipe.json"
    entries(tab).nth(3).click()
    tab.press("Go on from here")
    expect(entries(tab)).to_have_count(1)

    choose_more(tab, "Apply a recipe")
    tab.page.get_by_label("Or choose its file").set_input_files(download.value.path())
    tab.press("See what fits")
    tab.press("Apply 3 steps")

    expect(entries(tab)).to_have_count(4)
    assert steps_of(studio) == STEPS


def test_the_log_has_every_event_with_its_time_person_and_trace(
    tab: StudioPage, studio: Studio, user: User
) -> None:
    for name in ("a", "b") * 15:
        studio.take(rename("id", name), rename(name, "id"))
    events = studio.get("session/events/", {"limit": 200}).body["events"]

    choose_more(tab, "Show the log")
    dialog = tab.page.get_by_role("dialog", name="Log of this session")
    lines = dialog.locator("tbody tr")
    expect(lines).to_have_count(50)
    dialog.get_by_role("button", name="Show older ones").click()
    expect(lines).to_have_count(len(events))
    expect(dialog.get_by_role("button", name="Show older ones")).to_have_count(0)
    expect(lines.last).to_contain_text("Started on 7 rows")
    expect(lines.last).to_contain_text(user.username)
    dialog.get_by_role("button", name="Copy trace id of: Started on").click()
    expect(dialog.get_by_role("status")).to_have_text("Copied")
    assert tab.page.evaluate("navigator.clipboard.readText()") == events[-1]["trace_id"]
    dialog.get_by_role("button", name="Copy these lines").click()
    copied = tab.page.evaluate("navigator.clipboard.readText()").splitlines()
    told = [line.split("\t")[1] for line in copied]
    assert len(told) == len(events)
    assert told[-1].startswith("Started on 7 rows")
    assert told[-2] == "Renamed carrier to airline"  # a step that the page knows
    assert told[0] == "Rename a column: id"  # one of another client
    dialog.get_by_role("button", name="Look at the rows after: Started on").click()
    expect(banner(tab)).to_contain_text("as they were loaded")


def test_a_recipe_that_does_not_fit_says_so_in_words(tab: StudioPage) -> None:
    recipe = {
        "format": "data-studio-recipe",
        "format_version": 1,
        "operations": [
            {"operation": "fill_missing_values", "parameters": {"columns": ["year"]}},
            {
                "operation": "rename_column",
                "parameters": {"old_name": "tail", "new_name": "aircraft"},
            },
            {"operation": "fill_missing_values", "parameters": {"columns": ["airline"]}},
            {
                "operation": "change_column_type",
                "parameters": {"column_name": "airline", "new_type": "integer"},
            },
        ],
    }
    choose_more(tab, "Apply a recipe")
    tab.page.get_by_label("Paste a recipe").fill(json.dumps(recipe))
    tab.press("See what fits")

    report = tab.page.locator(".recipe-report li")
    expect(report.first).to_contain_text("There is no column “year” here.")
    expect(report.nth(1)).to_contain_text("There is no column “tail” here.")
    expect(report.nth(2)).to_contain_text('"airline" holds text. Only numbers have a mean.')
    expect(report.last).to_contain_text("do not fit, the first is “UA” in row 1.")


def test_steps_of_another_shape_stand_in_the_report_by_their_names(tab: StudioPage) -> None:
    recipe = {
        "format": "data-studio-recipe",
        "format_version": 1,
        "operations": [
            {"operation": "keep_columns", "parameters": {"columns": "airline"}},
            {"operation": "filter_rows", "parameters": {"filter": {"any": 1}}},
            {"operation": "bin_column", "parameters": {"method": "edges", "edges": [None, {}]}},
        ],
    }
    choose_more(tab, "Apply a recipe")
    tab.page.get_by_label("Paste a recipe").fill(json.dumps(recipe))
    tab.press("See what fits")

    report = tab.page.locator(".recipe-report li")
    expect(report).to_have_count(3)
    expect(report.first).to_contain_text("Keep columns")


def test_a_recipe_is_applied_to_no_session_that_was_begun_elsewhere(
    tab: StudioPage, studio: Studio
) -> None:
    recipe = {
        "format": "data-studio-recipe",
        "format_version": 1,
        "operations": [{"operation": "column_operation_drop", "parameters": {"columns": ["id"]}}],
    }
    choose_more(tab, "Apply a recipe")
    tab.page.get_by_label("Paste a recipe").fill(json.dumps(recipe))
    tab.press("See what fits")
    apply = tab.page.get_by_role("button", name="Apply 1 step")
    expect(apply).to_be_visible()
    studio.post("session/clear/")
    studio.take(INITIALIZE, rename("day", "date"), fill("delay", "mean"), rename("date", "day"))
    before = steps_of(studio)

    apply.click()

    alert = tab.page.get_by_role("dialog").get_by_role("alert")
    expect(alert).to_contain_text("changed in another tab")
    assert steps_of(studio) == before


def test_without_a_secure_origin_texts_are_copied_all_the_same(
    chromium: Chromium, server: Server, user: User, studio: Studio
) -> None:
    with browser_context(chromium, signed_in_cookie(user, server), is_new=True) as context:
        # What browsers do to pages that came over plain HTTP from another machine.
        context.add_init_script("delete Navigator.prototype.clipboard")
        tab = StudioPage(context, server, studio).open()
        choose_more(tab, "Show the log")
        dialog = tab.page.get_by_role("dialog", name="Log of this session")
        expect(dialog.locator("tbody tr").last).to_contain_text("Started on 7 rows")
        dialog.get_by_role("button", name="Copy these lines").click()
        expect(dialog.get_by_role("status")).to_have_text("Copied")
        tab.page.keyboard.press("Escape")
        expect(dialog).to_have_count(0)  # which gives the focus back

        find = tab.page.get_by_role("searchbox", name="Find a column")

        def is_pasted() -> bool:
            find.focus()  # which the closing dialog may take back once
            tab.page.keyboard.press("Control+v")
            return "Renamed carrier to airline" in find.input_value()

        eventually(is_pasted)
        tab.press("Copy as recipe")
        expect(tab.notices.filter(has_text="3 steps copied.")).to_be_visible()
        assert tab.problems == []
