"""`python -m benchmarks.browser`: measure the studio in Chromium, and write docs/performance.md.

The service runs as in production, on the benchmark's own database, and the browser on the same
machine. A run of a part (`--rows`, `--turns`) prints and writes nothing.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
from pathlib import Path

MOST_TURNS = 1_000
DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "performance.md"


def main() -> None:
    arguments = _arguments()
    chromium = shutil.which("chromium")
    if chromium is None:
        sys.exit("There is no program `chromium`. On Debian: apt-get install chromium")
    os.environ["DJANGO_SETTINGS_MODULE"] = "benchmarks.settings"
    import django

    django.setup()
    from benchmarks.browser import figures, measures
    from benchmarks.browser.service import running_service, signed_in
    from benchmarks.browser.studio_page import studio_page
    from benchmarks.datasets import tables
    from benchmarks.datasets.measured import make_all
    from data_tools.drill.documented_figures import write_figures

    tables.prepare_database()
    make_all(arguments.rows, among_others=True)
    tables.read_through()
    datasets = [tables.real_flights(), *(tables.synthetic(rows) for rows in arguments.rows)]
    found = []
    with running_service({}) as (address, _):
        for dataset in datasets:
            cookie = signed_in(tables.owner())
            with studio_page(chromium, address, cookie, dataset.pk) as page:
                label, rows = tables.label(dataset), dataset.row_count
                found += measures.run(page, label, rows=rows, turns=arguments.turns)
    text = figures.table(found)
    print(text)
    if arguments.is_whole:
        write_figures(DOCUMENT, figures.MARKERS, text)
        print(f"\nWritten to {DOCUMENT}", file=sys.stderr)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.browser", description=__doc__)
    parser.add_argument(
        "--rows",
        type=lambda text: [int(count) for count in text.split(",")],
        help="sizes of synthetic datasets to measure beside the flights (10000000)",
    )
    parser.add_argument("--turns", type=int, help=f"of pages, for the memory ({MOST_TURNS})")
    arguments = parser.parse_args()
    arguments.is_whole = arguments.rows is None and arguments.turns is None
    arguments.rows = [10_000_000] if arguments.is_whole else arguments.rows or []
    arguments.turns = arguments.turns or MOST_TURNS
    return arguments


if __name__ == "__main__":
    main()
