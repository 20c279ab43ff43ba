"""What tests of back-ups share: where uploads are stored, and another database to restore into."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_django import Settings

from tests.support.other_database import OtherDatabase, empty_database


@pytest.fixture(autouse=True)
def uploads(media: Path, settings: Settings) -> Path:
    """The folder of uploaded files, beside what else a test writes."""
    settings.MEDIA_ROOT = media / "uploads"
    return media / "uploads"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where a back-up is made."""
    return tmp_path / "back-up"


@pytest.fixture
def other_database(transactional_db: None) -> Iterator[OtherDatabase]:
    with empty_database() as other:
        yield other
