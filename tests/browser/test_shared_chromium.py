"""The browser that all tests of a process share; see Note [One browser, many profiles]."""

from __future__ import annotations

import pytest
from django.db import connections

from tests.support.chromium import Chromium
from tests.support.serving import Server


def test_a_context_finds_nothing_of_the_one_before(chromium: Chromium, server: Server) -> None:
    left = []
    for _ in range(2):
        with chromium.context(base_url=f"http://127.0.0.1:{server.port}") as context:
            page = context.new_page()
            page.goto("/healthz")
            left.append(page.evaluate("[document.cookie, localStorage.length]"))
            page.evaluate("document.cookie = 'a=1; max-age=60'; localStorage.setItem('a', 1)")
            assert page.evaluate("[document.cookie, localStorage.length]") == ["a=1", 1]

    assert left == [["", 0], ["", 0]]


def test_the_database_is_the_same_connection_around_contexts(chromium: Chromium, db: None) -> None:
    before = connections["default"]

    with chromium.context(), chromium.context():
        pass

    assert connections["default"] is before
    with before.cursor() as cursor:  # would be refused in a thread with an event loop
        cursor.execute("SELECT 1")


def test_a_browser_that_crashed_is_started_anew(chromium: Chromium) -> None:
    from playwright.sync_api import Error

    with pytest.raises(Error), chromium.context() as context:
        context.new_page().goto("chrome://inducebrowsercrashforrealz")

    with chromium.context() as context:
        assert context.new_page().evaluate("1 + 1") == 2
