"""What each line measures, and for how long.

A whole run ends in under 30 minutes, a quick one in under 4: each line has its seconds, and stops
repeating once they are over; what it cannot stop in the middle of takes some minutes more on the
whole. The first run also makes the data before.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from benchmarks.client import Client
from benchmarks.lines import (
    appends,
    column_figures,
    disk,
    endpoints,
    exports,
    fits,
    fresh_database,
    largest,
    loading,
    operation_pages,
    pages,
    recovery,
    selected_pages,
    session_requests,
    stacked_pages,
    wide_table,
)
from benchmarks.load import line as load_line
from benchmarks.measuring import Effort
from benchmarks.results import Finding

# Of a whole run, and of a quick one.
SECONDS = {
    "W1": (70, 10),
    "W2": (80, 16),
    "W3": (130, 22),
    "W5": (45, 8),
    "W6": (80, 10),
    "W7": (60, 10),
    "W8": (50, 8),
    "W9": (90, 5),
    "W10": (80, 5),
    "W11": (90, 12),
    "W12": (80, 8),
    "W13": (0, 0),
    "WIDE": (45, 5),
    "LARGEST": (15, 0),
    "FRESH": (20, 0),
    "S": (60, 5),
}
_WHOLE_ROUNDS, _QUICK_ROUNDS = 20, 5
_WIDE_ROWS, _QUICK_WIDE_ROWS = [100, 10_000], [100]
_LARGEST_FROM_ROWS = 2_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A run over datasets of these sizes, as a user with this token."""

    client: Client
    token: str
    row_counts: list[int]
    is_quick: bool

    def prepare(self, line: str) -> None:
        """Make the copies and files that a line works on, unless they are there."""
        prepare = {
            "W2": stacked_pages.prepare,
            "W8": lambda: recovery.prepare(self._event_counts),
            "W9": lambda: loading.prepare(self.row_counts),
            "W11": load_line.prepare,
            "WIDE": lambda: wide_table.prepare(self._wide_row_counts),
            "S": endpoints.prepare,
        }.get(line)
        if prepare is not None:
            prepare()

    def measure(self, line: str) -> Iterator[Finding]:
        """Yield what a line finds, while it is being measured."""
        whole, quick = SECONDS[line]
        effort = Effort(
            rounds=_QUICK_ROUNDS if self.is_quick else _WHOLE_ROUNDS,
            seconds=quick if self.is_quick else whole,
        )
        return self._lines[line](effort)

    @property
    def _event_counts(self) -> tuple[int, ...]:
        return recovery.QUICK_EVENTS if self.is_quick else recovery.EVENTS

    @property
    def _wide_row_counts(self) -> list[int]:
        return _QUICK_WIDE_ROWS if self.is_quick else _WIDE_ROWS

    @property
    def _lines(self) -> dict[str, Callable[[Effort], Iterator[Finding]]]:
        client, token, row_counts = self.client, self.token, self.row_counts
        return {
            "W1": lambda effort: pages.run(client, effort, row_counts=row_counts),
            "W2": self._pages_after_operations,
            "W3": lambda effort: selected_pages.run(client, effort, row_counts=row_counts),
            "W5": lambda effort: session_requests.run(client, effort, row_counts=row_counts),
            "W6": lambda effort: fits.run(client, effort, row_counts=row_counts),
            "W7": lambda effort: appends.run(effort),
            "W8": lambda effort: recovery.run(client, effort, event_counts=self._event_counts),
            "W9": lambda effort: loading.run(effort, row_counts=row_counts),
            "W10": lambda effort: exports.run(client, token, effort, row_counts=row_counts),
            "W11": lambda effort: load_line.findings(load_line.put(effort.seconds)),
            "W12": lambda effort: column_figures.run(client, effort, row_counts=row_counts),
            "W13": lambda effort: disk.run(client, row_counts=row_counts),
            "WIDE": lambda effort: wide_table.run(client, effort, row_counts=self._wide_row_counts),
            "LARGEST": self._on_the_largest,
            "FRESH": self._beside_a_fresh_database,
            "S": lambda effort: endpoints.run(client, effort),
        }

    def _pages_after_operations(self, effort: Effort) -> Iterator[Finding]:
        yield from stacked_pages.run(self.client, effort.share(4))
        yield from operation_pages.run(self.client, effort.share(4 / 3))

    def _beside_a_fresh_database(self, effort: Effort) -> Iterator[Finding]:
        if not self.is_quick:
            yield from fresh_database.run(effort)

    def _on_the_largest(self, effort: Effort) -> Iterator[Finding]:
        if max(self.row_counts) >= _LARGEST_FROM_ROWS:
            yield from largest.run(self.client, self.token, effort, row_count=max(self.row_counts))
