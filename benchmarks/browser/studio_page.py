"""A page of the studio in Chromium, and the clock beside it.

Times are taken in the page: from before the act to after the frame in which its outcome is painted.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import brotli
from django.conf import settings

if TYPE_CHECKING:
    from playwright.sync_api import Page

ARGUMENTS = [
    "--no-sandbox",
    "--disable-dev-shm-usage",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PATIENCE_MS = 60_000

# Each frame is painted before the message that is posted in it arrives.
CLOCK = """
window.clock = {
  painted: () => new Promise((resolve) => requestAnimationFrame(() => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => resolve(performance.now());
    port2.postMessage(null);
  })),
  // Resolves when `isDone` holds, which is asked after each change of the page.
  until: (isDone) => new Promise((resolve) => {
    if (isDone()) return resolve();
    const watcher = new MutationObserver(() => {
      if (!isDone()) return;
      watcher.disconnect();
      resolve();
    });
    const all = { subtree: true, childList: true, characterData: true, attributes: true };
    watcher.observe(document, all);
  }),
  time: async (act, isDone) => {
    const begun = performance.now();
    await act();  // nothing in the page need change after it is done
    await clock.until(isDone);
    return (await clock.painted()) - begun;
  },
  pause: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
  // A module of the page, as it runs there: addresses have a hash in them.
  module: (path) => {
    const name = path.replace(".js", "[.][0-9a-f]+[.]js$");
    const loaded = performance.getEntriesByType("resource");
    return import(loaded.find((each) => each.name.match(name)).name);
  },
};
window.firstRows = clock.until(() => document.querySelector("tbody tr")).then(clock.painted);
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class StudioPage:
    """The page, with the scripts that it has loaded by their addresses."""

    page: Page
    address: str
    scripts: dict[str, bytes] = field(default_factory=dict)

    def open(self) -> float:
        """Open the studio; return the milliseconds from the beginning until rows were painted."""
        self.page.goto(self.address)
        return float(self.page.evaluate("firstRows"))

    def run(self, script: str, *values: Any) -> Any:
        return self.page.evaluate(script, list(values))

    def compressed_script_bytes(self) -> int:
        """Return the bytes of all scripts as they are sent over TLS, where browsers take Brotli."""
        return sum(len(brotli.compress(body)) for body in self.scripts.values())

    def heap_bytes(self) -> int:
        """Return what the page's objects take, after all that can go is gone."""
        devtools = self.page.context.new_cdp_session(self.page)
        for _ in range(3):
            devtools.send("HeapProfiler.collectGarbage")
        used = devtools.send("Runtime.getHeapUsage")["usedSize"]
        devtools.detach()
        return int(used)


@contextmanager
def studio_page(
    chromium: str, address: str, cookie: str, dataset_id: uuid.UUID
) -> Iterator[StudioPage]:
    """Open a browser with the studio on a dataset; somebody is signed in there."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        window = browser.new_context(viewport={"width": 1280, "height": 800}, locale="en-US")
        window.set_default_timeout(PATIENCE_MS)
        window.add_cookies(
            [{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": address}]
        )
        window.add_init_script(CLOCK)
        studio = StudioPage(page=window.new_page(), address=f"{address}/studio/{dataset_id}/")
        studio.page.on("response", lambda response: _keep_script(studio, response))
        yield studio
        browser.close()


def _keep_script(studio: StudioPage, response: Any) -> None:
    if response.url.endswith(".js") and response.url not in studio.scripts:
        studio.scripts[response.url] = response.body()
