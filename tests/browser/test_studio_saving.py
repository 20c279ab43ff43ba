"""Saving the session as a dataset, and exporting its rows as a file."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.contrib.auth.models import User

from tests.support.chromium import Chromium
from tests.support.serving import Server
from tests.support.small_datasets import ROWS, publish
from tests.support.studio_client import Studio
from tests.support.studio_page import StudioPage, browser_context, signed_in_cookie, steps_of
from tests.support.studios import INITIALIZE, rename, studio_of

pytestmark = pytest.mark.django_db(transaction=True)

# More rows than a save writes within its request.
MANY = [[number, "text"] for number in range(10_001)]
MANY_COLUMNS = [("id", "integer"), ("text", "text")]
IN_MEMORY = "window.showSaveFilePicker = undefined"
# A place that people choose, in the browser's own file system, which no dialog asks for.
ON_DISK = """window.showSaveFilePicker = async ({ suggestedName }) => {
  const folder = await navigator.storage.getDirectory();
  return folder.getFileHandle(suggestedName, { create: true });
}"""
FILES_ON_DISK = """async () => {
  const texts = {};
  for await (const [name, file] of (await navigator.storage.getDirectory()).entries()) {
    texts[name] = await (await file.getFile()).text();
  }
  return texts;
}"""


@pytest.fixture
def studio(user: User, server: Server) -> Studio:
    studio = studio_of(user, publish(user), transport=server.transport)
    return studio.take(INITIALIZE, rename("carrier", "airline"))


@pytest.fixture
def large(user: User, server: Server) -> Studio:
    studio = studio_of(user, publish(user, MANY_COLUMNS, MANY), transport=server.transport)
    return studio.take(INITIALIZE, rename("text", "words"))


@contextmanager
def opened(
    chromium: Chromium, server: Server, user: User, studio: Studio, script: str = IN_MEMORY
) -> Iterator[StudioPage]:
    with browser_context(chromium, signed_in_cookie(user, server), is_new=True) as context:
        context.add_init_script(script)
        tab = StudioPage(context, server, studio).open()
        yield tab
        assert tab.problems == []


def notice(tab: StudioPage, text: str) -> Any:
    return tab.notices.filter(has_text=text)


def expect(locator: Any) -> Any:
    from playwright.sync_api import expect

    return expect(locator)


def save_as(tab: StudioPage, name: str) -> None:
    tab.press("Save as…")
    tab.page.get_by_role("textbox", name="Name").fill(name)
    tab.press("Save")


def begin_export(tab: StudioPage, **options: str | bool) -> None:
    """Fill in the dialog: `options` are its choices by their labels."""
    tab.press("Export")
    dialog = tab.page.get_by_role("dialog")
    for label, value in options.items():
        field = dialog.get_by_label(label)
        if isinstance(value, bool):
            field.check()
        else:
            field.select_option(label=value)
    dialog.get_by_role("button", name="Export").click()


def datasets(tab: StudioPage) -> list[str]:
    body = tab.page.evaluate("fetch('/api/datasources/').then((answer) => answer.json())")
    return [one["name"] for one in body["datasources"]]


def test_a_small_save_is_ready_at_once_and_the_session_can_be_gone_on_with(
    chromium: Chromium, server: Server, user: User, studio: Studio
) -> None:
    with opened(chromium, server, user, studio) as tab:
        save_as(tab, "flights of January")

        banner = tab.page.locator(".save-banner")
        expect(banner).to_contain_text("Saved as “flights of January”. This session has ended")
        expect(banner).to_be_focused()
        expect(tab.page.locator("thead")).to_contain_text("airline")
        for label in ("Undo", "Save as…"):
            expect(tab.page.get_by_role("button", name=label, exact=True)).to_be_disabled()
        # The version before it is still to be looked at.
        tab.page.locator(".history-step").last.click()
        expect(tab.page.locator("thead")).to_contain_text("carrier")
        tab.press("Back to now")
        tab.press("Go on with this session")
        expect(banner).to_have_count(0)
        tab.rename("airline", "line")
        assert len(steps_of(studio)) == 2

        save_as(tab, "flights again")
        banner.get_by_role("link", name="Open “flights again”").click()
        expect(tab.page.get_by_role("heading", name="flights again")).to_be_visible()
        expect(tab.page.locator("tbody tr")).to_have_count(len(ROWS))


def test_the_figures_of_columns_stay_those_of_what_was_saved(
    chromium: Chromium, server: Server, user: User, studio: Studio
) -> None:
    with opened(chromium, server, user, studio) as tab:
        figures = tab.page.locator("thead th .strip small")
        tab.perform("filter_rows", filter=[{"column": "id", "op": "eq", "value": 2}])
        expect(figures.first).to_have_text("1 value")
        before = figures.all_inner_texts()

        save_as(tab, "flights of January")
        expect(tab.page.locator(".save-banner")).to_be_focused()
        expect(tab.page.locator(".strip.older")).to_have_count(0)

        assert figures.all_inner_texts() == before


def test_the_history_of_what_was_saved_is_looked_into(
    chromium: Chromium, server: Server, user: User, studio: Studio
) -> None:
    with opened(chromium, server, user, studio) as tab:
        save_as(tab, "flights of January")
        expect(tab.page.locator(".save-banner")).to_be_focused()

        tab.press("Compare versions")
        expect(tab.page.locator(".compare-changes")).to_contain_text("carrier to airline")
        tab.page.keyboard.press("Escape")
        with tab.page.expect_download() as download:
            choose_of_history(tab, "Download as a recipe")
        assert '"new_name": "airline"' in download.value.path().read_text()
        choose_of_history(tab, "Show the log")
        expect(tab.page.locator(".log-lines tbody tr").last).to_contain_text("Started on 7 rows")
        expect(tab.page.get_by_role("alert")).to_have_count(0)


def choose_of_history(tab: StudioPage, command: str) -> None:
    tab.press("More of the history")
    tab.page.get_by_role("menuitem", name=command).click()


def test_no_other_session_is_saved_than_the_one_that_is_shown(
    chromium: Chromium, server: Server, user: User, studio: Studio
) -> None:
    with opened(chromium, server, user, studio) as tab:
        studio.post("session/clear/")
        studio.take(INITIALIZE, rename("delay", "late"))

        save_as(tab, "another one's work")

        alert = tab.page.get_by_role("dialog").get_by_role("alert")
        expect(alert).to_contain_text("changed in another tab")
        assert datasets(tab) == ["flights"]


def test_a_large_save_tells_its_progress_and_goes_on_behind_the_session(
    chromium: Chromium, server: Server, user: User, large: Studio
) -> None:
    with opened(chromium, server, user, large) as tab:
        save_as(tab, "many")
        expect(tab.page.locator(".save-banner")).to_contain_text("Saving as “many”")
        tab.press("Go on with this session")
        expect(tab.page.locator(".save-banner")).to_have_count(0)
        expect(notice(tab, "Saved as “many”.")).to_be_visible()
        expect(tab.notices.get_by_role("button", name="Open “many”")).to_be_visible()


def test_a_cancelled_save_leaves_no_dataset_and_brings_the_session_back(
    chromium: Chromium, server: Server, user: User, large: Studio
) -> None:
    with opened(chromium, server, user, large) as tab:
        save_as(tab, "many")
        expect(tab.page.locator(".save-banner")).to_contain_text(
            "Cancelling deletes the unfinished dataset and brings this session back."
        )
        tab.press("Cancel saving")
        expect(notice(tab, "Your session is back, as it was.")).to_be_visible()
        expect(tab.page.locator(".save-banner")).to_have_count(0)
        assert datasets(tab) == ["flights"]
        assert large.get("session/status/").body["session_info"]["status"] == "active"
        tab.rename("words", "text")


def test_a_refused_save_says_why_in_its_dialog_and_changes_nothing(
    chromium: Chromium, server: Server, user: User, studio: Studio
) -> None:
    with opened(chromium, server, user, studio) as tab:
        # Another tab was faster.
        studio.take(rename("delay", "late"))
        save_as(tab, "behind")
        alert = tab.page.get_by_role("dialog").get_by_role("alert")
        expect(alert).to_contain_text("changed in another tab")
        alert.get_by_text("Details").click()
        expect(alert.locator("code")).to_be_visible()
        assert studio.get("session/status/").body["session_info"]["status"] == "active"


def test_an_exported_file_is_that_of_the_service_with_the_chosen_form(
    chromium: Chromium, server: Server, user: User, studio: Studio
) -> None:
    with opened(chromium, server, user, studio) as tab:
        with tab.page.expect_download() as download:
            begin_export(
                tab,
                **{
                    "Delimiter": "Semicolon (;)",
                    "Mark the file": True,
                    "Keep spreadsheets from running": True,
                },
            )
        expect(notice(tab, "flights.csv has 7 rows")).to_be_visible()
        written = download.value.path().read_bytes()
        with tab.page.expect_download() as download:
            begin_export(tab, **{"JSON Lines": True})
        expect(notice(tab, "flights.jsonl has 7 rows")).to_be_visible()
        lines = download.value.path().read_text()
        with tab.page.expect_download() as download:
            begin_export(tab, **{"Parquet": True})
        parquet = download.value.path().read_bytes()

    form = {"delimiter": ";", "bom": "true", "formulas": "escape"}
    assert written == exported(studio, format="csv", encoding="utf-8", **form)
    assert written.startswith("\ufeffid;airline;".encode())
    assert '"id":9007199254740993' in lines.replace(" ", "")  # a number, as other programs want it
    assert parquet.endswith(b"PAR1")


def test_only_the_filtered_rows_are_exported_unless_all_are_wanted(
    chromium: Chromium, server: Server, user: User, studio: Studio
) -> None:
    condition = {"column": "airline", "op": "eq", "value": "UA"}
    with opened(chromium, server, user, studio) as tab:
        tab.page.evaluate(
            "async (condition) => (await import('/static/data_tools/studio/commands.js'))"
            ".filterBy([condition])",
            condition,
        )
        expect(tab.page.locator("tbody tr")).to_have_count(2)
        with tab.page.expect_download() as download:
            begin_export(tab)
        assert len(download.value.path().read_text().splitlines()) == 3
        with tab.page.expect_download() as download:
            begin_export(tab, **{"All 7 rows": True})
        assert len(download.value.path().read_text().splitlines()) == 8


def test_the_exported_rows_are_those_that_are_shown_whatever_another_tab_did(
    chromium: Chromium, server: Server, user: User, studio: Studio
) -> None:
    with opened(chromium, server, user, studio) as tab:
        studio.take(rename("delay", "late"))
        with tab.page.expect_download() as download:
            begin_export(tab)

        assert download.value.path().read_text().startswith("id,airline,delay,")


def test_a_file_that_the_rows_do_not_fit_is_refused_in_its_dialog(
    chromium: Chromium, server: Server, user: User
) -> None:
    dataset = publish(user, [("name", "text")], [["北京"]])
    studio = studio_of(user, dataset, transport=server.transport).take(INITIALIZE)
    with opened(chromium, server, user, studio, ON_DISK) as tab:
        begin_export(tab, Encoding="Greek (Windows-1253)")
        expect(tab.page.get_by_role("dialog").get_by_role("alert")).to_contain_text("name")
        assert tab.page.evaluate(FILES_ON_DISK) == {}


def test_a_file_goes_to_the_disk_whole_or_not_at_all(
    chromium: Chromium, server: Server, user: User, studio: Studio
) -> None:
    with opened(chromium, server, user, studio, ON_DISK) as tab, breaking_off() as address:
        tab.page.context.route("**/export/**", lambda route: route.continue_(url=address))
        begin_export(tab)
        expect(tab.page.get_by_role("alert")).to_contain_text("the file would be incomplete")
        assert tab.page.evaluate(FILES_ON_DISK) == {}

        tab.page.context.unroute("**/export/**")
        tab.press("Try again")
        expect(notice(tab, "flights.csv has 7 rows")).to_be_visible()
        files = tab.page.evaluate(FILES_ON_DISK)
    assert files["flights.csv"].encode() == exported(studio, format="csv")


def test_a_stream_that_ends_without_an_error_but_too_soon_is_no_file_either(
    chromium: Chromium, server: Server, user: User, studio: Studio
) -> None:
    with opened(chromium, server, user, studio) as tab:
        downloads: list[Any] = []
        tab.page.on("download", lambda download: downloads.append(download))
        tab.page.context.route(
            "**/export/**",
            lambda route: route.fulfill(body="id\r\n1\r\n", headers={"X-Total-Rows": "7"}),
        )
        begin_export(tab)
        expect(tab.page.get_by_role("alert")).to_contain_text("the file would be incomplete")
        assert downloads == []

        tab.page.context.unroute("**/export/**")
        tab.page.context.route("**/export/**", lambda route: route.abort())
        tab.press("Try again")
        expect(notice(tab, "The service does not answer.")).to_be_visible()
        tab.page.context.unroute("**/export/**")
        tab.press("Try again")
        expect(notice(tab, "flights.csv has 7 rows")).to_be_visible()


def test_a_cancelled_export_leaves_no_file(
    chromium: Chromium, server: Server, user: User, studio: Studio
) -> None:
    with (
        opened(chromium, server, user, studio, ON_DISK) as tab,
        breaking_off(after=threading.Event()) as address,
    ):
        tab.page.context.route("**/export/**", lambda route: route.continue_(url=address))
        begin_export(tab)
        expect(tab.page.locator(".export-progress")).to_contain_text("1 of 7 rows")
        tab.page.locator(".notice").get_by_role("button", name="Cancel").click()
        expect(notice(tab, "The export was cancelled. No file is left.")).to_be_visible()
        assert tab.page.evaluate(FILES_ON_DISK) == {}


def exported(studio: Studio, **query: str) -> bytes:
    return studio.get("export/", query).content


@contextmanager
def breaking_off(after: threading.Event | None = None) -> Iterator[str]:
    """Serve one answer whose connection ends before its last chunk; yield the address.

    It ends at once, or with `after` when that is set, which is at the latest at the block's end.
    """
    chunk = b"id\r\n1\r\n"
    head = (
        b"HTTP/1.1 200 OK\r\nContent-Type: text/csv\r\nX-Total-Rows: 7\r\n"
        b"Transfer-Encoding: chunked\r\n\r\n"
    )
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def answer() -> None:
            connection, _ = listening.accept()
            with connection:
                connection.recv(65_536)
                connection.sendall(head + b"%x\r\n%s\r\n" % (len(chunk), chunk))
                if after is not None:
                    after.wait()

        thread = threading.Thread(target=answer)
        thread.start()
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}/export/"
        finally:
            if after is not None:
                after.set()
            thread.join()


def test_filters_and_figures_of_an_ended_session_are_those_of_its_rows(
    chromium: Chromium, server: Server, user: User, studio: Studio
) -> None:
    with opened(chromium, server, user, studio) as tab:
        tab.perform("filter_rows", filter=[{"column": "airline", "op": "eq", "value": "UA"}])
        save_as(tab, "flights of United")
        expect(tab.page.locator(".save-banner")).to_be_focused()

        tab.press("Add filter")
        tab.page.get_by_role("searchbox", name="Find a column").fill("airline")
        tab.page.keyboard.press("Enter")

        values = tab.page.get_by_test_id("value")
        expect(values).to_have_text(["UA2"])
        tab.page.get_by_label("Find a value").fill("A")
        expect(values).to_have_text(["UA2"])
