"""Measure the service under load, and compare with the goals."""

from __future__ import annotations

import asyncio
import random
import statistics
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass

from django.contrib.auth.models import User
from django.db import connections

from benchmarks import plots
from benchmarks.client import Client
from benchmarks.datasets import tables
from benchmarks.load.http_client import HttpClient
from benchmarks.load.people import TRIVIAL_VIEW, Person, Seen, all_at_once
from benchmarks.load.service import memory_mb, whole_service
from benchmarks.results import Comparison, Figure, Finding, Point, limited
from data_tools.models import ApiToken, DataSource

LINE = "W11"
CLIENTS, FEW_CLIENTS = 16, 4
ROW_COUNT = 100_000
_MOST_P99_TO_P50 = 4.0
_LEAST_OF_TRIVIAL = 0.5
_MOST_MEMORY_GROWTH = 1.1
_MOST_P99_OF_FEW_MS = 500.0
_WARM_UP_SECONDS = 5.0
_TRIVIAL_SHARE = 0.15
_FEW_SHARE = 0.15
_PLOTTED_POINTS = 120
_HEADER = (
    "| request | count | errors | p50, ms | p95, ms | p99, ms | longest, ms |\n"
    "| --- | --: | --: | --: | --: | --: | --: |"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Times:
    """The times of some requests; one without an answer counts with how long it was waited for."""

    count: int
    errors: int
    p50_ms: float
    p95_ms: float
    p99_ms: float
    longest_ms: float


def times(seen: Sequence[Seen]) -> Times:
    """Sum up requests, of which there must be one."""
    sorted_ms = sorted(each.ms for each in seen)

    def within(share: float) -> float:
        return sorted_ms[round((len(sorted_ms) - 1) * share)]

    return Times(
        count=len(seen),
        errors=sum(each.status != 200 for each in seen),
        p50_ms=within(0.5),
        p95_ms=within(0.95),
        p99_ms=within(0.99),
        longest_ms=sorted_ms[-1],
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """What was seen: by 16 clients, by 4, of the trivial view, and the memory by seconds."""

    seconds: float
    many: list[Seen]
    few: list[Seen]
    trivial: list[Seen]
    trivial_seconds: float
    memory_mb: list[tuple[float, float]]


def prepare() -> None:
    """Make the clients' users and datasets."""
    for number in range(CLIENTS):
        _dataset_of(number)


def put(seconds: float) -> Load:
    """Load the service for so many seconds in all, its start not counted."""
    people = _people()
    connections.close_all()
    with whole_service() as (port, master_id):
        for person in people:
            person.client.port = port
        trivial_seconds = seconds * _TRIVIAL_SHARE
        few_seconds = seconds * _FEW_SHARE
        many_seconds = seconds - trivial_seconds - few_seconds
        _during(_WARM_UP_SECONDS, people, Person.work, lambda: None)
        trivial = _during(trivial_seconds, people, Person.ask_trivial, lambda: None)
        few = _during(few_seconds, people[:FEW_CLIENTS], Person.work, lambda: None)
        memory: list[tuple[float, float]] = []
        begun = time.monotonic()

        def watch() -> None:
            memory.append((time.monotonic() - begun, memory_mb(master_id)))

        many = _during(many_seconds, people, Person.work, watch)
    return Load(
        seconds=many_seconds,
        many=many,
        few=few,
        trivial=trivial,
        trivial_seconds=trivial_seconds,
        memory_mb=memory,
    )


def findings(load: Load) -> Iterator[Finding]:
    """Compare a load with the goals."""
    all_times, few_times = times(load.many), times(load.few)
    work = f"{CLIENTS} clients"
    yield limited(LINE, f"{work}: errors", all_times.errors, at_most=0)
    yield Comparison(
        line=LINE,
        work=f"{work}: p99",
        ours=Figure(all_times.p99_ms, "ms"),
        beside="p50",
        peer=Figure(all_times.p50_ms, "ms"),
        ratio=all_times.p99_ms / all_times.p50_ms,
        goal=_MOST_P99_TO_P50,
    )
    ours = all_times.count / load.seconds
    trivial = times(load.trivial).count / load.trivial_seconds
    yield Comparison(
        line=LINE,
        work=f"{work}: requests",
        ours=Figure(ours, "/s"),
        beside=TRIVIAL_VIEW,
        peer=Figure(trivial, "/s"),
        ratio=ours / trivial,
        goal=_LEAST_OF_TRIVIAL,
        sense="at least",
    )
    early, late = _early_and_late([mb for _, mb in load.memory_mb])
    yield Comparison(
        line=LINE,
        work=f"{work}: memory of the web processes at the end",
        ours=Figure(late, "MB"),
        beside="after a fifth of the time",
        peer=Figure(early, "MB"),
        ratio=late / early,
        goal=_MOST_MEMORY_GROWTH,
    )
    few = f"{FEW_CLIENTS} clients: p99"
    yield limited(LINE, few, few_times.p99_ms, "ms", at_most=_MOST_P99_OF_FEW_MS)


def memory_points(load: Load) -> list[Point]:
    """Return the memory of the web processes over time, as a plot."""
    shown = load.memory_mb[:: max(1, len(load.memory_mb) // _PLOTTED_POINTS)]
    name = plots.MEMORY_UNDER_LOAD.name
    return [Point(plot=name, curve="ours", x=seconds / 60, y=mb) for seconds, mb in shown]


def table(load: Load) -> str:
    """Return the times of each kind of request as a Markdown table."""
    by_kind: dict[str, list[Seen]] = {}
    for seen in load.many:
        by_kind.setdefault(seen.kind, []).append(seen)
    rows = [_row(kind, times(its)) for kind, its in sorted(by_kind.items())]
    return "\n".join([_HEADER, *rows, _row("all", times(load.many))])


def _row(kind: str, its: Times) -> str:
    figures = (its.p50_ms, its.p95_ms, its.p99_ms, its.longest_ms)
    cells = (kind, f"{its.count:,}", str(its.errors), *(f"{ms:,.0f}" for ms in figures))
    return f"| {' | '.join(cells)} |"


def _early_and_late(memory: list[float]) -> tuple[float, float]:
    fifth = max(1, len(memory) // 5)
    return statistics.median(memory[fifth : 2 * fifth]), statistics.median(memory[-fifth:])


def _during(
    seconds: float,
    people: list[Person],
    work: Callable[[Person, float], Awaitable[None]],
    watch: Callable[[], object],
) -> list[Seen]:
    async def at_once() -> None:
        ends_at = time.monotonic() + seconds
        try:
            await all_at_once([work(person, ends_at) for person in people], watch)
        finally:
            for person in people:
                await person.client.close()

    for person in people:
        person.seen = []
    asyncio.run(at_once())
    return [seen for person in people for seen in person.seen]


def _people() -> list[Person]:
    """Return as many users as there are clients, each with a dataset and an open session."""
    people = []
    for number in range(CLIENTS):
        dataset = _dataset_of(number)
        token = ApiToken.objects.create(user=dataset.owner)[1]
        Client(token).open_anew(dataset.pk)
        people.append(
            Person(
                client=HttpClient(port=0, token=token),
                dataset_id=dataset.pk,
                row_count=ROW_COUNT,
                choice=random.Random(number),
            )
        )
    return people


def _dataset_of(number: int) -> DataSource:
    """Return the dataset of one client, with its user."""
    name = f"client {number}"
    user, _ = User.objects.get_or_create(username=name)
    source = tables.synthetic(ROW_COUNT)
    return tables.repeated(source, name, row_count=ROW_COUNT, owned_by=user)
