"""The page of datasets, in a real browser against a running service."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import User

from data_tools.models import DataSource
from tests.support.chromium import Chromium
from tests.support.patience import eventually
from tests.support.serving import Server
from tests.support.small_datasets import publish
from tests.support.studio_client import Studio
from tests.support.studios import open_studio, rename, studio_of
from tests.support.visitor import visiting

pytestmark = pytest.mark.django_db(transaction=True)

MEBIBYTE = 1 << 20
VISIBILITY_AT = """(element, ms) => {
  element.style.animation = "none";
  element.getAnimations(); // it is over, and is another one from here on
  element.style.animation = "";
  const [animation] = element.getAnimations();
  animation.pause();
  animation.currentTime = ms;
  return getComputedStyle(element).visibility;
}"""


def file_of(name: str, text: str) -> dict[str, Any]:
    return {"name": name, "mimeType": "text/csv", "buffer": text.encode()}


def choose(page: Any, *files: dict[str, Any]) -> None:
    page.locator("main input[type=file]").set_input_files(list(files))


def listed(studio: Studio) -> dict[str, dict[str, Any]]:
    datasets = studio.get("/api/datasources/").body["datasources"]
    return {each["name"]: each for each in datasets}


@pytest.fixture
def studio(user: User, server: Server) -> Studio:
    """A client of the user's flights, which calls the running server."""
    return studio_of(user, publish(user, name="flights"), transport=server.transport)


def test_the_list_is_there_without_a_script(
    chromium: Chromium, server: Server, user: User, studio: Studio
) -> None:
    with visiting(chromium, server, user, java_script_enabled=False) as page:
        page.goto("/")

        link = page.get_by_role("link", name="flights")
        assert link.get_attribute("href") == f"/studio/{studio.datasource_id}/"


def test_datasets_are_found_as_one_types(
    chromium: Chromium, server: Server, user: User, studio: Studio
) -> None:
    from playwright.sync_api import expect

    publish(user, name="people")
    with visiting(chromium, server, user) as page:
        page.goto("/")
        page.get_by_label("Find a dataset").press_sequentially("peo")

        rows = page.locator("tbody tr")
        expect(rows).to_have_count(1)
        expect(rows).to_contain_text("people")
        expect(page.locator(".datasets-count")).to_have_text("1 dataset found")

        page.get_by_label("Find a dataset").fill("nothing")
        page.get_by_role("button", name="Show all datasets").click()
        expect(rows).to_have_count(2)


def test_a_list_that_could_not_be_read_is_no_empty_one(
    chromium: Chromium, server: Server, user: User, studio: Studio
) -> None:
    from playwright.sync_api import expect

    refused = {"code": "X", "user_message": "Not now.", "retryable": True}
    with visiting(chromium, server, user, is_new=True) as page:
        page.route(
            "**/api/datasources/?**",
            lambda route: route.fulfill(status=503, json={"success": False, "error": refused}),
        )
        page.goto("/")
        expect(page.get_by_role("alert")).to_contain_text("Not now.")
        expect(page.locator(".empty-list")).to_have_count(0)
        page.get_by_label("Find a dataset").fill("flights")
        expect(page.locator("tbody tr")).to_have_count(0)

        page.unroute("**/api/datasources/?**")
        page.get_by_role("button", name="Try again").click()

        expect(page.locator("tbody tr")).to_contain_text("flights")


def test_a_search_looks_through_pages_of_the_list_that_were_not_shown_yet(
    chromium: Chromium, server: Server, user: User
) -> None:
    from playwright.sync_api import expect

    publish(user, name="the oldest")
    for number in range(100):
        publish(user, name=f"dataset {number}", rows=())
    with visiting(chromium, server, user) as page:
        page.goto("/")
        expect(page.get_by_role("button", name="Show 1 more")).to_be_visible()

        page.get_by_label("Find a dataset").fill("oldest")

        expect(page.locator("tbody tr")).to_contain_text("the oldest")


def test_a_deleted_dataset_comes_back_on_undo_and_is_gone_when_the_time_is_over(
    chromium: Chromium, server: Server, user: User, studio: Studio
) -> None:
    from playwright.sync_api import expect

    with visiting(chromium, server, user, is_new=True) as page:
        page.clock.install()
        page.goto("/")
        row = page.locator("tbody tr")

        def delete() -> None:
            page.get_by_role("button", name="Actions for flights").click()
            page.get_by_role("menuitem", name="Delete").click()
            expect(page.get_by_text("“flights” and its rows will be deleted")).to_be_visible()
            expect(row).to_have_count(0)

        delete()
        page.get_by_role("button", name="Undo").click()
        expect(row).to_have_count(1)
        page.clock.fast_forward(60_000)
        assert "flights" in listed(studio)

        delete()
        page.clock.run_for(29_000)
        assert "flights" in listed(studio)
        page.clock.run_for(2_000)
        eventually(lambda: listed(studio) == {})
        expect(page.get_by_text("Add your first file")).to_be_visible()


