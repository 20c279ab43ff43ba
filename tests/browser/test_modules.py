"""How a page gets its modules."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator

import pytest
from django.contrib.auth.models import User

from data_tools.models import DataSource
from tests.support.chromium import Chromium
from tests.support.serving import Server
from tests.support.small_datasets import publish
from tests.support.studio_page import StudioPage, browser_context, signed_in_cookie
from tests.support.studios import open_studio
from tests.support.visitor import visiting

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def opened(chromium: Chromium, server: Server, user: User) -> Iterator[StudioPage]:
    studio = open_studio(user, transport=server.transport)
    with browser_context(chromium, signed_in_cookie(user, server), is_new=True) as context:
        yield StudioPage(context, server, studio).open()


def test_the_studio_names_all_the_modules_that_it_loads(opened: StudioPage) -> None:
    preloaded = opened.page.evaluate(
        "[...document.querySelectorAll('link[rel=modulepreload]')].map((link) => link.href)"
    )
    loaded = opened.page.evaluate(
        "performance.getEntriesByType('resource').map((one) => one.name)"
        ".filter((name) => /(?<!theme|missing_modules)[.]js$/.test(name))"
    )

    assert len(preloaded) > 20
    assert sorted(set(loaded)) == sorted(preloaded)
    assert opened.problems == []


@pytest.fixture(scope="module")
def publishing_server(
    django_db_setup: None, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    """A server that sends modules as production does: shortened, under hashed names."""
    environment = {
        "DJANGO_SETTINGS_MODULE": "tests.support.published_settings",
        "VAR_DIR": str(tmp_path_factory.mktemp("var")),
    }
    subprocess.run(
        [sys.executable, "-m", "django", "collectstatic", "--no-input", "--verbosity=0"],
        env=os.environ | environment,
        check=True,
    )
    with Server(log=tmp_path_factory.mktemp("server") / "log", environment=environment) as running:
        yield running


def test_the_modules_work_as_they_are_published(
    chromium: Chromium, publishing_server: Server, user: User
) -> None:
    from playwright.sync_api import expect

    studio = open_studio(user, transport=publishing_server.transport)
    with visiting(chromium, publishing_server, user, is_new=True) as page:
        page.goto("/")
        expect(page.get_by_text("Upload files")).to_be_visible()

        page.goto(f"/studio/{studio.datasource_id}/")
        page.get_by_role("columnheader", name="id").first.wait_for()
        page.get_by_role("button", name="Add filter").click()
        page.get_by_label("Find a column").press("Enter")
        page.get_by_role("button", name="Apply").wait_for()
        page.get_by_role("button", name="Add step").click()
        page.get_by_role("option", name="Fill missing values").first.click()
        page.get_by_label("Fill with").wait_for()
        page.get_by_role("button", name="Save as").click()
        expect(page.get_by_role("dialog", name="Save as a dataset")).to_be_visible()


@pytest.mark.parametrize("cause", [{"status": 404}, None], ids=["upgraded", "offline"])
def test_a_page_of_which_a_part_is_missing_says_so_and_can_be_loaded_again(
    cause: dict[str, int] | None, chromium: Chromium, server: Server, user: User
) -> None:
    from playwright.sync_api import expect

    flights = publish(user, [("id", "integer")], [[1]])
    DataSource.objects.filter(pk=flights.pk).update(row_count=336_776)
    with visiting(chromium, server, user) as page:
        page.route(
            "**/datasets/state.js",
            lambda route: route.fulfill(**cause) if cause else route.abort(),
        )
        page.goto("/")
        notice = page.get_by_role("alert")
        expect(notice).to_contain_text("A part of this page could not be loaded.")
        row = page.get_by_role("row").filter(has_text="flights")
        expect(row.get_by_text("336,776", exact=True)).to_be_visible()
        page.set_viewport_size({"width": 360, "height": 700})
        expect(row.get_by_text("336,776 rows")).to_be_visible()
        expect(row.get_by_text("1 column", exact=True)).to_be_visible()

        page.unroute("**/datasets/state.js")
        notice.get_by_role("button", name="Reload").click()

        expect(page.get_by_text("Upload files")).to_be_visible()
        expect(notice).to_have_count(0)
