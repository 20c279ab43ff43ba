"""`python -m benchmarks.costs`: what one request, one event and one row cost, for docs/scaling.md.

Whole requests in this process, one after the other, on a dataset of 100,000 rows in a database of
its own. Processor time is this process's, and that of the database's process behind its connection.
"""

from __future__ import annotations

import os
import random
import time
from collections.abc import Callable
from pathlib import Path

ROWS = 100_000
PAGES, STEPS = 600, 300
_WRITTEN = "SELECT pg_current_wal_lsn() - '0/0'::pg_lsn"
_TICKS = os.sysconf("SC_CLK_TCK")


def main() -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = "benchmarks.settings"
    os.environ["BENCH_FRESH"] = "true"
    import django

    django.setup()
    from django.db import connection

    from benchmarks.client import Client
    from benchmarks.datasets import tables

    client = Client(tables.prepare_database())
    dataset = tables.synthetic(ROWS)
    tables.pack()

    def asked(statement: str) -> int:
        with connection.cursor() as cursor:
            cursor.execute(statement)
            return int(cursor.fetchone()[0])

    def size_of(table: str) -> int:
        return asked(f"SELECT pg_total_relation_size('{table}')")

    def measured(work: str, count: int, request: Callable[[int], object]) -> None:
        for number in range(20):  # so that all is loaded, and the connection open
            request(number)
        backend = Path(f"/proc/{asked('SELECT pg_backend_pid()')}/stat")
        begun, ours, theirs = time.monotonic(), time.process_time(), _processor_seconds(backend)
        written = asked(_WRITTEN)
        for number in range(20, 20 + count):
            request(number)
        each = 1_000 / count
        print(
            f"{work}: {each * (time.monotonic() - begun):.2f} ms,"
            f" of the processor {each * (time.process_time() - ours):.2f} ms here"
            f" and {each * (_processor_seconds(backend) - theirs):.2f} ms in the database,"
            f" {(asked(_WRITTEN) - written) // count} bytes of its log"
        )

    for table in ("datarow", "columnblock"):
        size = size_of(f"data_tools_{table}")
        print(f"{table}: {size / ROWS:.0f} bytes for each row of 20 columns")
    client.post(dataset.pk, "session/initialize/")
    depths = random.Random(1)
    pages = ROWS // 50
    measured(
        "page of 50 rows",
        PAGES,
        lambda _: client.page(dataset.pk, depths.randrange(1, pages), page_size=50),
    )
    measured("status", PAGES, lambda _: client.get(dataset.pk, "session/status/"))
    measured("validate", PAGES, lambda _: client.get(dataset.pk, "session/validate/"))
    column = dataset.columns[0]["name"]
    names = [column, *(f"name {number}" for number in range(STEPS + 20))]
    before = size_of("session_events_sessionevent")
    measured(
        "a step, answered with 100 rows",
        STEPS,
        lambda number: client.post(
            dataset.pk,
            "session/rename-column/",
            {"old_name": names[number], "new_name": names[number + 1]},
        ),
    )
    measured(
        "undo or redo, likewise",
        STEPS,
        lambda number: client.post(dataset.pk, f"session/{('undo', 'redo')[number % 2]}/"),
    )
    grown = size_of("session_events_sessionevent") - before
    print(f"an event: {grown / (2 * STEPS + 40):.0f} bytes, with its indexes")
    client.post(dataset.pk, "session/clear/")


def _processor_seconds(stat: Path) -> float:
    fields = stat.read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


if __name__ == "__main__":
    main()
