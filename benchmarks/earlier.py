"""The result of the last whole run, committed beside the document, and what got worse since."""

from __future__ import annotations

import datetime as dt
import math
import statistics
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import msgspec
import orjson

from benchmarks.machine import Machine
from benchmarks.results import Comparison, EndpointTimes, Finding, Point

FILE = Path(__file__).resolve().parent.parent / "docs" / "performance.json"
# Two runs of the same code on a shared machine differ by less, for nearly all rows.
WORSE_FROM = 1.3
ENDPOINT_WORSE_FROM = 1.6


@dataclass(frozen=True, slots=True, kw_only=True)
class EarlierRatio:
    """What another run found for a comparison; null where there was no answer."""

    line: str
    work: str
    beside: str
    ratio: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class EarlierTimes:
    """What another run found for an endpoint."""

    call: str
    first_ms: float | None
    repeated_ms: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class EarlierRun:
    """What is compared with, of all that the file holds."""

    comparisons: tuple[EarlierRatio, ...] = ()
    endpoints: tuple[EarlierTimes, ...] = ()


def write(found: Sequence[Finding], machine: Machine, path: Path = FILE) -> None:
    """Write everything found as JSON; a figure that could not be had is null."""
    by_kind = {
        "comparisons": Comparison,
        "endpoints": EndpointTimes,
        "points": Point,
    }
    written = {
        "measured_on": f"{dt.datetime.now(dt.UTC):%F}",
        "machine": asdict(machine),
        **{
            name: [asdict(each) for each in found if isinstance(each, kind)]
            for name, kind in by_kind.items()
        },
    }
    path.write_bytes(orjson.dumps(written, option=orjson.OPT_INDENT_2) + b"\n")


def read(path: Path = FILE) -> EarlierRun | None:
    """Return the earlier result; None if there is none."""
    if not path.exists():
        return None
    return msgspec.json.decode(path.read_bytes(), type=EarlierRun)


def points(path: Path = FILE) -> list[Point]:
    """Return the points of the earlier result's plots, without those that could not be had."""
    found = orjson.loads(path.read_bytes())["points"]
    return [Point(**point) for point in found if point["y"] is not None]


def worse(found: Iterable[Finding], earlier: EarlierRun) -> list[str]:
    """Name each row that got worse, the worst first.

    Ratios are compared, not times, so that the other run may be of another machine. The times of
    endpoints have no peer beside them: they are compared with how the endpoints changed on the
    whole.
    """
    rows = list(found)
    comparisons = [row for row in rows if isinstance(row, Comparison)]
    endpoints = [row for row in rows if isinstance(row, EndpointTimes)]
    changes = [
        *_of_comparisons(comparisons, earlier.comparisons),
        *_of_endpoints(endpoints, earlier.endpoints),
    ]
    return [sentence for _, sentence in sorted(changes, reverse=True)]


def _of_comparisons(
    found: list[Comparison], earlier: tuple[EarlierRatio, ...]
) -> Iterator[tuple[float, str]]:
    before = {(row.line, row.work, row.beside): row.ratio for row in earlier}
    for row in found:
        if (was := before.get(row.key)) is None:
            continue
        what = f"{row.line} {row.work}" + (f", beside {row.beside}" if row.beside else "")
        if math.isnan(row.ratio):
            yield math.inf, f"{what}: no answer; it was {was:.2f}"
            continue
        by = was / row.ratio if row.sense == "at least" else row.ratio / was
        if by > WORSE_FROM:
            yield by, f"{what}: {was:.2f} became {row.ratio:.2f}, {by:.1f} times worse"


def _of_endpoints(
    found: list[EndpointTimes], earlier: tuple[EarlierTimes, ...]
) -> Iterator[tuple[float, str]]:
    before = {row.call: row for row in earlier}
    changes: list[tuple[str, float, float]] = []
    for row in found:
        if (was := before.get(row.call)) is None:
            continue
        for when, earlier_ms, now_ms in (
            ("first call", was.first_ms, row.first_ms),
            ("again", was.repeated_ms, row.repeated_ms),
        ):
            if earlier_ms is None:
                continue
            if math.isnan(now_ms):
                yield math.inf, f"S {row.call}, {when}: no answer"
                continue
            changes.append((f"S {row.call}, {when}", earlier_ms, now_ms))
    if not changes:
        return
    on_the_whole = statistics.median(now_ms / earlier_ms for _, earlier_ms, now_ms in changes)
    for what, earlier_ms, now_ms in changes:
        by = now_ms / earlier_ms / on_the_whole
        if by > ENDPOINT_WORSE_FROM:
            yield by, f"{what}: {earlier_ms:.1f} ms became {now_ms:.1f} ms"
