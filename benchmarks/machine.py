"""The machine that is measured on."""

from __future__ import annotations

import os
import platform
from dataclasses import dataclass
from pathlib import Path

from django.db import connection


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """The facts without which figures mean nothing. `load` is the load average before a run."""

    cores: int
    processor: str
    memory_gb: int
    postgres: str
    python: str
    load: float


def this_machine() -> Machine:
    """Return the facts of this machine and of the database in use."""
    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version")
        [postgres] = cursor.fetchone()
    pages = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return Machine(
        cores=len(os.sched_getaffinity(0)),
        processor=_processor(),
        memory_gb=round(pages / 2**30),
        postgres=postgres.split()[0],
        python=platform.python_version(),
        load=os.getloadavg()[0],
    )


def _processor() -> str:
    try:
        described = Path("/proc/cpuinfo").read_text()
    except OSError:
        return platform.processor() or platform.machine()
    models = [line.partition(":")[2] for line in described.splitlines() if "model name" in line]
    return models[0].strip() if models else platform.machine()
