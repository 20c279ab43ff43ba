"""`python -m benchmarks`: measure, print the table, and write it into docs/performance.md.

A run of a part (`--only`, `--rows`, `--quick`) prints and writes nothing.
"""

from __future__ import annotations

import argparse
import os
import sys
import time

LINES = ("W1", "W2", "W3", "W5", "W7")
ROW_COUNTS = [10_000, 100_000, 1_000_000, 10_000_000]
QUICK_ROW_COUNTS = [10_000, 100_000]


def main() -> None:
    arguments = _arguments()
    os.environ["DJANGO_SETTINGS_MODULE"] = "benchmarks.settings"
    import django

    django.setup()
    from benchmarks import (
        appends,
        operation_pages,
        pages,
        report,
        selected_pages,
        session_requests,
        stacked_pages,
        tables,
    )
    from benchmarks.client import Client
    from benchmarks.machine import this_machine

    client = Client(tables.prepare_database())
    machine = this_machine()
    rounds = 5 if arguments.quick else 20
    works = {
        "W1": lambda: pages.run(client, row_counts=arguments.rows, rounds=rounds),
        "W2": lambda: [
            *stacked_pages.run(client, rounds=rounds),
            *operation_pages.run(client, rounds=rounds),
        ],
        "W3": lambda: selected_pages.run(client, row_counts=arguments.rows, rounds=rounds),
        "W5": lambda: session_requests.run(client, row_counts=arguments.rows, rounds=rounds),
        "W7": lambda: appends.run(rounds=5 if arguments.quick else 30),
    }
    if {"W1", "W3", "W5"} & set(arguments.only):
        for row_count in arguments.rows:
            tables.synthetic(row_count)
        tables.read_through()
    comparisons = []
    for line in arguments.only:
        begun = time.monotonic()
        comparisons += works[line]()
        print(f"{line} took {time.monotonic() - begun:.0f} s", file=sys.stderr, flush=True)
    print(f"{report.heading(machine)}\n\n{report.table(comparisons)}")
    if arguments.is_whole:
        report.write(comparisons, machine)
        print(f"\nWritten to {report.DOCUMENT}", file=sys.stderr)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument(
        "--rows",
        type=lambda text: sorted(int(count) for count in text.split(",")),
        help="sizes of the synthetic datasets, such as 10000,100000",
    )
    parser.add_argument(
        "--only",
        type=lambda text: text.upper().split(","),
        help=f"lines to measure, among {','.join(LINES)}; W3 has W4 with it",
    )
    parser.add_argument("--quick", action="store_true", help="small datasets, few repetitions")
    arguments = parser.parse_args()
    arguments.is_whole = not (arguments.rows or arguments.only or arguments.quick)
    arguments.rows = arguments.rows or (QUICK_ROW_COUNTS if arguments.quick else ROW_COUNTS)
    arguments.only = arguments.only or list(LINES)
    if unknown := set(arguments.only) - set(LINES):
        parser.error(f"unknown lines: {', '.join(sorted(unknown))}")
    return arguments


if __name__ == "__main__":
    main()
