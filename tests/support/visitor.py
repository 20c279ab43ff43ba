"""A signed-in person in front of the service's pages: a tab, and whatever went wrong in it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.test import Client

from tests.support.chromium import PATIENCE_MS, running_chromium
from tests.support.serving import Server

# What the browser itself says of requests that are meant to fail, or were cancelled.
_EXPECTED = ("Failed to load resource", "net::ERR_")


@contextmanager
def visiting(
    chromium: str, server: Server, user: User | None = None, **options: Any
) -> Iterator[Any]:
    """Open a tab of a new browser at the service, in which the user is signed in.

    `options` are those of Playwright's context. Ends with an error if the page had one. While
    Playwright runs, this thread has an event loop, so the test must not use Django's connection.
    """
    origin = f"http://127.0.0.1:{server.port}"
    cookies = [] if user is None else [_login_cookie(user, origin)]
    problems: list[str] = []

    def hear(said: Any) -> None:
        if said.type == "error" and not any(each in said.text for each in _EXPECTED):
            problems.append(said.text)

    from playwright.sync_api import expect

    expect.set_options(timeout=PATIENCE_MS)
    with running_chromium(chromium) as browser:
        context = browser.new_context(base_url=origin, **options)
        context.add_cookies(cookies)
        context.set_default_timeout(PATIENCE_MS)
        page = context.new_page()
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on("console", hear)
        yield page
        assert problems == []


def _login_cookie(user: User, origin: str) -> Any:
    visitor = Client()
    visitor.force_login(user)
    name = settings.SESSION_COOKIE_NAME
    return {"name": name, "value": visitor.cookies[name].value, "url": origin}
