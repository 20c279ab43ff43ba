"""What is measured, each as a person does it."""

from __future__ import annotations

import random
import statistics
import time
from dataclasses import dataclass

from benchmarks.browser.studio_page import StudioPage

SEED = 20_130_101
OPENINGS = 15
TURNS = 60
JUMPS = 30
FILTERS = 15
THINKING_MS = 300  # between two clicks, in which the neighbour pages are read
LOOKED_AT_TURNS = 100  # until then, the page fills what it keeps
MANY_ROWS = 10_000_000
ALLOWANCE = 1.5  # the times that so many rows may take, in those of fewer

FIRST_ROW = "document.querySelector('tbody tr').getAttribute('aria-rowindex')"
PAGES = """async () => {
  const { totalPages, pageSize } = (await clock.module("studio/state/rows.js")).rows.state;
  return [totalPages, pageSize];
}"""
NEXT_PAGES = f"""async ([count, pause]) => {{
  const button = document.querySelector('[aria-label="Next page"]');
  const times = [];
  for (let turn = 0; turn < count; turn++) {{
    const before = {FIRST_ROW};
    times.push(await clock.time(() => button.click(), () => {FIRST_ROW} !== before));
    await clock.pause(pause);
  }}
  return times;
}}"""
JUMPS_TO = f"""async ([pages, size]) => {{
  const {{ turnTo }} = await clock.module("studio/commands.js");
  const times = [];
  for (const page of pages) {{
    const row = String((page - 1) * size + 2);
    times.push(await clock.time(() => turnTo(page), () => {FIRST_ROW} === row));
    await clock.pause(100);
  }}
  return times;
}}"""
FILTER_BY = """async ([column, thresholds]) => {
  const { filterBy } = await clock.module("studio/commands.js");
  const { rows } = await clock.module("studio/state/rows.js");
  const times = [];
  for (const value of thresholds) {
    times.push(await clock.time(
      () => filterBy([{ column, op: "gt", value }]),
      () => rows.state.error === null,
    ));
    await clock.pause(300);
  }
  await filterBy([]);
  return times;
}"""
OPEN_FILTER = """async ([column]) => {
  const { panels } = await clock.module("studio/state/panels.js");
  panels.set({ filterColumn: column });
  await clock.until(() => document.querySelector("[data-testid=value-search]"));
  await clock.pause(1000);
}"""
TYPE_INTO_SEARCH = """async ([texts]) => {
  const field = document.querySelector("[data-testid=value-search]");
  const shown = () => document.getElementById("studio").textContent;
  const times = [];
  for (const text of texts) {
    const before = shown();
    times.push(await clock.time(() => {
      field.value = text;
      field.dispatchEvent(new Event("input", { bubbles: true }));
    }, () => shown() !== before));
    await clock.pause(300);
  }
  return times;
}"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """One line of the report, with what may be reached at most, None where nothing is aimed at."""

    work: str
    dataset: str
    median: float
    longest: float | None = None  # the 99th percentile
    unit: str = "ms"
    median_goal: float | None = None
    longest_goal: float | None = None

    @property
    def is_met(self) -> bool | None:
        if self.median_goal is None:
            return None
        is_median_met = self.median <= self.median_goal
        return is_median_met and (self.longest or 0.0) <= (self.longest_goal or float("inf"))


def run(page: StudioPage, dataset: str, *, rows: int, turns: int) -> list[Measured]:
    """Measure everything on the dataset that the page shows, which has so many rows."""
    allowance = ALLOWANCE if rows >= MANY_ROWS else 1.0
    numbers = random.Random(time.time_ns())  # filters that were asked for before are not first ones
    column, text_column, texts = _columns_of(dataset)
    page.open()
    opened = [page.open() for _ in range(OPENINGS)]
    page_count, size = page.run(PAGES)
    page.run(JUMPS_TO, [2], size)
    turned = page.run(NEXT_PAGES, TURNS, THINKING_MS)
    jumped = page.run(JUMPS_TO, [numbers.randrange(3, page_count) for _ in range(JUMPS)], size)
    thresholds = [round(numbers.uniform(0, 60), 6) for _ in range(FILTERS)]
    filtered = page.run(FILTER_BY, column, thresholds)
    page.run(OPEN_FILTER, text_column)
    typed = page.run(TYPE_INTO_SEARCH, texts)
    page.open()
    page.run(JUMPS_TO, [2], size)
    heap_before, heap_after = _heap_over(page, turns, size)
    return [
        _times("open the studio until rows are seen", dataset, opened, median_goal=500 * allowance),
        _times(
            "turn to the next page",
            dataset,
            turned,
            median_goal=100 * allowance,
            longest_goal=250 * allowance,
        ),
        _times("jump to any page", dataset, jumped),
        _times(
            "a filter that nobody asked for before",
            dataset,
            filtered,
            median_goal=300 * allowance,
        ),
        _times("type into a filter's search", dataset, typed, median_goal=100 * allowance),
        Measured(
            work=f"memory of the tab after {turns:,} page turns, in that before them",
            dataset=dataset,
            median=round(heap_after / heap_before, 2),
            unit="",
            median_goal=1.1,
        ),
        Measured(
            work="memory of the tab after them",
            dataset=dataset,
            median=heap_after / 1_000_000,
            unit="MB",
        ),
        Measured(
            work="JavaScript, compressed",
            dataset=dataset,
            median=page.compressed_script_bytes() / 1_000,
            unit="KB",
            median_goal=150,
        ),
    ]


def _heap_over(page: StudioPage, turns: int, size: int) -> tuple[int, int]:
    page.run(NEXT_PAGES, LOOKED_AT_TURNS, 0)
    before = page.heap_bytes()
    done = 0
    while done < turns:
        some = min(100, turns - done)
        page.run(NEXT_PAGES, some, 0)
        done += some
    return before, page.heap_bytes()


def _columns_of(dataset: str) -> tuple[str, str, list[str]]:
    """Return a column of numbers, one of texts, and what to look for in it."""
    if dataset.endswith("flights"):
        return "arr_delay", "tailnum", ["N", "N1", "N14", "N142", "N14", "N5", "N52", "N", "9"]
    return "float_1", "many", ["c", "customer 0", "customer 01", "customer 012", "2", "22", "9"]


def _times(
    work: str,
    dataset: str,
    times_ms: list[float],
    median_goal: float | None = None,
    longest_goal: float | None = None,
) -> Measured:
    ordered = sorted(times_ms)
    return Measured(
        work=work,
        dataset=dataset,
        median=statistics.median(ordered),
        longest=ordered[round(0.99 * (len(ordered) - 1))],
        median_goal=median_goal,
        longest_goal=longest_goal,
    )
