"""The result of the last whole run, committed beside the document, and what got worse since."""

from __future__ import annotations

import datetime as dt
import math
import statistics
from collections.abc import Collection, Iterable, Iterator, Sequence
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
_ENDPOINTS_LINE = "S"
# Of a figure that stands alone: they depend on the machine, so only ratios of them are compared.
_OF_THE_MACHINE = ("ms", "MB")


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


def lines_of(earlier: EarlierRun) -> set[str]:
    """Return the lines that have rows in a run."""
    lines = {row.line for row in earlier.comparisons}
    return lines | {_ENDPOINTS_LINE} if earlier.endpoints else lines


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """How a run differs from the earlier one: a sentence for each row that got worse.

    `compared` counts the rows that both have, an endpoint as one.
    """

    compared: int
    worse: list[str]


def changes(
    found: Iterable[Finding], earlier: EarlierRun, *, complete: Collection[str] = ()
) -> Changes:
    """Compare a run with the earlier one; name each row that got worse, the worst first.

    Ratios are compared, not times, so that the other run may be of another machine. The times of
    endpoints have no peer beside them: they are compared with how the endpoints changed on the
    whole. Of the lines that ought to be `complete`, an earlier row that is not there is worse.
    """
    rows = list(found)
    comparisons = [row for row in rows if isinstance(row, Comparison)]
    endpoints = [row for row in rows if isinstance(row, EndpointTimes)]
    before = {(row.line, row.work, row.beside): row.ratio for row in earlier.comparisons}
    both = [(row, was) for row in comparisons if (was := before.get(row.key)) is not None]
    both = [(row, was) for row, was in both if math.isnan(row.ratio) or not _is_of_machine(row)]
    calls_before = {row.call: row for row in earlier.endpoints}
    calls = [(row, calls_before[row.call]) for row in endpoints if row.call in calls_before]
    its_changes = [
        *_of_comparisons(both),
        *_of_endpoints(calls),
        *_missing(comparisons, endpoints, earlier, complete),
    ]
    return Changes(
        compared=len(both) + len(calls),
        worse=[sentence for _, sentence in sorted(its_changes, reverse=True)],
    )


def _is_of_machine(row: Comparison) -> bool:
    return row.peer is None and row.ours.unit in _OF_THE_MACHINE


def _of_comparisons(both: list[tuple[Comparison, float]]) -> Iterator[tuple[float, str]]:
    for row, was in both:
        what = _named(*row.key)
        if math.isnan(row.ratio):
            yield math.inf, f"{what}: no answer; it was {was:.2f}"
            continue
        by = _times_worse(row, was)
        if math.isinf(by):
            yield by, f"{what}: {was:g} became {row.ratio:g}"
        elif by > WORSE_FROM:
            yield by, f"{what}: {was:.2f} became {row.ratio:.2f}, {by:.1f} times worse"


def _times_worse(row: Comparison, was: float) -> float:
    """Return infinity where the better of the two is 0, as a count of errors ought to be."""
    more, less = (was, row.ratio) if row.sense == "at least" else (row.ratio, was)
    if less == 0:
        return math.inf if more else 1.0
    return more / less


def _missing(
    comparisons: list[Comparison],
    endpoints: list[EndpointTimes],
    earlier: EarlierRun,
    complete: Collection[str],
) -> Iterator[tuple[float, str]]:
    keys = {row.key for row in comparisons}
    for row in earlier.comparisons:
        key = row.line, row.work, row.beside
        if row.line in complete and row.ratio is not None and key not in keys:
            yield math.inf, f"{_named(*key)}: not measured; it was {row.ratio:.2f}"
    if _ENDPOINTS_LINE in complete:
        measured = {row.call for row in endpoints}
        for call in earlier.endpoints:
            if call.call not in measured:
                yield math.inf, f"{_ENDPOINTS_LINE} {call.call}: not measured"


def _named(line: str, work: str, beside: str) -> str:
    return f"{line} {work}" + (f", beside {beside}" if beside else "")


def _of_endpoints(
    both: list[tuple[EndpointTimes, EarlierTimes]],
) -> Iterator[tuple[float, str]]:
    times: list[tuple[str, float, float]] = []
    for row, was in both:
        for when, earlier_ms, now_ms in (
            ("first call", was.first_ms, row.first_ms),
            ("again", was.repeated_ms, row.repeated_ms),
        ):
            if earlier_ms is None:
                continue
            if math.isnan(now_ms):
                yield math.inf, f"{_ENDPOINTS_LINE} {row.call}, {when}: no answer"
                continue
            times.append((f"{_ENDPOINTS_LINE} {row.call}, {when}", earlier_ms, now_ms))
    if not times:
        return
    on_the_whole = statistics.median(now_ms / earlier_ms for _, earlier_ms, now_ms in times)
    for what, earlier_ms, now_ms in times:
        by = now_ms / earlier_ms / on_the_whole
        if by > ENDPOINT_WORSE_FROM:
            yield by, f"{what}: {earlier_ms:.1f} ms became {now_ms:.1f} ms"
