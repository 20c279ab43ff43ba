"""The log lines of a server or worker that writes them as JSON, and those of this process."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from data_tools.observing.log_formats import fields_of
from tests.support.documents import ROOT

Line = dict[str, Any]
REQUEST, JOB = "hydroml.request", "hydroml.job"


def lines_of(text: str) -> list[Line]:
    """Return each line that is a JSON object; a worker's banner, for one, is none."""
    return [json.loads(line) for line in text.splitlines() if line.startswith('{"time"')]


def lines_in(log: Path, logger: str | None = None) -> list[Line]:
    lines = lines_of(log.read_text())
    return [line for line in lines if logger in (None, line["logger"])]


@contextmanager
def logged_requests(caplog: pytest.LogCaptureFixture) -> Iterator[list[Line]]:
    """Collect the lines of the requests that this process answers in the block."""
    lines: list[Line] = []
    with caplog.at_level("INFO", REQUEST):
        caplog.clear()
        yield lines
    lines += [
        {"level": record.levelname, "message": record.message, **fields_of(record)}
        for record in caplog.records
        if record.name == REQUEST
    ]


def documented_fields(of: str) -> set[str]:
    """Return the fields that the operations guide explains of a `request` or a `job`."""
    text = (ROOT / "docs" / "operations-guide.md").read_text()
    table = text.partition(f"| field of a {of} | what it is |\n")[2].partition("\n\n")[0]
    named = [row.split("|")[1] for row in table.splitlines() if row.startswith("| `")]
    return {name for cell in named for name in re.findall(r"`(\w+)`", cell)}
