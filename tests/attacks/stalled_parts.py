"""Attacks by a part of the service that stalls: frozen, read-only, or full of what is not a job."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass
from typing import ClassVar

from tests.attacks.attack import FaultAttack


@dataclass(kw_only=True, eq=False)
class FrozenPostgres(FaultAttack):
    """PostgreSQL is there and does not answer: every process of it is stopped."""

    title: ClassVar[str] = "PostgreSQL is frozen"
    accounts: ClassVar[int] = 0
    stops_pages: ClassVar[bool] = True

    def begin(self) -> None:
        stack = ExitStack()
        stack.enter_context(self.service.frozen_postgres())
        self._undo.append(stack.close)


@dataclass(kw_only=True, eq=False)
class FrozenRedis(FaultAttack):
    title: ClassVar[str] = "Redis is frozen"
    accounts: ClassVar[int] = 0

    def begin(self) -> None:
        stack = ExitStack()
        stack.enter_context(self.service.frozen_redis())
        self._undo.append(stack.close)


@dataclass(kw_only=True, eq=False)
class ReadOnlyDatabase(FaultAttack):
    """The database takes no changes, as after a failover; pages are still read."""

    title: ClassVar[str] = "the database is read-only"
    accounts: ClassVar[int] = 0

    def begin(self) -> None:
        stack = ExitStack()
        stack.enter_context(self.service.read_only_database())
        self._undo.append(stack.close)


@dataclass(kw_only=True, eq=False)
class EntriesThatAreNoJobs(FaultAttack):
    """Somebody writes bytes into Redis that are no jobs."""

    title: ClassVar[str] = "entries in Redis that are no jobs"
    accounts: ClassVar[int] = 0

    def begin(self) -> None:
        self.service.push_into_redis(b"\xff\xfe", b"", b"[]", b"{}", b'{"body": 1}', b"x" * 100_000)
        self._undo.append(lambda: None)
