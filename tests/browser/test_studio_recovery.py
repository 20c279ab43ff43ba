"""What a person sees when a session has to be recovered, and what each choice does."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User

from data_tools.models import DataSource
from session_events.models import SessionEvent
from tests.support.at_once import at_once
from tests.support.chromium import Chromium
from tests.support.log_damage import alter_event
from tests.support.serving import Server
from tests.support.small_datasets import ROWS, replace_rows
from tests.support.studio_client import Studio
from tests.support.studio_page import (
    SAVED,
    StudioPage,
    browser_context,
    expect,
    renames_of,
    signed_in_cookie,
    steps_of,
)
from tests.support.studios import fill, open_studio, rename
from tests.support.written_log import head

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def studio(user: User, server: Server) -> Studio:
    """Another client of the same user, with three steps: versions 2, 3 and 4."""
    steps = [rename("carrier", "airline"), fill("delay", "mean"), rename("day", "date")]
    return open_studio(user, transport=server.transport, steps=steps)


@pytest.fixture
def dataset(studio: Studio) -> DataSource:
    return DataSource.objects.get(pk=studio.datasource_id)


class Browser:
    """Opens the studio once the test has done to the session what happens to it."""

    def __init__(self, chromium: Chromium, server: Server, user: User, studio: Studio) -> None:
        self._chromium, self._server, self._studio = chromium, server, studio
        self._cookie = signed_in_cookie(user, server)
        self._running = None
        self.tabs: list[StudioPage] = []

    def open(self, *, has_rows: bool = True, **options: Any) -> StudioPage:
        if self._running is None:
            self._running = browser_context(self._chromium, self._cookie, **options)
            self.context = self._running.__enter__()
        self.tabs.append(StudioPage(self.context, self._server, self._studio))
        return self.tabs[-1].open(has_rows=has_rows)

    def close(self) -> None:
        if self._running is not None:
            self._running.__exit__(None, None, None)


@pytest.fixture
def browser(chromium: Chromium, server: Server, user: User, studio: Studio) -> Iterator[Browser]:
    browser = Browser(chromium, server, user, studio)
    try:
        yield browser
    finally:
        browser.close()
    assert [tab.problems for tab in browser.tabs] == [[]] * len(browser.tabs)


def damage(user: User, studio: Studio, version: int) -> None:
    assignment = "payload = replace(payload, '\"day\"', '\"other\"')"
    alter_event(head(user.pk, studio.datasource_id).stream_id, version, assignment)


def dialog_of(tab: StudioPage) -> Any:
    return tab.page.get_by_role("alertdialog")


def test_a_session_put_aside_is_simply_there_with_a_banner(
    browser: Browser, studio: Studio
) -> None:
    studio.get("data/", {"page_number": 2, "page_size": 3, "sort": "-id"})
    studio.post("session/pause/")

    tab = browser.open()

    banner = tab.notices.filter(has_text="Your work from")
    expect(banner).to_have_text(
        re.compile(r"Your work from .+ is back: 3 steps, page 2, your sorting\.")
    )
    expect(tab.page.get_by_role("columnheader", name="airline")).to_be_visible()
    expect(banner.get_by_role("button", name="Review")).to_be_visible()
    banner.get_by_role("button", name="Dismiss").click()
    expect(banner).to_have_count(0)
    expect(tab.saving).to_have_text(SAVED)


def test_a_reload_of_the_same_tab_shows_the_same_without_a_word(browser: Browser) -> None:
    tab = browser.open()
    expect(tab.notices.filter(has_text="Your work from")).to_be_visible()

    tab.open()

    expect(tab.saving).to_have_text(SAVED)
    expect(tab.notices).to_have_count(0)


def test_a_damaged_log_is_recovered_in_part_and_names_what_is_given_up(
    browser: Browser, user: User, studio: Studio
) -> None:
    damage(user, studio, 4)
    tab = browser.open(has_rows=False)

    dialog = dialog_of(tab)
    expect(dialog).to_have_accessible_name("A part of this session cannot be read any more")
    expect(dialog).to_contain_text("What was recorded as number 4 can no longer be trusted")
    expect(dialog).to_contain_text("Comes back: 2 steps")
    expect(dialog).to_contain_text("Does not come back: 1 step")
    restore = dialog.get_by_role("button", name="Restore 2 of 3 steps")
    expect(restore).to_be_focused()
    fresh = dialog.get_by_role("button", name=re.compile(r"Start fresh, keep the old one until "))
    expect(fresh).to_be_visible()
    tab.page.keyboard.press("Enter")

    expect(tab.notices).to_contain_text("is back: 2 steps. 1 step could not come back.")
    expect(tab.page.get_by_role("columnheader", name="airline")).to_be_visible()
    assert steps_of(studio) == ["rename_column", "fill_missing_values"]
    assert tab.rename("id", "key")["version"] > 0


def test_deciding_later_shows_the_rows_and_changes_nothing_until_it_is_decided(
    browser: Browser, user: User, studio: Studio
) -> None:
    damage(user, studio, 4)
    events = SessionEvent.objects.count()
    tab = browser.open(has_rows=False)
    with tab.page.expect_download() as recipe:
        tab.press("Steps as a recipe")
    assert '"operation": "rename_column"' in Path(recipe.value.path()).read_text()
    with tab.page.expect_download() as rows:
        tab.page.get_by_role("link", name="Rows as CSV").click()
    assert Path(rows.value.path()).read_text().startswith("id,airline,delay,cancelled,day")

    expect(dialog_of(tab)).to_be_visible()
    tab.page.keyboard.press("Escape")

    banner = tab.notices.filter(has_text="You have not decided yet")
    expect(tab.page.get_by_role("columnheader", name="airline")).to_be_visible()
    tab.begin("rename_column", old_name="id", new_name="key")
    expect(dialog_of(tab)).to_be_visible()
    tab.page.keyboard.press("Escape")
    banner.get_by_role("button", name="Decide now").click()
    expect(dialog_of(tab)).to_be_visible()
    browser.close()
    browser._running = None
    assert SessionEvent.objects.count() == events


def test_a_session_cleared_by_mistake_is_offered_and_comes_back(
    browser: Browser, studio: Studio
) -> None:
    studio.post("session/clear/")

    tab = browser.open(has_rows=False)
    dialog = dialog_of(tab)
    expect(dialog).to_have_accessible_name("You put this session away")
    expect(dialog).to_contain_text("Comes back: 3 steps")
    tab.press("Bring it back")

    expect(tab.notices).to_contain_text("is back: 3 steps")
    assert renames_of(studio) == ["airline", "date"]


def test_starting_fresh_keeps_the_old_session(browser: Browser, studio: Studio) -> None:
    studio.post("session/clear/")
    old = studio.get("session/validate/").body["session_id"]

    tab = browser.open(has_rows=False)
    dialog_of(tab).get_by_role("button", name=re.compile("Start fresh")).click()

    expect(tab.page.get_by_role("columnheader", name="carrier")).to_be_visible()
    expect(tab.saving).to_have_text(SAVED)
    earlier = studio.get("session/validate/").body["earlier_sessions"]
    assert [each["session_id"] for each in earlier] == [old]


def test_a_new_file_is_compared_and_the_person_stays_on_the_old_rows_or_takes_the_new(
    browser: Browser, studio: Studio, dataset: DataSource
) -> None:
    columns = [("id", "integer"), ("carrier", "text"), ("delay", "float"), ("day", "date")]
    rows = [[row[0], row[1], row[2], row[4]] for row in ROWS[:4]]
    replace_rows(dataset, rows, columns)

    tab = browser.open(has_rows=False)
    dialog = dialog_of(tab)
    expect(dialog).to_have_accessible_name("“flights” has a new file")
    expect(dialog).to_contain_text("Rows: 7 before, 4 now")
    expect(dialog).to_contain_text("Columns that are gone: cancelled, seen_at")
    expect(dialog).to_contain_text("Fits the new rows: 3 steps")
    expect(dialog.get_by_role("button", name="Stay on the old rows")).to_be_focused()
    tab.page.keyboard.press("Escape")
    banner = tab.notices.filter(has_text="“flights” has a new file.")
    expect(tab.page.get_by_role("columnheader", name="seen_at")).to_be_visible()
    assert tab.rename("id", "key")["version"] > 0  # on the old rows, as before

    banner.get_by_role("button", name="See what is different").click()
    expect(dialog_of(tab)).to_contain_text("Fits the new rows: 4 steps")
    tab.press("Use the new rows")

    expect(tab.page.get_by_role("columnheader", name="key")).to_be_visible()
    expect(tab.page.get_by_role("columnheader", name="seen_at")).to_have_count(0)
    assert renames_of(studio) == ["airline", "date", "key"]


def test_a_new_file_that_does_not_fit_names_the_steps_and_staying_is_remembered(
    browser: Browser, studio: Studio, dataset: DataSource
) -> None:
    columns = [("id", "integer"), ("carrier", "text"), ("day", "date")]
    replace_rows(dataset, [[row[0], row[1], row[4]] for row in ROWS], columns)

    tab = browser.open(has_rows=False)
    dialog = dialog_of(tab)
    expect(dialog).to_contain_text("“delay”")
    expect(dialog).to_contain_text("Fits the new rows: 1 step")
    expect(dialog).to_contain_text("Does not fit the new rows: 2 steps")
    expect(dialog.get_by_role("button", name="Use the new rows with 1 of 3 steps")).to_be_visible()
    tab.press("Stay on the old rows")

    expect(tab.page.get_by_role("columnheader", name="seen_at")).to_be_visible()
    tab.open()
    expect(tab.saving).to_have_text(SAVED)
    expect(dialog_of(tab)).to_have_count(0)
    assert len(steps_of(studio)) == 3


def test_what_waits_on_the_device_goes_into_the_work_that_was_chosen(
    browser: Browser, user: User, studio: Studio
) -> None:
    tab = browser.open()
    tab.page.route("**/api/studio/**", lambda route: route.abort())
    assert tab.rename("id", "key") is None
    at_once([lambda: damage(user, studio, 4)])  # in a thread without the browser's event loop
    tab.page.unroute("**/api/studio/**")

    tab.open(has_rows=False)
    expect(tab.saving).to_have_text("Not saved yet, 1 change kept on this device")
    tab.press("Restore 2 of 3 steps")

    expect(tab.saving).to_have_text(SAVED)
    assert renames_of(studio) == ["airline", "key"]


def test_a_dataset_that_is_not_ready_is_opened_when_it_is(
    browser: Browser, studio: Studio, dataset: DataSource
) -> None:
    tab = browser.open()
    tab.page.route(
        "**/session/validate/**",
        lambda route: route.fulfill(
            json={
                "suggested_action": "retry_later",
                "reasons": [{"code": "source_not_ready", "sentence": "It is being prepared."}],
            }
        ),
        times=1,
    )

    tab.open(has_rows=False)
    expect(tab.notices).to_contain_text("It is being prepared. The session cannot be opened yet.")

    expect(tab.page.locator("tbody tr").first).to_be_visible()
    expect(tab.notices).to_have_count(0)


def test_before_a_session_expires_the_page_says_so_and_stay_uses_it(
    browser: Browser, studio: Studio
) -> None:
    """The answers until then are those of a session that was last used 3:57 hours ago."""
    tab = browser.open()
    is_old = True

    def long_unused(route: Any) -> None:
        answer = route.fetch()
        body = answer.json()
        now = dt.datetime.now(dt.UTC)
        if is_old:
            body["session_info"]["last_accessed"] = (now - dt.timedelta(minutes=237)).isoformat()
            body["session_info"]["expires_at"] = (now + dt.timedelta(minutes=3)).isoformat()
        route.fulfill(response=answer, json=body)

    tab.page.route("**/session/recover/", long_unused)
    tab.page.route("**/session/status/**", long_unused)
    before = studio.get("session/status/").body["session_info"]["last_accessed"]
    tab.open()

    soon = tab.notices.filter(has_text="Nothing is lost either way")
    expect(soon).to_be_visible()
    is_old = False
    with tab.page.expect_response("**/session/activity/"):
        soon.get_by_role("button", name="Stay").click()

    expect(soon).to_have_count(0)
    assert studio.get("session/status/").body["session_info"]["last_accessed"] > before


def test_an_expired_session_says_so_and_comes_back_with_the_next_command(
    chromium: Chromium, user: User, server: Server, studio: Studio, tmp_path: Path
) -> None:
    with Server(
        log=tmp_path / "log",
        workers=1,
        environment={
            "DJANGO_SETTINGS_MODULE": "tests.support.quick_sign_in_settings",
            "SESSION_INACTIVITY_TIMEOUT_SECONDS": "6",
        },
    ) as own:
        cookie = signed_in_cookie(user, own)
        with browser_context(chromium, cookie) as context:
            tab = StudioPage(context, own, studio).open()
            over = tab.notices.filter(has_text="This session closed at")
            expect(over).to_contain_text("Nothing is lost: your next step brings it back.")

            assert tab.rename("id", "key")["version"] > 0

            expect(tab.page.get_by_role("columnheader", name="key")).to_be_visible()
            expect(tab.saving).to_have_text(SAVED)
            assert tab.problems == []
    assert renames_of(studio) == ["airline", "date", "key"]


def test_nothing_is_said_of_rows_behind_the_question_how_to_go_on(
    browser: Browser, studio: Studio
) -> None:
    studio.post("session/clear/")

    tab = browser.open(has_rows=False)

    expect(dialog_of(tab)).to_be_visible()
    expect(tab.page.locator(".showing")).to_have_text("")
    expect(tab.page.locator(".side.columns .side-foot")).to_have_text("")


def test_the_session_is_opened_once_however_often_it_is_asked_for(browser: Browser) -> None:
    tab = browser.open()
    asked: list[str] = []
    tab.page.on("request", lambda request: asked.append(request.url))

    tab.page.evaluate(
        "async () => { const { openStudio } = await import('/static/data_tools/studio/opening.js');"
        " await Promise.all([openStudio(), openStudio(), openStudio()]); await openStudio() }"
    )

    assert len([url for url in asked if "/session/recover/" in url]) == 2
