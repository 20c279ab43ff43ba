"""Whatever a file calls its columns, and whatever is in them, is shown as text and does nothing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.contrib.auth.models import User

from tests.support.chromium import Chromium
from tests.support.serving import Server
from tests.support.small_datasets import publish
from tests.support.studio_page import StudioPage, browser_context, signed_in_cookie
from tests.support.studios import open_studio

pytestmark = pytest.mark.django_db(transaction=True)

MARKUP = "<img src=x onerror=window.harm=1>"
NAMES = (
    "constructor",
    "__proto__",
    "toString",
    MARKUP,
    "",
    "javascript:window.harm=1",
    "\u202eright to left",
    "two\nlines",
    "\U0001f600" * 60,
)
COLUMNS = tuple((name, "text") for name in NAMES)
ROW = [MARKUP, "</textarea><script>window.harm=1</script>", "=1+1", *[None] * (len(NAMES) - 3)]
WIDTHS = "[...document.querySelectorAll('colgroup col')].map((it) => parseInt(it.style.width))"


@contextmanager
def opened(
    chromium: Chromium, server: Server, user: User, rows: list[list[Any]]
) -> Iterator[StudioPage]:
    """The page of a dataset called by markup; nothing may have gone wrong in it at the end."""
    studio = open_studio(user, publish(user, COLUMNS, rows, name=MARKUP))
    with browser_context(chromium, signed_in_cookie(user, server)) as context:
        page = StudioPage(context, server, studio)
        page.open(has_rows=bool(rows))
        yield page
        assert page.page.evaluate("window.harm") is None
        assert page.problems == []


def test_is_shown_as_text(chromium: Chromium, server: Server, user: User) -> None:
    with opened(chromium, server, user, [ROW]) as studio:
        widths = studio.page.evaluate(WIDTHS)
        assert len(widths) >= len(NAMES)
        assert all(width is not None and width > 40 for width in widths)

        for name in ("__proto__", MARKUP):
            studio.rename(name, f"{name}!")
        names = studio.page.evaluate(
            "async () => (await import('/static/data_tools/studio/state/session.js'))"
            ".session.state.columns.map(({ name }) => name)"
        )
        changed = {"__proto__", MARKUP}
        assert names == [f"{name}!" if name in changed else name for name in NAMES]


def test_without_rows(chromium: Chromium, server: Server, user: User) -> None:
    with opened(chromium, server, user, []) as studio:
        studio.page.locator("thead th").first.wait_for()
