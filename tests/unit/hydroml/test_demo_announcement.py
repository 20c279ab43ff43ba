"""What the demo says once it serves."""

from __future__ import annotations

import subprocess

import pytest

from hydroml.demo_announcement import announcement, commands

ADDRESS = "http://127.0.0.1:8123"


def test_the_first_line_says_where_it_serves() -> None:
    assert announcement(ADDRESS, "some-id").splitlines()[0] == "ready http://127.0.0.1:8123/"


@pytest.mark.parametrize("shell", ["sh", "bash"])
def test_every_command_is_one_that_a_shell_understands(shell: str) -> None:
    for purpose, command in commands(ADDRESS, "some-id"):
        done = subprocess.run([shell, "-n", "-c", command], capture_output=True, check=False)

        assert done.returncode == 0, purpose
