"""One line after the other: whatever breaks one off does not end the run."""

from __future__ import annotations

import sys
import time
import traceback
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from django.db import connections

from benchmarks.client import NotAnswered
from benchmarks.results import Finding, not_measured


@dataclass(frozen=True, slots=True)
class Run:
    """What was found, and which lines broke off."""

    found: list[Finding] = field(default_factory=list)
    broken_off: list[str] = field(default_factory=list)


def prepare_all(lines: Iterable[str], prepare: Callable[[str], None]) -> None:
    """Prepare each line; what cannot be prepared breaks its line off when it is measured."""
    for line in lines:
        try:
            prepare(line)
        except Exception:  # noqa: BLE001 - the line itself tells the same
            traceback.print_exc()
            connections.close_all()


def measure_all(lines: Iterable[str], measure: Callable[[str], Iterator[Finding]]) -> Run:
    """Measure each line; one that breaks off keeps the rows that it has, and says that there is
    no more."""
    run = Run()
    for line in lines:
        begun = time.monotonic()
        try:
            for finding in measure(line):
                run.found.append(finding)
        except Exception as error:  # noqa: BLE001 - of whatever kind, the next line can be measured
            traceback.print_exc()
            run.found.append(not_measured(line, _why(error)))
            run.broken_off.append(line)
            connections.close_all()  # with all that was set in them
        print(f"{line} took {time.monotonic() - begun:.0f} s", file=sys.stderr, flush=True)
    return run


def _why(error: Exception) -> str:
    return str(error).partition(":")[0] if isinstance(error, NotAnswered) else type(error).__name__
