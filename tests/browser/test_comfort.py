"""Signing in and out, settings, the tour, the keyboard help, and what is shown instead of rows."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection

from data_tools.models import DataSource
from tests.support.chromium import Chromium
from tests.support.serving import Server
from tests.support.small_datasets import publish
from tests.support.visitor import visiting

pytestmark = pytest.mark.django_db(transaction=True)


def beside_the_browser(change: Callable[[], Any]) -> None:
    """Change the database in another thread: this one has the browser's event loop."""

    def run() -> None:
        try:
            change()
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()


def open_studio_page(page: Any, dataset: DataSource) -> None:
    page.goto(f"/studio/{dataset.pk}/")
    page.locator("tbody tr").first.wait_for()


def test_signing_in_leads_to_the_page_that_was_wanted_and_signing_out_to_the_form(
    chromium: Chromium, server: Server, user: User
) -> None:
    from playwright.sync_api import expect

    dataset = publish(user)
    with visiting(chromium, server) as page:
        page.goto(f"/studio/{dataset.pk}/")
        expect(page.get_by_label("User name")).to_be_focused()
        page.get_by_label("User name").fill(user.username)
        page.get_by_label("Password").fill("wrong")
        page.get_by_role("button", name="Sign in").click()

        expect(page.get_by_role("alert")).to_contain_text("do not match")
        expect(page.get_by_label("User name")).to_have_value(user.username)
        expect(page.get_by_label("Password")).to_be_focused()
        page.keyboard.type("password")
        page.keyboard.press("Enter")
        page.wait_for_url(f"**/studio/{dataset.pk}/")

        page.get_by_role("button", name=user.username).click()
        page.get_by_role("menuitem", name="Sign out").click()
        expect(page.get_by_role("heading", name="Sign in to HydroML")).to_be_visible()
        page.goto("/")
        expect(page.get_by_role("heading", name="Sign in to HydroML")).to_be_visible()


def test_pages_that_are_not_there_look_like_the_others_and_lead_on(
    chromium: Chromium, server: Server, user: User, other_user: User
) -> None:
    from playwright.sync_api import expect

    foreign = publish(other_user)
    with visiting(chromium, server, user) as page:
        for address in ("/nothing", f"/studio/{foreign.pk}/"):
            answer = page.goto(address)
            assert answer.status == 404
            expect(page.get_by_role("heading")).to_have_text("There is no such page")
        page.get_by_role("link", name="Go to your datasets").click()
        expect(page.get_by_text("Add your first file")).to_be_visible()


def test_a_theme_counts_at_once_and_on_every_page_afterwards(
    chromium: Chromium, server: Server, user: User
) -> None:
    from playwright.sync_api import expect

    background = "getComputedStyle(document.body).backgroundColor"
    with visiting(chromium, server, user, color_scheme="light") as page:
        page.goto("/")
        light = page.evaluate(background)
        page.get_by_role("button", name=user.username).click()
        page.get_by_role("menuitem", name="Settings").click()
        dialog = page.get_by_role("dialog", name="Settings")
        expect(dialog.get_by_role("group", name="Theme").get_by_label("System")).to_be_focused()
        dialog.get_by_label("Dark").check()
        dark = page.evaluate(background)
        assert dark != light

        dialog.get_by_label("As they are stored").check()
        expect(dialog).to_contain_text("1234567.5 and 2013-01-31")
        dialog.get_by_role("group", name="Motion").get_by_label("Reduced").check()
        page.keyboard.press("Escape")

        page.reload(wait_until="commit")
        page.wait_for_function("() => document.body !== null")
        assert page.evaluate(background) == dark
        assert page.evaluate("document.documentElement.dataset.motion") == "reduced"


def test_the_tour_has_five_stops_blocks_nothing_and_is_offered_once(
    chromium: Chromium, server: Server, user: User
) -> None:
    from playwright.sync_api import expect

    dataset = publish(user)
    with visiting(chromium, server, user) as page:
        open_studio_page(page, dataset)
        page.get_by_role("button", name="Take the tour").click()
        tour = page.locator(".tour")
        for number in range(1, 6):
            expect(tour).to_contain_text(f"{number} of 5")
            expect(tour.locator(".primary")).to_be_focused()
            box = tour.bounding_box()
            assert 0 <= box["x"] <= 1280 - box["width"]
            assert 0 <= box["y"] <= 720 - box["height"]
            page.keyboard.press("Enter")
        expect(tour).to_have_count(0)

        page.reload()
        page.locator("tbody tr").first.wait_for()
        expect(page.get_by_role("button", name="Take the tour")).to_have_count(0)

        page.get_by_role("button", name="Help").click()
        page.get_by_role("menuitem", name="Take the tour").click()
        expect(tour).to_contain_text("1 of 5")
        page.locator("tbody td").last.click(trial=True)
        page.keyboard.press("Escape")
        expect(tour).to_have_count(0)


