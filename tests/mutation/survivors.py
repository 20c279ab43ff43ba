"""Compare the survivors of a mutation run with the ones that are explained."""

from __future__ import annotations

import tomllib
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

EXPLAINED = Path(__file__).with_name("survivors.toml")


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Survivor:
    """A mutant that no test killed: its function, and the lines removed and added."""

    function: str
    change: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """`unexplained` mutants survived, `stale` ones are explained but did not survive."""

    unexplained: tuple[Survivor, ...]
    stale: tuple[Survivor, ...]

    @property
    def is_clean(self) -> bool:
        return not self.unexplained and not self.stale


def compare(survived: list[Survivor], explained: list[Survivor]) -> Comparison:
    """Compare survivors with the explained ones, counting equal ones one by one."""
    present, known = Counter(survived), Counter(explained)
    return Comparison(
        unexplained=tuple(sorted((present - known).elements())),
        stale=tuple(sorted((known - present).elements())),
    )


def read_explained(path: Path = EXPLAINED) -> list[Survivor]:
    """Return the explained survivors.

    Raises:
        ValueError: an entry gives no reason.
    """
    entries: list[dict[str, Any]] = tomllib.loads(path.read_text())["survivors"]
    for entry in entries:
        if not entry.get("why", "").strip():
            raise ValueError(f"{entry['function']} survives and nobody says why")
    return [
        Survivor(function=entry["function"], change=entry["change"].strip("\n"))
        for entry in entries
    ]


def survivor(mutant: str, diff: str) -> Survivor:
    """Return the mutant of that name and diff, without the numbers of lines and mutants."""
    lines = [line for line in diff.splitlines() if line[:1] in ("-", "+")]
    changed = [line for line in lines if not line.startswith(("--- ", "+++ "))]
    return Survivor(function=mutant.rpartition("__mutmut_")[0], change="\n".join(changed))
