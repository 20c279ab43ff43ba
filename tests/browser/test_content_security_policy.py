"""The pages under the Content-Security-Policy, in a real browser: nothing of them is refused."""

from __future__ import annotations

import pytest
from pytest_django.live_server_helper import LiveServer

from tests.support.chromium import Chromium
from tests.support.users import UserFactory

PAGES = (
    "/",
    "/admin/",
    "/admin/auth/user/add/",
    "/admin/auth/group/add/",  # two lists that a script moves entries between
    "/admin/data_tools/featureflag/",
    "/admin/session_events/sessionstream/",
)


@pytest.mark.django_db(transaction=True)
def test_every_page_works_and_what_is_put_into_one_does_not(
    chromium: Chromium, live_server: LiveServer
) -> None:
    from playwright.sync_api import expect

    superuser = UserFactory(is_staff=True, is_superuser=True)
    with chromium.context() as context:
        page = context.new_page()
        problems: list[str] = []
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on(
            "console",
            lambda said: problems.append(said.text) if "Security Policy" in said.text else None,
        )

        page.goto(f"{live_server.url}/admin/")
        page.get_by_label("Username").fill(superuser.username)
        page.get_by_label("Password").fill("password")
        page.get_by_role("button", name="Log in").click()
        expect(page.get_by_role("heading", name="Site administration")).to_be_visible()
        for address in PAGES:
            page.goto(f"{live_server.url}{address}")
        page.goto(f"{live_server.url}/admin/auth/group/add/")
        page.locator("#id_permissions_from option").first.dblclick()
        expect(page.locator("#id_permissions_to option")).to_have_count(1)

        page.goto(f"{live_server.url}/api/docs/")
        expect(page.get_by_role("heading", name="HydroML session service")).to_be_visible()
        page.locator("#operations-tag-datasets, .opblock-summary").first.click()
        answer = page.locator(".opblock.is-open").first
        expect(answer).to_be_visible()
        assert problems == []

        page.evaluate(
            "() => { const put = document.createElement('script');"
            " put.textContent = 'document.title = \"owned\"'; document.body.append(put) }"
        )
        assert page.title() != "owned"
        assert "Content Security Policy" in problems[0]
