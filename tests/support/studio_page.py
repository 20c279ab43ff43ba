"""The studio's page in a browser: opened by a signed-in user, and told what to do.

Steps are given to the page's own commands, so that a test of what becomes of them does not depend
on the forms in which people choose them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.test import Client

from tests.support.chromium import Chromium
from tests.support.serving import Server
from tests.support.studio_client import Studio

SAVED = re.compile(r"^All changes saved \d")
_COMMANDS = "/static/data_tools/studio/commands.js"
# The browser itself tells in the console of requests that are meant to fail, and of those of a page
# that is left.
_EXPECTED = ("Failed to load resource", "net::ERR_")


def problems_of(page: Any) -> list[str]:
    """Return a list to which is added whatever goes wrong in the tab from now on."""
    problems: list[str] = []

    def hear(said: Any) -> None:
        if said.type == "error" and not any(each in said.text for each in _EXPECTED):
            problems.append(said.text)

    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("console", hear)
    return problems


def signed_in_cookie(user: User, server: Server) -> dict[str, str]:
    """Return the cookie of a login session, for a browser's context."""
    visitor = Client()
    visitor.force_login(user)
    name = settings.SESSION_COOKIE_NAME
    return {
        "name": name,
        "value": visitor.cookies[name].value,
        "url": f"http://127.0.0.1:{server.port}",
    }


def expect(locator: Any) -> Any:
    """Playwright's expectations of a page or a part of it, with the patience of these tests."""
    from playwright import sync_api

    return sync_api.expect(locator)


@contextmanager
def browser_context(
    chromium: Chromium, cookie: dict[str, str] | None, *, is_new: bool = False, **options: Any
) -> Iterator[Any]:
    """Open a context in which the cookie's user is signed in. No test meets its database inside.

    It has to be new for a test that adds to it what Note [A cache that is warm] names.
    """
    with (chromium.context if is_new else chromium.warm_context)(**options) as context:
        context.add_cookies([] if cookie is None else [cookie])
        yield context


class StudioPage:
    """One tab with the studio on a dataset, and what went wrong in it."""

    def __init__(self, context: Any, server: Server, studio: Studio) -> None:
        self.page = context.new_page()
        self.address = f"http://127.0.0.1:{server.port}/studio/{studio.datasource_id}/"
        self.problems = problems_of(self.page)

    def open(self, *, has_rows: bool = True) -> StudioPage:
        """Load the page, and return once its rows are there."""
        self.page.goto(self.address)
        if has_rows:
            self.page.locator("tbody tr").first.wait_for()
        return self

    def perform(self, operation: str, **parameters: Any) -> Any:
        """Give the command, and return its answer; None if it waits.

        Raises:
            playwright.sync_api.Error: it was refused.
        """
        return self._command("perform", operation, parameters)

    def rename(self, old: str, new: str) -> Any:
        return self.perform("rename_column", old_name=old, new_name=new)

    def undo(self) -> Any:
        return self._command("undo")

    def begin(self, operation: str, **parameters: Any) -> None:
        """Give the command, and do not wait for what becomes of it."""
        self.page.evaluate(
            f"async (given) => {{ const {{ perform }} = await import('{_COMMANDS}');"
            " perform(...given).catch(() => {}); }",
            [operation, parameters],
        )

    def _command(self, name: str, *arguments: Any) -> Any:
        return self.page.evaluate(
            f"async (given) => (await import('{_COMMANDS}')).{name}(...given)", list(arguments)
        )

    @property
    def saving(self) -> Any:
        """The words about saving."""
        return self.page.locator(".saving")

    @property
    def notices(self) -> Any:
        return self.page.locator(".notice")

    def press(self, label: str) -> None:
        self.page.get_by_role("button", name=label, exact=True).click()


def steps_of(studio: Studio) -> list[str]:
    """The names of the operations in effect, as another client reads them."""
    changes = studio.get("session/changes/", {"from_version": 1}).body
    return [one["operation"] for one in changes["operations"]["added"]]


def renames_of(studio: Studio) -> list[str]:
    """The new names that the renames in effect gave, in order."""
    changes = studio.get("session/changes/", {"from_version": 1}).body
    steps = changes["operations"]["added"]
    return [one["parameters"]["new_name"] for one in steps if one["operation"] == "rename_column"]
