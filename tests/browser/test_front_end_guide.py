"""The modules of docs/front-end.md and of the package that they use, run in a real browser against
a running service."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth.models import User

from data_tools.models import DataSource
from tests.support.chromium import Chromium
from tests.support.documents import ROOT, blocks_of
from tests.support.patience import eventually
from tests.support.serving import Server
from tests.support.studio_client import Studio
from tests.support.studio_page import browser_context, signed_in_cookie
from tests.support.studios import studio_of

pytestmark = pytest.mark.django_db(transaction=True)

MODULES = {
    re.match(r"// (\S+\.js)\n", block.text)[1]: block.text
    for block in blocks_of((ROOT / "docs" / "front-end.md").read_text())
    if block.language == "javascript"
}
PACKAGE = ROOT / "data_tools" / "static" / "data_tools"
PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>A dataset</title>
<p id="banner" role="status"></p><p id="saving"></p><p id="columns"></p>
<script type="importmap">
  {"imports": {
    "hydroml-session-client": "/package/session_client.js",
    "hydroml-session-client/": "/package/"
  }}
</script>
<script type="module">
  import { longestDelays } from "./calling.js";
  import { previewOf, upload } from "./importing.js";
  import { StudioPage } from "./page.js";
  const parts = Object.fromEntries(
    ["banner", "saving", "columns"].map((id) => [id, document.getElementById(id)]));
  window.guide = { longestDelays, previewOf, upload };
  window.studio = new StudioPage(location.hash.slice(1), parts);
  window.opened = window.studio.open();
</script></html>"""
RENAME = 'studio.perform("rename_column", {old_name: "carrier", new_name: "airline"})'
FILL = 'studio.perform("fill_missing_values", {columns: ["delay"], strategy: "mean"})'


@pytest.fixture
def studio(user: User, server: Server) -> Studio:
    """Another client of the same user. It calls the running server, as the browser does.

    While Playwright runs, this thread has an event loop, in which Django would open another
    connection.
    """
    return studio_of(user, transport=server.transport)


@pytest.fixture
def without_rows(studio: Studio) -> None:
    """A dataset that a session was opened on and whose rows are not there."""
    studio.post("session/initialize/")
    DataSource.objects.filter(pk=studio.datasource_id).update(
        status=DataSource.Status.PROCESSING, revision=0
    )


class Tab:
    """A tab of the browser at the page that the guide describes, and what went wrong in it."""

    def __init__(self, context: Any, server: Server, studio: Studio) -> None:
        self.page = context.new_page()
        self.problems: list[str] = []
        self.page.on("pageerror", lambda error: self.problems.append(str(error)))
        self.address = f"http://127.0.0.1:{server.port}/front-end/#{studio.datasource_id}"

    def open(self) -> None:
        self.page.goto("about:blank")
        self.page.goto(self.address)
        self.page.wait_for_function("() => !!window.opened")

    def opened(self) -> Tab:
        self.open()
        self.page.evaluate("opened")
        return self

    def does(self, what: str) -> None:
        self.page.evaluate(what)

    def text(self, part: str) -> str:
        return self.page.locator(f"#{part}").inner_text()


@pytest.fixture
def context(chromium: Chromium, server: Server, user: User, studio: Studio) -> Iterator[Any]:
    """A browser in which the user is signed in, and which gets the guide's modules."""
    origin = f"http://127.0.0.1:{server.port}"
    with browser_context(chromium, signed_in_cookie(user, server)) as context:
        files = {"": ("text/html", PAGE)}
        files |= {name: ("text/javascript", text) for name, text in MODULES.items()}

        def answer(route: Any) -> None:
            content_type, body = files[route.request.url.rpartition("/")[2]]
            route.fulfill(content_type=content_type, body=body)

        def answer_package(route: Any) -> None:
            route.fulfill(path=PACKAGE / route.request.url.partition("/package/")[2])

        context.route(f"{origin}/front-end/**", answer)
        context.route(f"{origin}/package/**", answer_package)
        yield context


@pytest.fixture
def tab(context: Any, server: Server, studio: Studio) -> Iterator[Tab]:
    tab = Tab(context, server, studio)
    yield tab
    assert tab.problems == []


def operations_of(studio: Studio) -> list[str]:
    history = studio.get("session/status/").body["session_info"]["operations_history"]
    return [one["operation_name"] for one in history]


