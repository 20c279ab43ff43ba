"""W5: open a session, undo, redo; the same for 10 thousand rows and for 10 million."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator

from benchmarks.client import Client, count_round_trips
from benchmarks.datasets import tables
from benchmarks.measuring import Effort, Work, medians_ms
from benchmarks.results import Comparison, Finding, limited, within
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
    """Compare each request over the most rows with the same over the fewest; count statements."""
    fewest, most = (tables.synthetic(count) for count in (min(row_counts), max(row_counts)))
    works = {
        (what, dataset.pk): work
        for dataset in (fewest, most)
        for what, work in _works(client, dataset).items()
    }
    ms = medians_ms(works, effort)
    of_most = {what: work for (what, dataset_id), work in works.items() if dataset_id == most.pk}
    for what in of_most:
        yield within(
            LINE,
            f"{what}, {tables.label(most)}",
            ms[what, most.pk],
            tables.label(fewest),
            ms[what, fewest.pk],
            at_most=None if what in _SHOWN_ONLY else _SLOWEST_BY_SIZE,
        )
    for what, work in of_most.items():
        yield _round_trips(what, work)


def _works(client: Client, dataset: DataSource) -> dict[str, Work]:
    """Return the works; each needs and leaves an open session with one operation."""

    def post(endpoint: str, body: dict[str, str] | None = None) -> Callable[[], object]:
        return lambda: client.post(dataset.pk, f"session/{endpoint}/", body)

    clear, initialize, rename = post("clear"), post("initialize"), post("rename-column", _RENAME)
    undo, redo = post("undo"), post("redo")
    clear(), initialize(), rename()
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
