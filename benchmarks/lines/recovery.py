"""W8: validate and recover a session, by the length of its log, and replay all of a log."""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks import plots
from benchmarks.client import Client
from benchmarks.datasets.long_logs import copy_for, forget_sessions, with_log_of
from benchmarks.measuring import Effort, Work, medians_ms
from benchmarks.results import Finding, Point, within
from data_tools.models import DataSource
from session_events import loading, store
from session_events.envelope import decode
from session_events.heads import StreamHead
from session_events.loading import replay_all

LINE = "W8"
EVENTS = (100, 1_000, 10_000, 100_000)
QUICK_EVENTS = (100, 10_000)
REPLAYED_EVENTS = 10_000
_SLOWEST_BY_LENGTH = 1.5
_SLOWEST_REPLAY = 2.0


def prepare(event_counts: tuple[int, ...]) -> None:
    """Make the copies that sessions are opened on."""
    for count in event_counts:
        copy_for(count, has_snapshot=True)
        copy_for(count + 1, has_snapshot=True)
        if count <= REPLAYED_EVENTS:
            copy_for(count, has_snapshot=False)


def run(client: Client, effort: Effort, *, event_counts: tuple[int, ...]) -> Iterator[Finding]:
    """Compare the longest log with the shortest, and a replay with reading and decoding."""
    works: dict[tuple[str, int], Work] = {}
    used: list[DataSource] = []
    for count in event_counts:
        dataset, _ = with_log_of(count, has_snapshot=True)
        works["validate", count] = _validate(client, dataset)
        # Recovering appends events: a log of its own keeps the other as long as it is.
        other, _ = with_log_of(count + 1, has_snapshot=True)
        works["recover", count] = _recover(client, other)
        used += [dataset, other]
    bare: dict[int, StreamHead] = {}
    for count in event_counts:
        if count <= REPLAYED_EVENTS:
            dataset, bare[count] = with_log_of(count, has_snapshot=False)
            works["validate without a snapshot", count] = _validate(client, dataset)
            used.append(dataset)
    ms = medians_ms(works, effort.share(1.5))

    shortest = min(event_counts)
    for longer in sorted({max(QUICK_EVENTS), max(event_counts)}):
        for what in ("validate", "recover"):
            yield within(
                LINE,
                f"{what} with a snapshot, {longer:,} events",
                ms[what, longer],
                f"{shortest:,} events",
                ms[what, shortest],
                at_most=_SLOWEST_BY_LENGTH,
            )
    for (what, count), found in ms.items():
        curve = f"ours, {what}"
        yield Point(plot=plots.VALIDATE_BY_EVENTS.name, curve=curve, x=count, y=found)
    yield from _replay(bare[REPLAYED_EVENTS], effort.share(3))
    for dataset in used:
        forget_sessions(dataset)


def _replay(head: StreamHead, effort: Effort) -> Iterator[Finding]:
    version = head.position.version

    def read_and_decode() -> None:
        for stored in store.read(head.stream_id, after=0, until=version):
            decode(stored)

    ms = medians_ms(
        {"replay": Work(lambda: replay_all(head)), "floor": Work(read_and_decode)}, effort
    )
    yield within(
        LINE,
        f"replay of {version:,} events",
        ms["replay"],
        "reading and decoding them",
        ms["floor"],
        at_most=_SLOWEST_REPLAY,
    )


def _validate(client: Client, dataset: DataSource) -> Work:
    """Validate as a process that is new to the session does."""
    return Work(lambda: client.get(dataset.pk, "session/validate/"), before=loading.forget_all)


def _recover(client: Client, dataset: DataSource) -> Work:
    """Recover a session that was put away, in a process that is new to it."""

    def put_away() -> None:
        client.post(dataset.pk, "session/clear/")
        loading.forget_all()

    return Work(
        lambda: client.post(dataset.pk, "session/recover/", {"strategy": "auto"}),
        before=put_away,
    )
