"""The commands of the runbook find lines in a log that holds more than lines."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import subprocess
from typing import Any

import pytest

from tests.conftest import part_is_missing
from tests.support.documents import ROOT

RUNBOOK = (ROOT / "docs" / "runbook.md").read_text()
COMMANDS = re.findall(r"`(jq [^`]*)`", RUNBOOK) + re.findall(r"^    .*\| (jq .*)$", RUNBOOK, re.M)
NO_LINES = (
    "Started hydroml-worker.service - HydroML session service: worker.",
    "",
    " -------------- celery@host v5.5.3 (immunity)",
    "- *** --- * --- [config]",
    ".> transport:   redis://127.0.0.1:6379/0",
    "[tasks]",
)


def line(**fields: Any) -> str:
    usual = {"message": "request", "status": 200, "trace_id": "bf3b8cdd99eb984313000382688b34bb"}
    return json.dumps(usual | fields)


LINES = (
    line(message="slow request", response_bytes=6_000_000, user_id=7),
    line(status=503, error_code="DATABASE_UNAVAILABLE"),
    line(status=429, error_code="TOO_MUCH_AT_ONCE"),
    line(status=None, task="session_events.tasks.verify_snapshots", outcome="failed"),
)


def found(command: str, *lines: str) -> str:
    """Return what the command prints of these lines, which stand among what is none."""
    if shutil.which("jq") is None:
        part_is_missing("jq: there is no program `jq`")
    done = subprocess.run(
        shlex.split(command),
        input="\n".join([*NO_LINES, *lines, *NO_LINES]),
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_passes_over_what_is_no_line_and_finds_what_it_is_for(command: str) -> None:
    assert found(command, *LINES)


def test_there_are_commands() -> None:
    assert len(COMMANDS) > 5


def test_what_failed_is_found_and_clients_that_left_are_not() -> None:
    [command] = [each for each in COMMANDS if "error_code" in each]

    shown = found(
        command,
        line(status=500, route="failed"),
        line(status=500, route="left", is_client_gone=True),
        line(is_cut_off=True, route="broke off", error_code="INTERNAL_ERROR"),
        line(is_cut_off=True, route="not read"),
    )

    assert re.findall(r'"route": "(.*)"', shown) == ["failed", "broke off"]
