"""The modules that need no page, tested by Node's own test runner."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

FOLDER = Path(__file__).parent
SUITES = sorted(FOLDER.glob("*.test.js"))


@pytest.mark.parametrize("suite", SUITES, ids=lambda suite: suite.name)
def test_passes(suite: Path, node: str) -> None:
    command = [node, "--import", FOLDER / "older_node.js", "--test", suite]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)

    assert ended.returncode == 0, ended.stdout + ended.stderr
