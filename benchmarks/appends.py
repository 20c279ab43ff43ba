"""W7: append one durable event, by 1 client and by 8 at once.

All writers use one database of one server, made anew for the run, with fsync and
synchronous_commit on, and wait for each commit.
"""

from __future__ import annotations

import random
import statistics
from contextlib import ExitStack, closing

import psycopg2
from django.conf import settings
from django.core.management import call_command
from django.db import connections

from benchmarks.results import Comparison, rate
from benchmarks.writers import bare_insert, eventsourcing_log, service
from benchmarks.writers.database import Address
from benchmarks.writing_clients import Writer, WritingClients

LINE = "W7"
CLIENTS = (1, 8)
_SECONDS = 0.4  # short turns, so that a busy moment of the machine hits all writers
_OURS, _FLOOR = "ours", "bare INSERT"
_EVENTSOURCING: dict[str, Writer] = {
    "eventsourcing, application": eventsourcing_log.application,
    "eventsourcing, application with functions": eventsourcing_log.application_with_functions,
}
# Below its applications, without their work on the event. The second keeps no order between streams
# and announces no new events, so that no application can use it.
_BELOW_EVENTSOURCING: dict[str, Writer] = {
    "eventsourcing, recorder with functions": eventsourcing_log.recorder,
    "eventsourcing, aggregate recorder": eventsourcing_log.aggregate_recorder,
}
_LEAST_OF_FLOOR = {1: 0.8, 8: 0.6}
_LEAST_OF_EVENTSOURCING = 1.5


def run(*, rounds: int) -> list[Comparison]:
    """Compare our rate with the floor and with the best setting of eventsourcing."""
    address = _database()
    writers: dict[str, Writer] = {
        _OURS: service.writer,
        _FLOOR: bare_insert.writer,
        **_EVENTSOURCING,
        **_BELOW_EVENTSOURCING,
    }
    order = random.Random(1)
    rates: dict[tuple[str, int], list[float]] = {
        (name, clients): [] for name in writers for clients in CLIENTS
    }
    with ExitStack() as stack:
        processes = {
            name: stack.enter_context(WritingClients(writer, address, count=max(CLIENTS)))
            for name, writer in writers.items()
        }
        turns = list(rates)
        for _ in range(rounds):
            order.shuffle(turns)
            for name, clients in turns:
                rates[name, clients].append(processes[name].rate(clients=clients, seconds=_SECONDS))
    per_second = {key: statistics.median(found) for key, found in rates.items()}
    return [row for clients in CLIENTS for row in _compared(per_second, clients)]


def _compared(per_second: dict[tuple[str, int], float], clients: int) -> list[Comparison]:
    best = max(_EVENTSOURCING, key=lambda name: per_second[name, clients])
    goals = {_FLOOR: _LEAST_OF_FLOOR[clients], best: _LEAST_OF_EVENTSOURCING}
    ours = per_second[_OURS, clients]
    return [
        Comparison(
            line=LINE,
            work=f"append, {clients} client{'s' if clients > 1 else ''}",
            ours=rate(ours),
            peer=f"{name} {rate(per_second[name, clients])}",
            ratio=ours / per_second[name, clients],
            goal=goals.get(name),
            sense="at least",
        )
        for name in (_FLOOR, *_EVENTSOURCING, *_BELOW_EVENTSOURCING)
    ]


def _database() -> Address:
    """Make an empty database for the writers, and return its address."""
    default = settings.DATABASES["default"]
    name = settings.DATABASES["appends"]["NAME"]
    address = Address(
        name=name,
        user=default["USER"],
        password=default["PASSWORD"],
        host=default["HOST"],
        port=str(default["PORT"]),
    )
    with closing(psycopg2.connect(**address.parameters | {"dbname": "postgres"})) as server:
        server.autocommit = True
        with server.cursor() as cursor:
            cursor.execute(f"DROP DATABASE IF EXISTS {name}")
            cursor.execute(f"CREATE DATABASE {name}")
    call_command("migrate", database="appends", verbosity=0, interactive=False)
    with connections["appends"].cursor() as cursor:
        cursor.execute(
            "SELECT name FROM pg_settings WHERE setting = 'off'"
            " AND name IN ('fsync', 'synchronous_commit', 'full_page_writes')"
        )
        if switched_off := cursor.fetchall():
            raise RuntimeError(f"the server does not keep what it commits: {switched_off}")
        cursor.execute(
            f"CREATE TABLE {bare_insert.TABLE} (LIKE session_events_sessionevent INCLUDING ALL)"
        )
        cursor.execute(f"CREATE SCHEMA {eventsourcing_log.SCHEMA}")
    connections["appends"].close()
    return address
