"""A signed-in person in front of the service's pages: a tab, and whatever went wrong in it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.contrib.auth.models import User

from tests.support.chromium import Chromium
from tests.support.serving import Server
from tests.support.studio_page import browser_context, problems_of, signed_in_cookie


@contextmanager
def visiting(
    chromium: Chromium,
    server: Server,
    user: User | None = None,
    *,
    is_new: bool = False,
    **options: Any,
) -> Iterator[Any]:
    """Open a tab at the service, in which the user is signed in.

    `is_new` and `options` are those of `browser_context`. Ends with an error if the page had one.
    The test must not use Django's connection inside: see Note [One browser, many profiles].
    """
    cookie = None if user is None else signed_in_cookie(user, server)
    address = f"http://127.0.0.1:{server.port}"
    with browser_context(chromium, cookie, is_new=is_new, base_url=address, **options) as context:
        page = context.new_page()
        problems = problems_of(page)
        yield page
        assert problems == []
