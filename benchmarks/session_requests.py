"""W5: open a session, undo, redo; the same for 10 thousand rows and for 10 million."""

from __future__ import annotations

from collections.abc import Callable

from benchmarks import tables
from benchmarks.client import Client, count_round_trips
from benchmarks.measuring import Work, medians_ms
from benchmarks.results import Comparison, milliseconds
from data_tools.models import DataSource
from session_events import loading

LINE = "W5"
_SLOWEST_BY_SIZE = 1.5
_MOST_ROUND_TRIPS = 3
_RENAME = {"old_name": "few_1", "new_name": "region"}


def run(client: Client, *, row_counts: list[int], rounds: int) -> list[Comparison]:
    """Compare each request over the most rows with the same over the fewest; count statements."""
    fewest, most = (tables.synthetic(count) for count in (min(row_counts), max(row_counts)))
    works = {
        (what, dataset.name): work
        for dataset in {fewest.name: fewest, most.name: most}.values()
        for what, work in _works(client, dataset).items()
    }
    ms = medians_ms({" ".join(key): work for key, work in works.items()}, rounds=rounds)
    found: list[Comparison] = []
    for what, work in _works(client, most).items():
        ours_ms, peer_ms = ms[f"{what} {most.name}"], ms[f"{what} {fewest.name}"]
        found.append(
            Comparison(
                line=LINE,
                work=f"{what}, {most.name} rows against {fewest.name}",
                ours=milliseconds(ours_ms),
                peer=milliseconds(peer_ms),
                ratio=ours_ms / peer_ms,
                goal=_SLOWEST_BY_SIZE,
            )
        )
        found.append(_round_trips(what, work))
    return found


def _works(client: Client, dataset: DataSource) -> dict[str, Work]:
    """Return the works; each leaves an open session with one operation, as it found it."""

    def post(endpoint: str, body: dict[str, str] | None = None) -> Callable[[], object]:
        return lambda: client.post(dataset.pk, f"session/{endpoint}/", body)

    clear, initialize, rename = post("clear"), post("initialize"), post("rename-column", _RENAME)
    undo, redo = post("undo"), post("redo")
    clear(), initialize(), rename()
    return {
        "open a session": Work(initialize, before=clear, after=rename),
        "undo": Work(undo, after=redo),
        "redo": Work(redo, before=undo),
        "undo, in a process new to the session": Work(undo, before=loading.forget_all, after=redo),
    }


def _round_trips(what: str, work: Work) -> Comparison:
    work.before()
    count = count_round_trips(work.run)
    work.after()
    is_steady = "new to" not in what
    return Comparison(
        line=LINE,
        work=f"{what}: statements beside the sign-in's",
        ours=str(count),
        peer="",
        ratio=count,
        goal=_MOST_ROUND_TRIPS if is_steady else None,
    )
