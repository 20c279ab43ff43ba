"""What tests of several parts share: uploaded files, and who commands a session."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from pytest_django import Settings

from session_events.recording import Command
from tests.support.patience import wait_for_ingests


@pytest.fixture
def media(db: None, settings: Settings, tmp_path: Path) -> Iterator[Path]:
    """The empty directory that uploads go to. The database stays until they are all loaded."""
    settings.MEDIA_ROOT = tmp_path
    yield tmp_path
    wait_for_ingests()


@pytest.fixture
def command(user: User) -> Command:
    """Who commands a session, for calls that go around HTTP."""
    return Command(actor_id=user.pk, trace_id="t")
