"""W5: open a session, undo, redo; the same for 10 thousand rows and for 10 million."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator

from benchmarks.client import Client, count_round_trips
from benchmarks.datasets import tables
from benchmarks.measuring import Effort, Work, medians_ms
from benchmarks.results import Comparison, Finding, limited, within
from benchmarks.sizes import beside_smallest
from data_tools.models import DataSource
from session_events import loading

LINE = "W5"
_SLOWEST_BY_SIZE = 1.5
_MOST_ROUND_TRIPS = 3
_MOST_ROUND_TRIPS_WHEN_NEW = 5
_NEW_PROCESS = "undo, in a process new to the session"
_RETRYABLE = "undo, with a client operation id"
_SHOWN_ONLY = (_NEW_PROCESS, _RETRYABLE)
_RENAME = {"old_name": "few_1", "new_name": "region"}


def run(client: Client, effort: Effort, *, row_counts: list[int]) -> Iterator[Finding]:
    """Compare each request over many rows with the same over the fewest; count statements."""
    fewest = tables.synthetic(min(row_counts))
    larger = [tables.synthetic(count) for count in beside_smallest(row_counts)]
    works = {dataset.pk: _works(client, dataset) for dataset in (fewest, *larger)}
    every = {(what, pk): work for pk, its in works.items() for what, work in its.items()}
    ms = medians_ms(every, effort)
    for dataset in larger:
        for what in works[dataset.pk]:
            yield within(
                LINE,
                f"{what}, {tables.label(dataset)}",
                ms[what, dataset.pk],
                tables.label(fewest),
                ms[what, fewest.pk],
                at_most=None if what in _SHOWN_ONLY else _SLOWEST_BY_SIZE,
            )
    for what, work in works[larger[-1].pk].items():
        yield _round_trips(what, work)


def _works(client: Client, dataset: DataSource) -> dict[str, Work]:
    """Return the works; each needs and leaves an open session with one operation."""

    def post(endpoint: str, body: dict[str, str] | None = None) -> Callable[[], object]:
        return lambda: client.post(dataset.pk, f"session/{endpoint}/", body)

    clear, initialize, rename = post("clear"), post("initialize"), post("rename-column", _RENAME)
    undo, redo = post("undo"), post("redo")
    client.open_anew(dataset.pk)
    rename()
    return {
        "open a session": Work(initialize, before=clear, after=rename),
        "undo": Work(undo, after=redo),
        "redo": Work(redo, before=undo),
        _NEW_PROCESS: Work(undo, before=loading.forget_all, after=redo),
        _RETRYABLE: Work(
            lambda: client.post(
                dataset.pk, "session/undo/", {"client_operation_id": str(uuid.uuid4())}
            ),
            after=redo,
        ),
    }


def _round_trips(what: str, work: Work) -> Comparison:
    work.before()
    count = count_round_trips(work.run)
    work.after()
    goals = {_NEW_PROCESS: _MOST_ROUND_TRIPS_WHEN_NEW, _RETRYABLE: None}
    return limited(LINE, f"{what}: round trips", count, at_most=goals.get(what, _MOST_ROUND_TRIPS))
