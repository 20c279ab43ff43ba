"""Users with small quotas, counted again in each test."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from pytest_django.fixtures import Settings

from data_tools.quotas import leases

Limit = Callable[..., None]


@pytest.fixture(autouse=True)
def fresh_leases() -> Iterator[None]:
    leases.forget_leases()
    yield
    leases.forget_leases()


@pytest.fixture
def limit(settings: Settings) -> Limit:
    """Set quotas of everybody: `limit(rows_bytes=1000)`."""

    def set_limits(**quotas: int) -> None:
        settings.QUOTAS = settings.QUOTAS | quotas
        leases.forget_leases()

    return set_limits
