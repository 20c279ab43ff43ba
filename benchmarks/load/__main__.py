"""`python -m benchmarks.load`: load the service as in production, and write docs/performance.md.

16 clients, each a user with a dataset of 100 thousand rows, send one request after the other. A run
with other than the usual `--minutes` prints and writes nothing.
"""

from __future__ import annotations

import argparse
import os

MINUTES = 10.0
MARKERS = "loaded"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.load", description=__doc__)
    parser.add_argument("--minutes", type=float, default=MINUTES)
    arguments = parser.parse_args()
    os.environ["DJANGO_SETTINGS_MODULE"] = "benchmarks.settings"
    import django

    django.setup()
    from benchmarks import plots, report
    from benchmarks.datasets import tables
    from benchmarks.load import line
    from benchmarks.machine import this_machine
    from data_tools.drill.documented_figures import write_figures

    tables.prepare_database()
    machine = this_machine()
    load = line.put(arguments.minutes * 60)
    is_usual = arguments.minutes == MINUTES
    drawn = plots.draw(line.memory_points(load)) if is_usual else []
    text = report.text(list(line.findings(load)), machine, drawn)
    text = f"{line.table(load)}\n\n{text}"
    print(text)
    if is_usual:
        write_figures(report.DOCUMENT, MARKERS, text)


if __name__ == "__main__":
    main()
