"""Every store keeps the contract, PostgreSQL with both of its ways to append."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User

from session_events import store
from session_events.heads import StreamHead
from tests.support.event_store_contract import EventStoreContract, Writer
from tests.support.postgres_store import PostgresStore
from tests.support.reference_store import ReferenceStore
from tests.unit.session_events.streams import renamed


class TestReferenceStore(EventStoreContract):
    user_id = pytest.fixture(lambda self: 1)
    other_user_id = pytest.fixture(lambda self: 2)

    @pytest.fixture
    def event_store(self) -> ReferenceStore:
        return ReferenceStore()


class _OnPostgres(EventStoreContract):
    @pytest.fixture
    def user_id(self, user: User) -> int:
        return user.pk

    @pytest.fixture
    def other_user_id(self, other_user: User) -> int:
        return other_user.pk


class TestPostgresStore(_OnPostgres):
    """A single event takes the short way; see Note [The short way] in migration 0004."""

    @pytest.fixture
    def event_store(self) -> PostgresStore:
        return PostgresStore()

    def test_a_single_further_event_takes_the_short_way(
        self, writer: Writer, head: StreamHead, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(store, "_APPEND", "SELECT 1 / 0")

        assert writer.grow(head, renamed("b")).position.version == 3


class TestPostgresStoreTheLongWay(_OnPostgres):
    """A single event takes the same way as several."""

    @pytest.fixture
    def event_store(self, monkeypatch: pytest.MonkeyPatch) -> PostgresStore:
        monkeypatch.setattr(store, "_append_one", lambda *args: False)
        return PostgresStore()
