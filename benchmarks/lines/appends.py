"""W7: append one durable event, by 1 client and by several at once.

All writers use one database of one server, made anew for the run, with fsync and
synchronous_commit on, and wait for each commit.
"""

from __future__ import annotations

import random
import statistics
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing

import psycopg2
from django.conf import settings
from django.core.management import call_command
from django.db import connections

from benchmarks import plots
from benchmarks.measuring import Effort
from benchmarks.results import Comparison, Figure, Finding, Point
from benchmarks.writers import bare_insert, eventsourcing_log, service
from benchmarks.writers.database import Address
from benchmarks.writing_clients import Writer, WritingClients

LINE = "W7"
CLIENTS = (1, 2, 4, 8)
_COMPARED = (1, 8)
_SECONDS = 0.4  # short turns, so that a busy moment of the machine hits all writers
_OURS, _FLOOR = "ours", "bare INSERT"
_GOAL = "eventsourcing, application with functions"
_EVENTSOURCING: dict[str, Writer] = {
    "eventsourcing, application": eventsourcing_log.application,
    _GOAL: eventsourcing_log.application_with_functions,
}
# Below its applications, without their work on the event. The second keeps no order between streams
# and announces no new events, so that no application can use it.
_BELOW_EVENTSOURCING: dict[str, Writer] = {
    "eventsourcing, recorder with functions": eventsourcing_log.recorder,
    "eventsourcing, aggregate recorder": eventsourcing_log.aggregate_recorder,
}
_LEAST_OF_GOAL = {1: 1.0, 8: 1.5}


def run(effort: Effort) -> Iterator[Finding]:
    """Compare our rate with eventsourcing's, and show the floor beside it."""
    address = _database()
    writers: dict[str, Writer] = {
        _OURS: service.writer,
        _FLOOR: bare_insert.writer,
        **_EVENTSOURCING,
        **_BELOW_EVENTSOURCING,
    }
    plotted = (_OURS, _FLOOR, *_EVENTSOURCING)
    order = random.Random(1)
    rates: dict[tuple[str, int], list[float]] = {
        (name, clients): []
        for name in writers
        for clients in CLIENTS
        if clients in _COMPARED or name in plotted
    }
    with ExitStack() as stack:
        processes = {
            name: stack.enter_context(WritingClients(writer, address, count=max(CLIENTS)))
            for name, writer in writers.items()
        }
        turns = list(rates)
        ends_at = time.monotonic() + effort.seconds
        for _ in range(effort.rounds):
            order.shuffle(turns)
            for name, clients in turns:
                rates[name, clients].append(processes[name].rate(clients=clients, seconds=_SECONDS))
            if time.monotonic() > ends_at:
                break
    per_second = {key: statistics.median(found) for key, found in rates.items()}
    for clients in _COMPARED:
        yield from _compared(per_second, clients)
    for (name, clients), events in per_second.items():
        if name in plotted:
            yield Point(plot=plots.APPEND_BY_CLIENTS.name, curve=name, x=clients, y=events)


def _compared(per_second: dict[tuple[str, int], float], clients: int) -> Iterator[Comparison]:
    ours = per_second[_OURS, clients]
    for name in (_FLOOR, *_EVENTSOURCING, *_BELOW_EVENTSOURCING):
        theirs = per_second[name, clients]
        yield Comparison(
            line=LINE,
            work=f"append, {clients} client{'s' if clients > 1 else ''}",
            ours=Figure(ours, "/s"),
            beside=name,
            peer=Figure(theirs, "/s"),
            ratio=ours / theirs,
            goal=_LEAST_OF_GOAL[clients] if name == _GOAL else None,
            sense="at least",
        )


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
            cursor.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
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