def test_a_question_mark_lists_the_keys_unless_it_is_being_written(
    chromium: Chromium, server: Server, user: User
) -> None:
    from playwright.sync_api import expect

    dataset = publish(user)
    with visiting(chromium, server, user) as page:
        open_studio_page(page, dataset)
        page.keyboard.press("?")
        help_dialog = page.get_by_role("dialog", name="Keyboard")
        expect(help_dialog).to_contain_text("Add a step")
        page.keyboard.press("Escape")
        expect(help_dialog).to_have_count(0)

        page.evaluate("document.querySelector('main').append(document.createElement('textarea'))")
        page.locator("textarea").focus()
        page.keyboard.press("?")
        expect(page.locator("textarea")).to_have_value("?")
        expect(help_dialog).to_have_count(0)


def test_the_name_of_the_dataset_leads_to_what_it_is_and_to_the_others(
    chromium: Chromium, server: Server, user: User
) -> None:
    from playwright.sync_api import expect

    other = publish(user, name="the other one")
    dataset = publish(user)
    with visiting(chromium, server, user) as page:
        open_studio_page(page, dataset)
        page.get_by_role("button", name="flights", exact=True).click()
        expect(page.get_by_role("menuitem", name="the other one")).to_have_attribute(
            "href", f"/studio/{other.pk}/"
        )
        page.get_by_role("menuitem", name="About this dataset").click()
        about = page.get_by_role("dialog", name="flights")
        expect(about).to_contain_text("flights.csv")
        expect(about).to_contain_text("7 rows, 6 columns")

        about.get_by_role("link", name="New file …").click()
        expect(page.get_by_role("dialog", name="A new file for “flights”")).to_be_visible()


def test_a_dialog_that_is_opened_at_once_after_another_was_closed_stays_open(
    chromium: Chromium, server: Server, user: User
) -> None:
    from playwright.sync_api import expect

    dataset = publish(user)
    with visiting(chromium, server, user) as page:
        page.goto(f"/studio/{dataset.pk}/")
        page.locator("tbody tr").first.wait_for()
        page.keyboard.press("?")
        help_ = page.get_by_role("dialog", name="Keyboard")
        expect(help_).to_be_visible()

        page.evaluate(
            """async () => {
                const panels = await import("/static/data_tools/studio/state/panels.js");
                const closed = new Promise((told) => {
                    document.querySelector("dialog").addEventListener("close", told);
                });
                document.querySelector("dialog").close();
                panels.openDialog("keys");
                await closed;
                await new Promise((painted) => requestAnimationFrame(painted));
            }"""
        )

        expect(help_).to_be_visible()


def test_a_dataset_that_is_still_loading_opens_by_itself(
    chromium: Chromium, server: Server, user: User
) -> None:
    from playwright.sync_api import expect

    dataset = publish(user)
    this = DataSource.objects.filter(pk=dataset.pk)
    this.update(status=DataSource.Status.PROCESSING, revision=0)
    loading = {"id": str(dataset.pk), "name": "flights", "status": "PROCESSING", "revision": 0}
    with visiting(chromium, server, user) as page:
        page.route(
            f"**/api/datasources/{dataset.pk}/",
            lambda route: route.fulfill(json={"datasource": {**loading, "progress": 40}}),
        )
        page.goto(f"/studio/{dataset.pk}/")
        progress = page.get_by_role("progressbar", name="Loading “flights”")
        expect(progress).to_have_attribute("value", "40")

        beside_the_browser(lambda: this.update(status=DataSource.Status.READY, revision=1))
        page.unroute_all()

        expect(page.locator("tbody tr")).to_have_count(7)


def test_a_dataset_that_could_not_be_loaded_says_why_and_what_to_do(
    chromium: Chromium, server: Server, user: User
) -> None:
    from playwright.sync_api import expect

    failed = DataSource.objects.create(
        owner=user,
        name="people",
        status=DataSource.Status.ERROR,
        error_reason="1 line does not have the 2 fields of the header: line 3 has 1.",
    )
    with visiting(chromium, server, user) as page:
        page.goto(f"/studio/{failed.pk}/")
        expect(page.get_by_role("alert")).to_contain_text("line 3 has 1")

        page.get_by_role("link", name="Upload another file").click()

        expect(page.get_by_role("dialog", name="A new file for “people”")).to_be_visible()
