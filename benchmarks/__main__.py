"""`python -m benchmarks`: measure, print the tables, and write them into docs/performance.md.

A whole run also writes docs/performance.json and draws the plots of docs/images. A run of a part
(`--only`, `--rows`, `--quick`) writes nothing. Each names what got worse since the written one.
"""

from __future__ import annotations

import argparse
import os
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from benchmarks.earlier import EarlierRun
    from benchmarks.running import Run


def main() -> None:
    arguments = _arguments()
    os.environ["DJANGO_SETTINGS_MODULE"] = "benchmarks.settings"
    if arguments.fresh:
        os.environ["BENCH_FRESH"] = "true"
    import django

    django.setup()
    from benchmarks import earlier, plots, report
    from benchmarks.client import Client
    from benchmarks.datasets import tables
    from benchmarks.datasets.measured import make_all
    from benchmarks.machine import this_machine
    from benchmarks.plan import Plan
    from benchmarks.running import measure_all, prepare_all

    token = tables.prepare_database()
    machine = this_machine()
    make_all(arguments.rows, among_others=not arguments.fresh)
    plan = Plan(
        client=Client(token), token=token, row_counts=arguments.rows, is_quick=arguments.quick
    )
    prepare_all(arguments.only, plan.prepare)
    tables.read_through()
    run = measure_all(arguments.only, plan.measure)
    print(report.text(run.found, machine))
    before = earlier.read()
    if arguments.is_whole:
        earlier.write(run.found, machine)
        drawn = plots.draw(earlier.points())
        report.write(run.found, machine, drawn)
        print(f"\nWritten to {report.DOCUMENT}, with {len(drawn)} plots", file=sys.stderr)
    _tell(run, before, is_whole=arguments.is_whole)


def _tell(run: Run, before: EarlierRun | None, *, is_whole: bool) -> None:
    """Say how the run differs from the earlier one.

    A whole run ought to have every earlier row, another one those of the lines that broke off.
    """
    from benchmarks import earlier
    from benchmarks.line_names import measured_with

    if before is None:
        print("\nThere is no docs/performance.json yet to compare with.")
        return
    broken_off = {name for line in run.broken_off for name in measured_with(line)}
    complete = earlier.lines_of(before) if is_whole else broken_off
    changes = earlier.changes(run.found, before, complete=complete)
    print(f"\n{changes.compared} rows were compared with docs/performance.json.")
    if changes.worse:
        print("Worse than there:")
        print("\n".join(f"- {sentence}" for sentence in changes.worse))
    else:
        print("None is worse.")


def _arguments() -> argparse.Namespace:
    from benchmarks.line_names import LINES
    from benchmarks.sizes import QUICK_ROW_COUNTS, ROW_COUNTS

    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument(
        "--rows",
        type=lambda text: sorted(int(count) for count in text.split(",")),
        help="sizes of the synthetic datasets, such as 10000,100000",
    )
    parser.add_argument(
        "--only",
        type=lambda text: text.upper().split(","),
        help=f"lines to measure, among {','.join(LINES)}",
    )
    parser.add_argument("--quick", action="store_true", help="small datasets, few repetitions")
    parser.add_argument(
        "--fresh", action="store_true", help="in a database that nobody else has used"
    )
    arguments = parser.parse_args()
    arguments.is_whole = not (
        arguments.rows or arguments.only or arguments.quick or arguments.fresh
    )
    arguments.rows = arguments.rows or [*(QUICK_ROW_COUNTS if arguments.quick else ROW_COUNTS)]
    measured = [line for line in LINES if not (arguments.fresh and line == "FRESH")]
    arguments.only = arguments.only or measured
    if unknown := set(arguments.only) - set(LINES):
        parser.error(f"unknown lines: {', '.join(sorted(unknown))}")
    return arguments


if __name__ == "__main__":
    main()
