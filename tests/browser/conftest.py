"""The studio in a browser, for the tests that say by a fixture `studio` which session it opens."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth.models import User

from tests.support.chromium import Chromium
from tests.support.serving import Server
from tests.support.studio_client import Studio
from tests.support.studio_page import StudioPage, browser_context, signed_in_cookie


@pytest.fixture
def context(chromium: Chromium, server: Server, user: User, studio: Studio) -> Iterator[Any]:
    """A browser in which the user is signed in; the session is there before it."""
    with browser_context(chromium, signed_in_cookie(user, server)) as context:
        yield context


@pytest.fixture
def tab(context: Any, server: Server, studio: Studio) -> Iterator[StudioPage]:
    """A tab with the studio, in which nothing may go wrong."""
    tab = StudioPage(context, server, studio).open()
    yield tab
    assert tab.problems == []
