"""A headless Chromium, driven by Playwright, for all browser tests of a process.

Note [One browser, many profiles]
    Starting Playwright's driver and a Chromium takes longer than most browser tests. So a process
    starts them once, and each test opens a new context: a profile with cookies, storage and a
    cache of its own, of which nothing is left when it is closed.

    While Playwright runs, it leaves its event loop marked as the running one of this thread, for
    which Django would open another connection. So the mark is set only while a context is open:
    the fixtures and tests around it use the database as ever.

Note [A cache that is warm]
    The studio consists of some 190 modules. To load and compile them anew takes three times as
    long as all else that opening its page takes. Most tests are about what happens after that, and
    lend a context that another test has left: what they load is in its cache. Everything else is
    taken away between them, except what only a new context forgets: scripts added to each page,
    a clock, and listeners. A test that adds such to its context asks for a new one; a script is
    refused otherwise.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from tests.support.patience import PATIENCE_SECONDS

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Frame, Page, Playwright

PATIENCE_MS = 1_000 * PATIENCE_SECONDS
# Without these Chromium asks for a sandbox and a shared memory that containers lack, and calls its
# maker's servers.
ARGUMENTS = [
    "--no-sandbox",
    "--disable-dev-shm-usage",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


class Chromium:
    """The Chromium at a path. It starts with the first context, and anew if it has crashed.

    See Note [One browser, many profiles].
    """

    def __init__(self, path: str) -> None:
        self._path = path
        self._playwright: Playwright | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._browser: Browser | None = None
        self._kept: _KeptContext | None = None

    @contextmanager
    def context(self, **options: Any) -> Iterator[BrowserContext]:
        """Open a context during the block; `options` are those of Playwright's `new_context`.

        No test meets its database inside.
        """
        with self._event_loop():
            context = self._running().new_context(**options)
            context.set_default_timeout(PATIENCE_MS)
            try:
                yield context
            finally:
                context.close()

    @contextmanager
    def warm_context(self, **options: Any) -> Iterator[BrowserContext]:
        """Lend a context with these options during the block, the last test's if it had the same.

        See Note [A cache that is warm]. No test meets its database inside.
        """
        with self._event_loop():
            browser = self._running()
            kept, self._kept = self._kept, None
            if kept is None or not kept.fits(browser, options):
                if kept is not None:
                    kept.context.close()
                kept = _KeptContext(browser, options)
            try:
                yield kept.context
            finally:
                if browser.is_connected():
                    kept.empty()
                    if self._kept is not None:  # of a block inside this one
                        self._kept.context.close()
                    self._kept = kept

    def close(self) -> None:
        """End the browser and its driver, if they were started."""
        if self._playwright is not None:
            with self._event_loop():
                if self._browser is not None:
                    self._browser.close()
                self._playwright.stop()
            self._playwright = self._browser = self._loop = self._kept = None

    @contextmanager
    def _event_loop(self) -> Iterator[None]:
        """Let Playwright's loop be the running one of this thread during the block."""
        before = asyncio._get_running_loop()
        asyncio._set_running_loop(self._loop)
        try:
            yield
        finally:
            asyncio._set_running_loop(before)

    def _running(self) -> Browser:
        if self._playwright is None:
            from playwright import sync_api

            self._playwright = sync_api.sync_playwright().start()
            self._loop = asyncio.get_running_loop()
            sync_api.expect.set_options(timeout=PATIENCE_MS)
        if self._browser is None or not self._browser.is_connected():
            self._browser = self._playwright.chromium.launch(
                executable_path=self._path, args=ARGUMENTS, timeout=PATIENCE_MS
            )
        return self._browser


class _KeptContext:
    """A context that is emptied behind each test."""

    def __init__(self, browser: Browser, options: dict[str, Any]) -> None:
        self._browser, self._options = browser, options
        self._origins: set[str] = set()
        self.context = browser.new_context(**options)
        self.context.set_default_timeout(PATIENCE_MS)
        self.context.add_init_script = _refuse_script
        self._page = self.context.new_page()  # stays blank; the storage is emptied from here
        self._storage = self.context.new_cdp_session(self._page)
        self.context.on("page", self._watch)

    def fits(self, browser: Browser, options: dict[str, Any]) -> bool:
        return self._browser is browser and self._options == options

    def empty(self) -> None:
        """Close the tabs, and take away what they have stored and what they were told."""
        for page in self.context.pages:
            if page != self._page:
                _silence(page)
                page.close()
        self.context.unroute_all(behavior="ignoreErrors")
        self.context.set_offline(False)
        self.context.clear_cookies()
        for origin in self._origins:
            stored = {"origin": origin, "storageTypes": "all"}
            self._storage.send("Storage.clearDataForOrigin", stored)
        self._origins.clear()

    def _watch(self, page: Page) -> None:
        page.on("framenavigated", self._visited)

    def _visited(self, frame: Frame) -> None:
        address = urlsplit(frame.url)
        if address.scheme in ("http", "https"):
            self._origins.add(f"{address.scheme}://{address.netloc}")


def _silence(page: Page) -> None:
    """Keep a page from sending anything as it closes.

    The answer may come after the next test has signed somebody in, and take that cookie away, since
    the login session that the page was open in is gone by then.
    """
    from playwright.sync_api import Error

    with suppress(Error):  # a page that has crashed, or is closed already, sends nothing
        page.evaluate("() => { navigator.sendBeacon = () => true; }")


def _refuse_script(*_: Any, **__: Any) -> None:
    raise AssertionError("The tests that follow would have this script too. Ask for `is_new`.")
