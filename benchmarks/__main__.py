"""`python -m benchmarks`: measure, print the tables, and write them into docs/performance.md.

A whole run also writes docs/performance.json and draws the plots of docs/images. A run of a part
(`--only`, `--rows`, `--quick`) writes nothing, and names what got worse since the written one.
"""

from __future__ import annotations

import argparse
import os
import sys
import time

ROW_COUNTS = [10_000, 100_000, 1_000_000, 10_000_000]
QUICK_ROW_COUNTS = [10_000, 100_000]


def main() -> None:
    arguments = _arguments()
    os.environ["DJANGO_SETTINGS_MODULE"] = "benchmarks.settings"
    if arguments.fresh:
        os.environ["BENCH_FRESH"] = "true"
    import django

    django.setup()
    from benchmarks import earlier, plots, report
    from benchmarks.client import Client, NotAnswered
    from benchmarks.datasets import tables
    from benchmarks.datasets.measured import make_all
    from benchmarks.machine import this_machine
    from benchmarks.plan import Plan
    from benchmarks.results import Finding, not_measured

    token = tables.prepare_database()
    machine = this_machine()
    make_all(arguments.rows, among_others=not arguments.fresh)
    plan = Plan(
        client=Client(token), token=token, row_counts=arguments.rows, is_quick=arguments.quick
    )
    found: list[Finding] = []
    for line in arguments.only:
        begun = time.monotonic()
        try:
            for finding in plan.measure(line):
                found.append(finding)
        except NotAnswered as error:
            print(f"{line}: {error}", file=sys.stderr)
            found.append(not_measured(line, str(error).partition(":")[0]))
        print(f"{line} took {time.monotonic() - begun:.0f} s", file=sys.stderr, flush=True)
    print(report.text(found, machine))
    before = earlier.read()
    if arguments.is_whole:
        earlier.write(found, machine)
        drawn = plots.draw(earlier.points())
        report.write(found, machine, drawn)
        print(f"\nWritten to {report.DOCUMENT}, with {len(drawn)} plots", file=sys.stderr)
    if before is not None:
        _tell(earlier.worse(found, before))


def _tell(worse: list[str]) -> None:
    if worse:
        print("\nWorse than in docs/performance.json:")
        print("\n".join(f"- {sentence}" for sentence in worse))
    else:
        print("\nNothing is worse than in docs/performance.json.")


def _arguments() -> argparse.Namespace:
    from benchmarks.line_names import LINES

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
    arguments.rows = arguments.rows or (QUICK_ROW_COUNTS if arguments.quick else ROW_COUNTS)
    arguments.only = arguments.only or [*LINES]
    if unknown := set(arguments.only) - set(LINES):
        parser.error(f"unknown lines: {', '.join(sorted(unknown))}")
    return arguments


if __name__ == "__main__":
    main()
