"""Work in the studio while the service does not answer: nothing is lost, and nothing done twice."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User

from tests.support.chromium import Chromium
from tests.support.serving import Server
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
from tests.support.studios import open_studio

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def studio(user: User, server: Server) -> Studio:
    """Another client of the same user, with a session."""
    return open_studio(user, transport=server.transport)


def test_ten_operations_done_offline_are_all_there_in_order_when_the_network_is_back(
    tab: StudioPage, context: Any, studio: Studio
) -> None:
    context.set_offline(True)
    names = ["carrier", *(f"name {number}" for number in range(10))]
    for old, new in zip(names, names[1:], strict=False):
        assert tab.rename(old, new) is None
    expect(tab.saving).to_have_text("Offline, 10 changes kept on this device")
    assert steps_of(studio) == []

    context.set_offline(False)

    expect(tab.saving).to_have_text(SAVED)
    assert renames_of(studio) == names[1:]
    expect(tab.page.get_by_role("columnheader", name="name 9")).to_be_visible()


def test_a_page_that_could_not_be_read_comes_by_itself_when_the_network_is_back(
    tab: StudioPage, context: Any
) -> None:
    context.set_offline(True)
    tab.page.evaluate(
        "async () => (await import('/static/data_tools/studio/commands.js')).showPagesOf(10)"
    )
    error = tab.page.locator(".grid .notice")
    expect(error.locator(".notice-text")).to_have_text(
        "The rows you asked for could not be read. The service does not answer."
    )
    expect(tab.saving).to_contain_text("Offline")

    context.set_offline(False)

    expect(error).to_have_count(0)


def test_a_service_that_refuses_is_not_away(tab: StudioPage) -> None:
    tab.rename("carrier", "airline")
    tab.page.route("**/session/status/**", lambda route: route.abort())
    expect(tab.saving).to_contain_text("Offline, all changes saved")

    tab.page.unroute("**/session/status/**")
    tab.page.route(
        "**/session/status/**",
        lambda route: route.fulfill(
            status=409, json={"success": False, "error": {"code": "X", "user_message": "No."}}
        ),
    )

    expect(tab.saving).to_have_text(SAVED)


def test_what_waits_survives_a_reload_and_is_sent_by_the_page_that_is_opened_next(
    tab: StudioPage, context: Any, server: Server, studio: Studio
) -> None:
    tab.page.route("**/api/studio/**", lambda route: route.abort())
    tab.rename("carrier", "airline")
    tab.rename("airline", "company")
    expect(tab.saving).to_have_text("Offline, 2 changes kept on this device")
    tab.page.close()

    other = StudioPage(context, server, studio).open()

    expect(other.saving).to_have_text(SAVED)
    assert renames_of(studio) == ["airline", "company"]
    assert other.problems == []


def test_a_refused_one_in_the_middle_stops_and_asks_and_the_rest_waits(
    tab: StudioPage, context: Any, studio: Studio
) -> None:
    context.set_offline(True)
    tab.rename("carrier", "airline")
    tab.rename("delay", "late")
    tab.rename("day", "date")
    studio.post("transform/columns/", {"operation": "drop", "columns": ["delay"]})
    context.set_offline(False)

    dialog = tab.page.get_by_role("alertdialog", name="One of your changes was not accepted")
    expect(dialog).to_contain_text("delay")
    expect(dialog).to_contain_text("1 change waits behind it.")
    expect(dialog.get_by_role("button", name="Keep them here for now")).to_be_focused()
    assert steps_of(studio) == ["column_operation_drop", "rename_column"]
    tab.page.keyboard.press("Escape")
    expect(tab.saving).to_contain_text("Not saved: 2 changes wait for your decision")

    tab.press("Decide")
    with tab.page.expect_download() as download:
        tab.press("Download my work")
    assert '"operation": "rename_column"' in Path(download.value.path()).read_text()
    tab.press("Discard it and go on")

    expect(tab.saving).to_have_text(SAVED)
    assert steps_of(studio) == ["column_operation_drop", "rename_column", "rename_column"]


def test_a_killed_server_loses_nothing_and_does_nothing_twice(
    chromium: Chromium, user: User, server: Server, studio: Studio, tmp_path: Path
) -> None:
    """SIGKILL between the click and its answer: the change was committed, and the answer lost."""
    own = Server(
        log=tmp_path / "log",
        workers=1,
        environment={"DJANGO_SETTINGS_MODULE": "tests.support.quick_sign_in_settings"},
    )
    own.start()
    cookie = signed_in_cookie(user, own)
    try:
        with browser_context(chromium, cookie) as context:
            tab = StudioPage(context, own, studio).open()

            def kill_before_the_answer(route: Any) -> None:
                route.fetch()
                own.kill()
                route.abort()

            tab.page.route("**/operations/", kill_before_the_answer, times=1)
            assert tab.rename("carrier", "airline") is None
            assert tab.rename("airline", "company") is None
            expect(tab.saving).to_have_text("Offline, 2 changes kept on this device")
            assert renames_of(studio) == ["airline"]

            own.start()

            expect(tab.saving).to_have_text(SAVED)
            assert renames_of(studio) == ["airline", "company"]
            assert tab.problems == []
    finally:
        own.kill()


def test_a_request_that_hangs_is_never_said_to_be_saved(tab: StudioPage, studio: Studio) -> None:
    held: list[Any] = []
    tab.page.route("**/operations/", lambda route: held.append(route))

    tab.begin("rename_column", old_name="carrier", new_name="airline")

    expect(tab.saving).to_have_text("Saving …")
    expect(tab.saving).to_have_text("Still saving …, kept on this device until it is")
    held[0].continue_()
    expect(tab.saving).to_have_text(SAVED)
    assert steps_of(studio) == ["rename_column"]


def test_signing_out_without_network_says_so_and_stays_on_the_page(
    tab: StudioPage, context: Any, user: User
) -> None:
    context.set_offline(True)

    tab.press(user.username)
    tab.page.get_by_role("menuitem", name="Sign out").click()

    expect(tab.notices.filter(has_text="You are offline and still signed in")).to_be_visible()


def test_somebody_signed_out_keeps_everything_until_signing_in_again(
    tab: StudioPage, context: Any, user: User, studio: Studio
) -> None:
    cookies = context.cookies()
    context.clear_cookies()

    assert tab.rename("carrier", "airline") is None

    expect(tab.saving).to_contain_text("Not saved: signed out, 1 change kept on this device")
    notice = tab.notices.filter(
        has_text="You are not signed in any more. 1 change is kept on this device"
    )
    expect(notice.get_by_role("button", name="Sign in")).to_be_visible()
    tab.press("Sign in")
    tab.page.wait_for_url("**/accounts/login/?next=*")
    assert steps_of(studio) == []
    context.add_cookies(cookies)
    tab.open()
    expect(tab.saving).to_have_text(SAVED)
    assert steps_of(studio) == ["rename_column"]
