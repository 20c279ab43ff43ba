"""Two tabs or devices on one session: each is told of the other, and nothing is overwritten."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth.models import User

from tests.support.serving import Server
from tests.support.studio_client import Studio
from tests.support.studio_page import (
    SAVED,
    StudioPage,
    expect,
    renames_of,
    signed_in_cookie,
    steps_of,
)
from tests.support.studios import open_studio

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def studio(user: User, server: Server) -> Studio:
    """Another device of the same user, with a session."""
    return open_studio(user, transport=server.transport)


@pytest.fixture
def other_cookie(other_user: User, server: Server) -> dict[str, str]:
    return signed_in_cookie(other_user, server)


def sign_in(page: Any, user: User) -> None:
    page.get_by_label("User name").fill(user.username)
    page.get_by_label("Password").fill("password")
    page.keyboard.press("Enter")


@pytest.fixture
def other(context: Any, server: Server, studio: Studio, tab: StudioPage) -> Iterator[StudioPage]:
    other = StudioPage(context, server, studio).open()
    yield other
    assert other.problems == []


def test_the_change_of_another_tab_is_told_and_shown_when_it_is_wanted(
    tab: StudioPage, other: StudioPage
) -> None:
    other.rename("carrier", "airline")

    banner = tab.notices.filter(has_text="Changed in another tab")
    expect(banner).to_have_text(re.compile(r"Changed in another tab, (now|\d+ seconds? ago)"))
    expect(tab.page.get_by_role("columnheader", name="carrier")).to_be_visible()
    banner.get_by_role("button", name="Show").click()

    expect(tab.page.get_by_role("columnheader", name="airline")).to_be_visible()
    expect(banner).to_have_count(0)


def test_the_change_of_another_device_is_told(tab: StudioPage, studio: Studio) -> None:
    studio.post("session/rename-column/", {"old_name": "carrier", "new_name": "airline"})

    banner = tab.notices.filter(has_text="Changed in another tab or on another device")
    banner.get_by_role("button", name="Show").click()

    expect(tab.page.get_by_role("columnheader", name="airline")).to_be_visible()


def test_looking_around_in_another_tab_is_no_change(tab: StudioPage, other: StudioPage) -> None:
    asked: list[str] = []
    tab.page.on("response", lambda got: asked.append(got.url) if "/status/" in got.url else None)
    other.page.evaluate(
        "async () => (await import('/static/data_tools/studio/commands.js')).showPagesOf(10)"
    )

    tab.page.wait_for_function("() => true")
    with tab.page.expect_response("**/session/status/**"):
        pass

    assert asked != []
    expect(tab.notices).to_have_count(0)


def test_the_slower_of_two_tabs_overwrites_nothing_and_is_offered_its_command_again(
    tab: StudioPage, other: StudioPage, studio: Studio
) -> None:
    tab.page.route("**/session/status/**", lambda route: route.abort())  # it has not heard yet
    other.rename("carrier", "airline")

    tab.begin("rename_column", old_name="delay", new_name="late")

    banner = tab.notices.filter(has_text="Nothing was overwritten")
    expect(banner).to_be_visible()
    assert renames_of(studio) == ["airline"]
    tab.page.unroute("**/session/status/**")
    banner.get_by_role("button", name="Show it, and do mine after it").click()

    expect(tab.page.get_by_role("columnheader", name="late")).to_be_visible()
    assert renames_of(studio) == ["airline", "late"]
    expect(tab.page.get_by_role("columnheader", name="airline")).to_be_visible()


def test_two_tabs_that_were_offline_send_everything_once(
    tab: StudioPage, other: StudioPage, context: Any, studio: Studio
) -> None:
    context.set_offline(True)
    tab.rename("carrier", "airline")
    other.rename("delay", "late")
    tab.rename("airline", "company")
    expect(other.saving).to_have_text("Offline, 3 changes kept on this device")

    context.set_offline(False)

    expect(tab.saving).to_have_text(SAVED)
    expect(other.saving).to_have_text(SAVED)
    assert renames_of(studio) == ["airline", "late", "company"]


def test_a_session_that_was_put_away_elsewhere_is_told_and_can_come_back(
    tab: StudioPage, studio: Studio
) -> None:
    tab.rename("carrier", "airline")
    studio.post("session/clear/")

    banner = tab.notices.filter(has_text="This session was put away")
    banner.get_by_role("button", name="See how to go on").click()
    tab.press("Bring it back")

    expect(tab.notices).to_contain_text("is back: 1 step")
    assert steps_of(studio) == ["rename_column"]


def test_a_session_begun_elsewhere_is_told_and_shown_when_it_is_wanted(
    tab: StudioPage, studio: Studio
) -> None:
    tab.rename("carrier", "airline")
    studio.post("session/clear/")
    studio.post("session/initialize/")

    banner = tab.notices.filter(has_text="Another session on this dataset was begun")
    banner.get_by_role("button", name="Show that one").click()

    expect(tab.page.get_by_role("columnheader", name="carrier")).to_be_visible()
    assert steps_of(studio) == []


def test_a_dataset_that_was_deleted_elsewhere_is_told_once(
    tab: StudioPage, studio: Studio, server: Server
) -> None:
    deleted = studio.request("DELETE", f"/api/datasources/{studio.datasource_id}/")
    assert deleted.status < 300

    told = tab.notices.filter(has_text="no such dataset")
    expect(told).to_be_visible()
    told.get_by_role("button", name="Dismiss").click()
    with tab.page.expect_response("**/session/status/**"):
        pass
    expect(told).to_have_count(0)


def test_how_one_looks_at_a_session_is_not_recorded_in_another(
    tab: StudioPage, studio: Studio
) -> None:
    tab.page.route("**/session/status/**", lambda route: route.abort())  # it has not heard yet
    studio.post("session/clear/")
    studio.post("session/initialize/")

    with tab.page.expect_response("**/session/activity/") as reported:
        tab.page.evaluate(
            "async () => (await import('/static/data_tools/studio/commands.js'))"
            ".arrange({ hidden: ['carrier'] })"
        )

    assert reported.value.status == 409
    assert studio.post("session/recover/", {"strategy": "auto"}).body["view"] is None


def test_the_page_of_one_user_does_nothing_for_the_next_and_says_who_is_needed(
    other_cookie: dict[str, str], tab: StudioPage, context: Any, studio: Studio
) -> None:
    own = context.cookies()
    context.add_cookies([other_cookie])

    assert tab.rename("carrier", "airline") is None

    expect(tab.saving).to_contain_text("Not saved: signed out, 1 change kept on this device")
    tab.page.evaluate(
        "async () => (await import('/static/data_tools/studio/commands.js')).showPagesOf(10)"
    )
    expect(tab.page.locator(".grid .notice")).to_contain_text(
        "Another user is signed in in this browser now."
    )
    assert steps_of(studio) == []
    context.add_cookies(own)
    tab.open()
    expect(tab.saving).to_have_text(SAVED)
    assert steps_of(studio) == ["rename_column"]


@pytest.mark.parametrize("role", ["button", "link"])  # of the notice, and above the rows
def test_the_user_of_a_page_signs_in_from_there_while_another_one_is_signed_in(
    role: Any,
    other_cookie: dict[str, str],
    tab: StudioPage,
    context: Any,
    user: User,
    studio: Studio,
) -> None:
    context.add_cookies([other_cookie])
    assert tab.rename("carrier", "airline") is None
    tab.page.evaluate(
        "async () => (await import('/static/data_tools/studio/commands.js')).showPagesOf(10)"
    )

    tab.page.get_by_role(role, name="Sign in").click()
    sign_in(tab.page, user)

    expect(tab.saving).to_have_text(SAVED)
    assert steps_of(studio) == ["rename_column"]


def test_somebody_who_only_looks_is_told_that_another_user_is_signed_in(
    other_cookie: dict[str, str], tab: StudioPage, context: Any
) -> None:
    own = context.cookies()
    context.add_cookies([other_cookie])

    notice = tab.notices.filter(has_text="Another user is signed in in this browser now.")
    expect(notice.get_by_role("button", name="Sign in")).to_be_visible()
    tab.page.evaluate(
        "async () => (await import('/static/data_tools/studio/service.js')).queue.send()"
    )
    expect(notice).to_be_visible()  # though the queue knows of nobody who is signed out
    context.add_cookies(own)

    expect(notice).to_have_count(0)


def test_somebody_who_only_looked_comes_back_to_the_page_by_signing_in(
    other_cookie: dict[str, str], tab: StudioPage, context: Any, user: User
) -> None:
    context.add_cookies([other_cookie])

    tab.press("Sign in")
    sign_in(tab.page, user)

    tab.page.wait_for_url(tab.address)
    expect(tab.page.get_by_role("columnheader", name="carrier")).to_be_visible()