def test_a_change_is_saved_and_said_to_be(tab: Tab, studio: Studio) -> None:
    tab.opened().does(RENAME)

    assert "airline" in tab.text("columns")
    assert tab.text("saving").startswith("All changes saved ")
    assert operations_of(studio) == ["rename_column"]


def test_what_was_done_offline_is_kept_and_saved_when_the_network_is_back(
    tab: Tab, context: Any, studio: Studio
) -> None:
    tab.opened()

    context.set_offline(True)
    tab.does(RENAME)
    tab.does(FILL)
    assert tab.text("saving") == "Not saved yet: 2 kept on this device"
    assert operations_of(studio) == []
    context.set_offline(False)

    tab.page.wait_for_function("() => studio.queue.state.waiting.length === 0")
    tab.page.get_by_text("All changes saved").wait_for()
    assert operations_of(studio) == ["rename_column", "fill_missing_values"]


def test_what_was_done_before_the_tab_was_closed_is_saved_by_the_next(
    tab: Tab, context: Any, server: Server, studio: Studio
) -> None:
    tab.opened()
    context.set_offline(True)
    tab.does(RENAME)
    tab.page.close()
    context.set_offline(False)

    Tab(context, server, studio).opened()

    assert operations_of(studio) == ["rename_column"]


def test_a_change_whose_answer_was_lost_is_not_made_twice(
    tab: Tab, context: Any, studio: Studio
) -> None:
    tab.opened()

    def lose_the_answer(route: Any) -> None:
        route.fetch()
        route.abort()

    tab.page.route("**/operations/", lose_the_answer)
    tab.does(RENAME)
    assert operations_of(studio) == ["rename_column"]
    assert tab.text("saving") == "Not saved yet: 1 kept on this device"

    tab.page.unroute("**/operations/")
    tab.does("studio.queue.send()")

    assert tab.text("saving").startswith("All changes saved ")
    assert operations_of(studio) == ["rename_column"]


def test_one_that_no_longer_fits_is_said_and_costs_the_others_nothing(
    tab: Tab, context: Any, studio: Studio
) -> None:
    tab.opened()
    context.set_offline(True)
    tab.does(RENAME)
    tab.does(FILL)
    studio.post("transform/columns/", {"operation": "drop", "columns": ["carrier"]})

    context.set_offline(False)

    tab.page.get_by_text("All changes saved").wait_for()
    assert tab.text("banner") != ""
    assert operations_of(studio) == ["column_operation_drop", "fill_missing_values"]


def test_the_slower_of_two_tabs_gets_a_button_that_loads_what_the_other_did(
    tab: Tab, context: Any, server: Server, studio: Studio
) -> None:
    tab.opened()
    other = Tab(context, server, studio).opened()
    other.does(RENAME)

    tab.does(FILL)
    assert "changed in another tab" in tab.text("banner")
    assert "airline" not in tab.text("columns")
    tab.page.get_by_role("button", name="Load the latest version").click()

    tab.page.locator("#columns", has_text="airline").wait_for()
    tab.does(FILL)
    assert operations_of(studio) == ["rename_column", "fill_missing_values"]


def test_a_service_that_does_not_answer_is_tried_again(tab: Tab, studio: Studio) -> None:
    tab.opened()
    tab.page.route("**/api/studio/**", lambda route: route.abort())
    tab.does(RENAME)
    assert tab.text("saving") == "Not saved yet: 1 kept on this device"

    tab.page.unroute("**/api/studio/**")

    tab.page.get_by_text("All changes saved").wait_for()
    assert operations_of(studio) == ["rename_column"]


def test_a_page_opened_without_network_opens_when_it_is_back(tab: Tab, studio: Studio) -> None:
    studio.post("session/initialize/")
    tab.page.route("**/api/studio/**", lambda route: route.abort())
    tab.opened()
    assert tab.text("columns") == ""
    assert tab.text("banner") == "The service did not answer."

    tab.page.unroute("**/api/studio/**")

    tab.page.locator("#columns", has_text="carrier").wait_for()


def test_what_only_the_page_knew_is_in_the_log_when_it_is_left(tab: Tab, studio: Studio) -> None:
    tab.opened()
    tab.does("studio.activity.saw({page_number: 1, page_size: 50})")
    tab.does("studio.activity.saw({page_number: 1, page_size: 50, hidden_columns: ['day']})")
    tab.does("studio.activity.failed('the chart did not draw')")

    tab.page.goto("about:blank")

    def types() -> list[str]:
        events = studio.get("session/events/").body["events"]
        return sorted(event["type"] for event in events)

    eventually(lambda: len(types()) >= 3)
    assert types() == ["client.error_reported", "session.started", "session.view_changed"]


