"""A user with a small dataset, and a client of it as they are today."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User

from data_tools.models import DataSource
from tests.support.small_datasets import publish, token_of
from tests.support.studio_client import Studio


@pytest.fixture
def datasource(user: User) -> DataSource:
    return publish(user)


@pytest.fixture
def studio(user: User, datasource: DataSource) -> Studio:
    """A client as they are today: it names no capability."""
    return Studio(datasource_id=datasource.pk, token=token_of(user))


@pytest.fixture
def opened(studio: Studio) -> Studio:
    assert studio.post("session/initialize/").status == 200
    return studio
