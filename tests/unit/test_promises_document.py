"""What docs/promises.md says is kept is shown by tests that exist."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from tests.support.documents import ROOT

TEXT = (ROOT / "docs" / "promises.md").read_text()
NAMED = sorted(set(re.findall(r"`(test_\w+\.py)::(\w+)`", TEXT)))


def lines() -> list[list[str]]:
    """Return the cells of every promise."""
    rows = [line.strip("| ").split(" | ") for line in TEXT.splitlines() if line.startswith("| ")]
    return [cells for cells in rows if cells[0] != "asked for" and set(cells[0]) != {"-"}]


def functions_in(file: str) -> set[str]:
    """Return the names of the functions in the files of that name."""
    paths: list[Path] = [*(ROOT / "tests").rglob(file)]
    trees = [ast.parse(path.read_text()) for path in paths]
    return {node.name for t in trees for node in ast.walk(t) if isinstance(node, ast.FunctionDef)}


def test_every_promise_says_how_far_it_is_kept_and_what_shows_that() -> None:
    assert len(lines()) > 20
    for cells in lines():
        assert len(cells) == 3, cells
        assert re.match(r"yes|in part: ", cells[1]), cells
        assert "::test_" in cells[2], cells


@pytest.mark.parametrize(("file", "name"), NAMED)
def test_every_test_that_is_named_is_there(file: str, name: str) -> None:
    assert name in functions_in(file)