def test_every_module_of_the_guide_is_used(tab: Tab) -> None:
    asked: list[str] = []
    tab.page.on("request", lambda request: asked.append(request.url))

    tab.opened()

    names = [address.partition("/front-end/")[2] for address in asked]
    assert {name for name in names if name.endswith(".js")} == set(MODULES)


def test_a_session_put_aside_is_restored_at_once_with_a_banner(tab: Tab, studio: Studio) -> None:
    tab.opened().does(RENAME)
    studio.post("session/pause/")

    tab.opened()

    assert tab.text("banner") == "Restored: 1 operation."
    assert "airline" in tab.text("columns")


def test_a_session_that_was_put_away_is_asked_about(tab: Tab, studio: Studio) -> None:
    tab.opened().does(RENAME)
    studio.post("session/clear/")

    tab.open()
    dialog = tab.page.get_by_role("alertdialog")
    dialog.get_by_role("button", name="Get back 1 operation").click()

    tab.page.locator("#columns", has_text="airline").wait_for()
    assert operations_of(studio) == ["rename_column"]


def test_deciding_later_changes_nothing(tab: Tab, studio: Studio) -> None:
    tab.opened().does(RENAME)
    tab.page.route("**/api/studio/**", lambda route: route.abort())
    tab.does(FILL)
    tab.page.unroute("**/api/studio/**")
    studio.post("session/clear/")

    tab.open()
    tab.page.get_by_role("alertdialog").wait_for()
    tab.page.keyboard.press("Escape")
    tab.page.evaluate("opened")

    assert tab.page.get_by_role("alertdialog").count() == 0
    assert studio.get("session/validate/").body["suggested_action"] == "start_new"
    assert tab.page.evaluate("studio.queue.state.waiting.length") == 1


def test_a_dataset_without_rows_yet_is_said_to_have_none(without_rows: None, tab: Tab) -> None:
    tab.opened()

    assert tab.text("banner") != ""
    assert tab.text("columns") == ""


def test_the_first_rows_are_read_in_their_order(tab: Tab, studio: Studio) -> None:
    tab.opened()

    rows = tab.page.evaluate(f'guide.longestDelays("{studio.datasource_id}")')

    delays = [row["delay"] for row in rows if row["delay"] is not None]
    assert len(delays) > 1
    assert delays == sorted(delays, reverse=True)


def test_a_file_is_shown_before_it_is_uploaded_and_its_progress_while_it_is(tab: Tab) -> None:
    tab.opened()
    tab.does("window.file = new File(['name;size\\none;1,5\\n'], 'sizes.csv')")
    options = '{delimiter: ";", decimal: ","}'

    shown = tab.page.evaluate(f"guide.previewOf(file, {options})")
    tab.does("window.told = []")
    loaded = tab.page.evaluate(
        f"guide.upload(file, {options}, {{onBytes: (done) => told.push(done), onLoading() {{}}}})"
    )

    assert shown["rows"] == [{"name": "one", "size": 1.5}]
    assert (loaded["name"], loaded["status"], loaded["row_count"]) == ("sizes", "READY", 1)
    assert tab.page.evaluate("told.at(-1)") > 0


def test_an_upload_that_is_given_up_ends_with_the_reason(tab: Tab, studio: Studio) -> None:
    tab.opened()
    tab.page.route("**/api/datasources/", lambda route: None)  # no answer comes

    ended = tab.page.evaluate(
        """async () => {
          const controller = new AbortController();
          const file = new File(["a\\n1\\n"], "a.csv");
          const { signal } = controller;
          const sent = guide.upload(file, {}, { onBytes() {}, onLoading() {}, signal });
          setTimeout(() => controller.abort("not this one"), 50);
          return sent.catch((reason) => reason);
        }"""
    )

    assert ended == "not this one"


def test_a_refused_upload_is_an_error_with_its_code(tab: Tab) -> None:
    tab.opened()

    code = tab.page.evaluate(
        """guide.upload(new File(["a"], "a.csv"), {delimiter: 5}, {onBytes() {}, onLoading() {}})
        .catch((error) => error.code)"""
    )

    assert code == "INVALID_PARAMETER"
