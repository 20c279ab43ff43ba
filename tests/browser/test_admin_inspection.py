"""The admin's pages about the log, in a real browser."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from pytest_django.live_server_helper import LiveServer

from session_events import loading, services
from session_events.recording import Command
from tests.support.chromium import Chromium
from tests.support.small_datasets import publish_facts
from tests.support.users import UserFactory
from tests.support.written_sessions import FACTS, rename

PROBE = "<script>document.title = 'owned'</script>"


@pytest.mark.django_db(transaction=True)
def test_a_superuser_signs_in_finds_a_session_and_reads_it(
    chromium: Chromium, live_server: LiveServer, user: User
) -> None:
    from playwright.sync_api import expect

    superuser = UserFactory(is_staff=True, is_superuser=True)
    publish_facts(user, FACTS)
    session = services.start(FACTS, command=Command(actor_id=user.pk, trace_id="a" * 32))
    session = rename(session, PROBE, Command(actor_id=user.pk, trace_id="b" * 32))
    loading.forget_all()
    session_id = str(session.head.stream_id)

    with chromium.context() as context:
        page = context.new_page()
        problems: list[str] = []
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on(
            "response",
            lambda got: problems.append(got.url) if "/static/" in got.url and not got.ok else None,
        )

        page.goto(f"{live_server.url}/admin/session_events/sessionstream/")
        page.get_by_label("Username").fill(superuser.username)
        page.get_by_label("Password").fill("password")
        page.get_by_role("button", name="Log in").click()
        page.locator("#searchbar").fill("b" * 32)
        page.get_by_role("button", name="Search").click()
        page.get_by_role("link", name=session_id[:13]).click()

        expect(page.get_by_role("heading", name=f"Session {session_id}")).to_be_visible()
        expect(page.get_by_text("its log is intact")).to_be_visible()
        page.get_by_role("button", name="Verify now").click()
        expect(page.get_by_text("all 2 events are as they were written")).to_be_visible()
        page.get_by_role("link", name="state", exact=True).first.click()
        expect(page.get_by_role("heading", name="What event 2 changed")).to_be_visible()
        page.get_by_role("link", name="Applied rename_column").click()
        expect(page.locator("pre").first).to_contain_text(PROBE)
        assert page.title() != "owned"
        with page.expect_download() as download:
            page.go_back()
            page.get_by_role("button", name="Export as JSON Lines").click()
        lines = download.value.path().read_text().splitlines()

    assert len(lines) == 4
    assert problems == []
