"""The library eventsourcing on the same server, with each of its ways to append.

Tuned: psycopg's C build, one connection kept open, no ping before use, no snapshots; with and
without its database functions.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from typing import Any

from eventsourcing.application import Application
from eventsourcing.domain import Aggregate, event
from eventsourcing.persistence import StoredEvent

from benchmarks.writers.database import Address

SCHEMA = "eventsourcing"
_STATE = json.dumps(
    {"operation_sequence": 2, "actor_id": 1, "trace_id": "0" * 32, "client_kind": "benchmarks"}
).encode()


class _Session(Aggregate):
    """An aggregate with the facts of our smallest event."""

    operation_sequence = 0

    @event("OperationUndone")
    def undo(self, operation_sequence: int, actor_id: int, trace_id: str, client_kind: str) -> None:
        self.operation_sequence = operation_sequence


def application(address: Address, *, functions: bool = False) -> Callable[[], None]:
    """Return a function that triggers an event of an aggregate and saves it: the documented way."""
    log: Application[uuid.UUID] = Application(env=_environment(address, functions))
    session = _Session()
    log.save(session)

    def write() -> None:
        session.undo(2, 1, "0" * 32, "benchmarks")
        log.save(session)

    return write


def application_with_functions(address: Address) -> Callable[[], None]:
    """Like `application`, through its database functions."""
    return application(address, functions=True)


def recorder(address: Address, *, functions: bool = True) -> Callable[[], None]:
    """Return a function that hands a finished event to the recorder below the application."""
    return _recording(_factory(address, functions=functions).application_recorder().insert_events)


def aggregate_recorder(address: Address) -> Callable[[], None]:
    """Return the same with the recorder that keeps no order between streams and tells nobody."""
    return _recording(_factory(address).aggregate_recorder("aggregates").insert_events)


def _recording(insert_events: Callable[[list[StoredEvent]], object]) -> Callable[[], None]:
    stream_id, version = uuid.uuid4(), 0

    def write() -> None:
        nonlocal version
        version += 1
        insert_events(
            [
                StoredEvent(
                    originator_id=stream_id,
                    originator_version=version,
                    topic="session_events.events:OperationUndone",
                    state=_STATE,
                )
            ]
        )

    return write


def _factory(address: Address, *, functions: bool = False) -> Any:
    # Here, since its psycopg is hidden from processes that use Django (see `settings`).
    from eventsourcing.postgres import PostgresFactory

    return PostgresFactory(_environment(address, functions))


def _environment(address: Address, functions: bool) -> dict[str, str]:
    return {
        "PERSISTENCE_MODULE": "eventsourcing.postgres",
        "POSTGRES_DBNAME": address.name,
        "POSTGRES_HOST": address.host,
        "POSTGRES_PORT": address.port,
        "POSTGRES_USER": address.user,
        "POSTGRES_PASSWORD": address.password,
        "POSTGRES_SCHEMA": SCHEMA,
        "POSTGRES_POOL_SIZE": "1",
        "POSTGRES_PRE_PING": "no",
        "POSTGRES_ENABLE_DB_FUNCTIONS": "yes" if functions else "no",
    }
