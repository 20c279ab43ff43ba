"""What docs/security.md says of a threat is held by tests that exist, and leaves no attack out."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from tests.attacks.catalogue import ATTACKS
from tests.support.documents import ROOT

TEXT = (ROOT / "docs" / "security.md").read_text()
THREATS = TEXT.partition("## The register of addresses")[0]
FILES = {path.name: path for path in (ROOT / "tests").rglob("test_*.py")}
ATTACK = re.compile(r"`([A-Z][a-z]+(?:[A-Z][a-z]+)+|Guessing)`")
SETTING = re.compile(r"`([A-Z]+_[A-Z_]+)`")


def lines() -> list[list[str]]:
    """Return the cells of every threat."""
    rows = [line.strip("| ").split(" | ") for line in THREATS.splitlines() if line.startswith("| ")]
    return [cells for cells in rows if cells[0] not in ("wants", "part") and set(cells[0]) != {"-"}]


def named_tests(path: Path) -> set[str]:
    tree = ast.parse(path.read_text())
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


def test_every_threat_says_who_how_what_holds_it_and_what_shows_that() -> None:
    assert len(lines()) > 30
    for cells in lines():
        assert len(cells) == 4, cells
        assert ATTACK.search(cells[3]) or "::test_" in cells[3], cells


@pytest.mark.parametrize(("file", "name"), re.findall(r"`(test_\w+\.py)::(\w+)`", TEXT))
def test_every_test_that_is_named_is_there(file: str, name: str) -> None:
    assert name in named_tests(FILES[file])


def test_every_attack_is_named_and_no_other() -> None:
    assert {*ATTACK.findall(THREATS)} == {*ATTACKS}


def test_every_setting_that_is_named_is_documented() -> None:
    documented = {*SETTING.findall((ROOT / "docs" / "settings.md").read_text())}

    assert {*SETTING.findall(TEXT)} - documented == set()