def test_nothing_is_deleted_if_the_page_is_left_before_the_time_is_over(
    chromium: Chromium, server: Server, user: User, studio: Studio
) -> None:
    with visiting(chromium, server, user) as page:
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.method))
        page.goto("/")
        page.get_by_role("button", name="Actions for flights").click()
        page.get_by_role("menuitem", name="Delete").click()
        page.goto("/accounts/login/")
        page.goto("/")

        page.get_by_role("link", name="flights", exact=True).wait_for()
    assert "DELETE" not in asked
    assert "flights" in listed(studio)


def test_an_upload_says_how_much_has_arrived_and_can_be_cancelled(
    chromium: Chromium, server: Server, user: User, studio: Studio
) -> None:
    from playwright.sync_api import expect

    large = file_of("large.csv", "number\n" + "1234567\n" * (MEBIBYTE // 2))
    with visiting(chromium, server, user) as page:
        page.goto("/")
        choose(page, large)
        button = page.get_by_role("button", name="Import")
        page.locator(".preview").wait_for()
        network = page.context.new_cdp_session(page)
        network.send(
            "Network.emulateNetworkConditions",
            {
                "offline": False,
                "latency": 0,
                "downloadThroughput": -1,
                "uploadThroughput": MEBIBYTE // 2,
            },
        )
        button.click()

        progress = page.locator(".uploads progress")
        page.wait_for_function(
            """() => {
                const progress = document.querySelector(".uploads progress");
                return progress && progress.value > 0 && progress.value < progress.max;
            }"""
        )
        page.get_by_role("list", name="Uploads").get_by_role("button", name="Cancel").click()

        expect(progress).to_have_count(0)
        expect(page.get_by_text("large.csv was not uploaded.")).to_be_visible()
    assert list(listed(studio)) == ["flights"]


def test_a_file_that_was_not_loaded_says_why_and_another_one_takes_its_place(
    chromium: Chromium, server: Server, user: User
) -> None:
    from playwright.sync_api import expect

    reason = "1 line does not have the 2 fields of the header: line 3 has 1."
    DataSource.objects.create(
        owner=user, name="broken", status=DataSource.Status.ERROR, error_reason=reason
    )
    with visiting(chromium, server, user) as page:
        page.goto("/")
        expect(page.locator("tbody tr")).to_contain_text(reason)
        page.get_by_role("button", name="Upload another file").click()
        dialog = page.get_by_role("dialog")
        expect(dialog).to_contain_text("The dataset has no rows yet.")
        dialog.locator("input[type=file]").set_input_files([file_of("good.csv", "a,b\n1,2\n3,4\n")])
        page.locator(".preview").wait_for()
        page.get_by_role("button", name="Use this file").click()

        expect(page.locator("tbody tr").get_by_role("cell").first).to_contain_text("2")
        expect(page.get_by_role("link", name="broken")).to_be_visible()


def test_a_new_file_says_what_it_means_for_sessions_and_is_read_as_the_last_one(
    chromium: Chromium, server: Server, user: User
) -> None:
    from playwright.sync_api import expect

    dataset = publish(user, name="orders", columns=(("a", "float"),), rows=([1.5],))
    dataset.reading_options = {"delimiter": ";", "decimal": ","}
    dataset.save()
    studio = open_studio(user, dataset, transport=server.transport)
    with visiting(chromium, server, user) as page:
        page.goto(f"/?new_file={dataset.pk}")
        dialog = page.get_by_role("dialog", name="A new file for “orders”")
        expect(dialog).to_contain_text("A session with work in it stays on the rows it began on.")
        dialog.locator("input[type=file]").set_input_files([file_of("new.csv", "a;b\n2,5;x\n")])

        expect(page.get_by_role("cell", name="2.5")).to_be_visible()
        page.get_by_role("button", name="Use this file").click()

        expect(page.locator("tbody tr")).to_contain_text("orders")
        eventually(lambda: listed(studio)["orders"]["revision"] == 2)
        expect(page.locator("tbody tr .in-column").nth(1)).to_have_text("2")


def test_work_that_was_begun_is_offered_with_its_steps(
    chromium: Chromium, server: Server, user: User
) -> None:
    from playwright.sync_api import expect

    idle = publish(user, name="only looked at")
    open_studio(user, idle)
    worked_on = publish(user, name="worked on")
    open_studio(user, worked_on, steps=[rename("carrier", "airline")]).post("session/clear/")
    with visiting(chromium, server, user) as page:
        page.goto("/")

        recent = page.get_by_role("region", name="Pick up where you left off")
        expect(recent.get_by_role("listitem")).to_have_count(1)
        expect(recent).to_contain_text("1 step, ended")
        expect(recent).to_contain_text("Open it to bring it back")
        link = recent.get_by_role("link", name="worked on")
        expect(link).to_have_attribute("href", f"/studio/{worked_on.pk}/")


def test_a_quota_is_shown_once_it_is_nearly_full(
    chromium: Chromium, server: Server, user: User, studio: Studio
) -> None:
    from playwright.sync_api import expect

    full = {"quota": "datasets", "unit": "datasets", "used": 9, "limit": 10, "largest": []}
    roomy = {**full, "quota": "events", "unit": "events", "used": 7}
    with visiting(chromium, server, user) as page:
        page.route(
            "**/api/account/usage/",
            lambda route: route.fulfill(json={"success": True, "quotas": [full, roomy]}),
        )
        page.goto("/")

        expect(page.locator(".quota")).to_have_count(1)
        expect(page.locator(".quota")).to_contain_text("9 of 10 datasets")


def test_a_failed_request_is_said_with_what_can_be_done(
    chromium: Chromium, server: Server, user: User, studio: Studio
) -> None:
    from playwright.sync_api import expect

    error = {
        "code": "INTERNAL_ERROR",
        "user_message": "Something went wrong here.",
        "retryable": True,
        "recovery_actions": [],
        "trace_id": "abc123",
    }
    answers = [{"status": 500, "json": {"success": False, "error": error}}] * 4
    with visiting(chromium, server, user) as page:
        page.route(
            "**/api/datasources/?*",
            lambda route: route.fulfill(**answers.pop()) if answers else route.fallback(),
        )
        page.goto("/")
        notice = page.get_by_role("alert")
        expect(notice).to_contain_text("Something went wrong here.")
        notice.get_by_text("Details").click()
        expect(notice).to_contain_text("abc123")

        notice.get_by_role("button", name="Try again").click()

        expect(page.locator("tbody tr")).to_contain_text("flights")


def test_what_the_service_has_written_is_not_seen_before_the_list_unless_that_takes_long(
    chromium: Chromium, server: Server, user: User, studio: Studio
) -> None:
    from playwright.sync_api import expect

    studio.take(("session/initialize/", {}), rename("carrier", "airline"))
    with visiting(chromium, server, user) as page:
        held: list[Any] = []
        page.route("**/api/sessions/*", lambda route: held.append(route))
        with page.expect_request("**/api/sessions/*"):
            page.goto("/", wait_until="commit")
        link = page.get_by_role("link", name="flights")
        written = page.locator(".as-written")
        written.wait_for(state="attached")

        assert written.evaluate(VISIBILITY_AT, 0) == "hidden"
        assert written.evaluate(VISIBILITY_AT, 1_000) == "visible"
        for route in held:
            route.continue_()
        expect(written).to_have_count(0)
        expect(link.first).to_be_visible()


def test_a_dataset_is_given_another_name(
    chromium: Chromium, server: Server, user: User, studio: Studio
) -> None:
    from playwright.sync_api import expect

    studio.take(("session/initialize/", {}), rename("carrier", "airline"))
    with visiting(chromium, server, user) as page:
        page.goto("/")
        page.get_by_role("button", name="Actions for flights").click()
        page.get_by_role("menuitem", name="Rename …").click()
        field = page.get_by_role("dialog").get_by_label("Name")
        expect(field).to_be_focused()
        field.fill(" ")
        page.keyboard.press("Enter")
        expect(page.get_by_role("dialog").get_by_role("alert")).to_be_visible()
        field.fill("Flights of 2013")
        with page.expect_response("**/api/account/usage/"):
            page.keyboard.press("Enter")

        for place in ("tbody", ".recent"):
            expect(page.locator(place).get_by_role("link")).to_have_text("Flights of 2013")
        expect(page.get_by_role("dialog")).to_have_count(0)
        assert [*listed(studio)] == ["Flights of 2013"]
