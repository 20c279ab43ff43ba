"""The decision table of docs/recovery.md as scenarios: the rows of `scenarios.csv`.

A database that is down is not among them: the drill runs on a service that works. The columns:

| column | what it holds |
| --- | --- |
| faults | functions of `faults`, done in order; empty: no session is ever started |
| suggested_action, reason | what `validate` has to answer |
| recovery | operations come back `exact`, or `rebased` onto other rows; or recovery is `refused` |
| strategy | how recovery is asked for |
| heal | the function of `faults` that removes the cause; everything must come back then |
| known_version | the version that the client claims to have seen |
"""

from __future__ import annotations

import csv
from importlib.resources import files

from data_tools.drill import faults
from data_tools.drill.rehearsal import Scenario
from session_events.recovery.verdicts import Strategy


def _scenario(row: dict[str, str]) -> Scenario:
    return Scenario(
        name=row["scenario"],
        suggested_action=row["suggested_action"],
        reason=row["reason"],
        faults=tuple(getattr(faults, name) for name in row["faults"].split()),
        recovery_possible=row["recovery"] != "refused",
        rebases=row["recovery"] == "rebased",
        strategy=Strategy(row["strategy"]),
        heal=getattr(faults, row["heal"]) if row["heal"] else None,
        known_version=int(row["known_version"]) if row["known_version"] else None,
    )


_TABLE = files("data_tools.drill") / "scenarios.csv"
SCENARIOS = tuple(map(_scenario, csv.DictReader(_TABLE.read_text().splitlines())))
