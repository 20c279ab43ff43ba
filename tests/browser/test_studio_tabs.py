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
    steps_of,
)
from tests.support.studios import open_studio

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def studio(user: User, server: Server) -> Studio:
    """Another device of the same user, with a session."""
    return open_studio(user, transport=server.transport)


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
    expect(banner).to_have_text(re.compile(r"Changed in another tab (now|\d+ sec\. ago)"))
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
