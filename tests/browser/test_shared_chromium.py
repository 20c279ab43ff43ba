"""The browser that all tests of a process share; see Note [One browser, many profiles]."""

from __future__ import annotations

import pytest
from django.db import connections

from tests.support.chromium import Chromium
from tests.support.serving import Server

LEAVE = """async () => {
  document.cookie = "a=1; max-age=60";
  localStorage.setItem("a", 1);
  sessionStorage.setItem("a", 1);
  await new Promise((done) => { indexedDB.open("a").onsuccess = done; });
  const folder = await navigator.storage.getDirectory();
  await folder.getFileHandle("a", { create: true });
}"""
FIND = """async () => {
  const names = (await indexedDB.databases()).map(({ name }) => name);
  for await (const name of (await navigator.storage.getDirectory()).keys()) names.push(name);
  return [...names, document.cookie, ...Object.keys(localStorage), ...Object.keys(sessionStorage)];
}"""
MODULE = "/static/data_tools/studio/commands.js"
IS_CACHED = """(address) =>
  fetch(address, { cache: "only-if-cached", mode: "same-origin" }).then(() => true, () => false)
"""


@pytest.mark.parametrize("kind", ["context", "warm_context"])
def test_a_context_finds_nothing_of_the_one_before(
    chromium: Chromium, server: Server, kind: str
) -> None:
    found = []
    for _ in range(2):
        with getattr(chromium, kind)(base_url=f"http://127.0.0.1:{server.port}") as context:
            page = context.new_page()
            page.goto("/healthz")
            found.append(page.evaluate(FIND))
            page.evaluate(LEAVE)
            assert page.evaluate(FIND) == ["a", "a", "a=1", "a", "a"]
            page.route("**/*", lambda route: route.abort())
            context.route("**/*", lambda route: route.abort())
            context.set_offline(True)

    assert found == [[""], [""]]


def test_only_a_warm_context_has_what_was_loaded_before(chromium: Chromium, server: Server) -> None:
    def cached(kind: str) -> list[bool]:
        found = []
        for _ in range(2):
            with getattr(chromium, kind)(base_url=f"http://127.0.0.1:{server.port}") as context:
                page = context.new_page()
                page.goto("/healthz")
                found.append(page.evaluate(IS_CACHED, MODULE))
                page.evaluate("(address) => fetch(address).then((got) => got.text())", MODULE)
        return found

    assert cached("context") == [False, False]
    assert cached("warm_context")[1]


def test_a_warm_context_refuses_scripts_that_the_next_test_would_have_too(
    chromium: Chromium,
) -> None:
    with chromium.warm_context() as context, pytest.raises(AssertionError, match="is_new"):
        context.add_init_script("")


def test_the_database_is_the_same_connection_around_contexts(chromium: Chromium, db: None) -> None:
    before = connections["default"]

    with chromium.context(), chromium.warm_context():
        pass

    assert connections["default"] is before
    with before.cursor() as cursor:  # would be refused in a thread with an event loop
        cursor.execute("SELECT 1")


@pytest.mark.parametrize("kind", ["context", "warm_context"])
def test_a_browser_that_crashed_is_started_anew(chromium: Chromium, kind: str) -> None:
    from playwright.sync_api import Error

    with pytest.raises(Error), getattr(chromium, kind)() as context:
        context.new_page().goto("chrome://inducebrowsercrashforrealz")

    with getattr(chromium, kind)() as context:
        assert context.new_page().evaluate("1 + 1") == 2
