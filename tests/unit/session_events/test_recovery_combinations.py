"""The decision table in every combination: the first true line of docs/recovery.md wins.

The lines are repeated here, in their order, so that a change of the code alone is noticed.
"""

from __future__ import annotations

import datetime as dt
import functools
import itertools
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from msgspec import structs

from session_events.events import SessionCleared, SessionExpired, SessionPaused, SessionSaved
from session_events.lifetime import RecoveryPolicy
from session_events.recovery.decision import Evidence, assess
from session_events.recovery.source_changes import SourceChange
from session_events.recovery.verdicts import Action, Assessment, Source
from session_events.replay import Defect, DefectKind, Replay, replay
from tests.unit.session_events.streams import (
    STREAM_ID,
    at_minute,
    looked_at,
    renamed,
    sealed,
    started,
)

POLICY = RecoveryPolicy(
    inactivity_timeout=dt.timedelta(minutes=240), retention=dt.timedelta(days=30)
)
SECOND = dt.timedelta(seconds=1)
LAST = at_minute(2)
EXPIRY = LAST + POLICY.inactivity_timeout
NEW = "e" * 64

STATUSES = {
    "active": looked_at(2),
    "paused": SessionPaused(),
    "expired": SessionExpired(since=EXPIRY),
    "cleared": SessionCleared(reason="user", replaced_by=None),
    "saved": SessionSaved(new_dataset_id=STREAM_ID),
}
# When the retention of each status ends. Of a log with a defect it counts from the last append.
RETAINED_UNTIL = {
    status: (EXPIRY if status in ("active", "expired") else LAST) + POLICY.retention
    for status in STATUSES
}
FITS = SourceChange(fingerprint=NEW, operations_that_fit=1)
MISSING = SourceChange(fingerprint=NEW, operations_that_fit=0, columns_missing=("delay",))
CHANGES = {
    "none": None,
    "fits": FITS,
    "fits, old rows gone": replace(FITS, has_old_rows=False),
    "misses": MISSING,
    "misses, old rows gone": replace(MISSING, has_old_rows=False),
    "declined": FITS,
    "declined, old rows gone": replace(FITS, has_old_rows=False),
}


@dataclass(frozen=True, kw_only=True)
class Scenario:
    """One combination. `defect_at` is null for a whole log; the log's versions are 1, 2 and 3."""

    status: str
    defect: DefectKind | None
    defect_at: int | None
    source: Source
    change: str  # a key of CHANGES
    has_unknown_operation: bool
    known_version: int | None
    now: dt.datetime

    @property
    def status_now(self) -> str:
        return "expired" if self.status == "active" and self.now >= EXPIRY else self.status

    @property
    def retained_until(self) -> dt.datetime:
        return RETAINED_UNTIL[self.status] if self.defect is None else LAST + POLICY.retention

    @property
    def is_damaged(self) -> bool:
        return self.defect in (
            DefectKind.GAP,
            DefectKind.HASH_MISMATCH,
            DefectKind.UNDECODABLE,
        )

    @property
    def replayed(self) -> Replay:
        replayed = log_of(self.status) if self.defect_at != 1 else EMPTY
        if self.change.startswith("declined"):
            state = structs.replace(replayed.state, declined_fingerprint=NEW)
            replayed = replace(replayed, state=state)
        if self.defect is None:
            return replayed
        return replace(replayed, defect=Defect(sequence=self.defect_at or 4, kind=self.defect))

    @property
    def assessment(self) -> Assessment:
        replayed = self.replayed
        operations = replayed.state.operations
        evidence = Evidence(
            replayed=replayed,
            source=self.source,
            change=CHANGES[self.change],
            known_version=self.known_version,
            last_append_at=LAST,
            unknown_operation=operations[0] if self.has_unknown_operation and operations else None,
        )
        return assess(evidence, now=self.now, policy=POLICY)


@functools.cache
def log_of(status: str) -> Replay:
    return replay(sealed([started(), renamed("a"), STATUSES[status]]), stream_id=STREAM_ID)


EMPTY = replay([], stream_id=STREAM_ID)
Verdict = tuple[bool, bool, str, list[str]]


def no(action: str, *codes: str) -> Verdict:
    return False, False, action, list(codes)


def recoverable(action: str, *codes: str) -> Verdict:
    return False, True, action, list(codes)


CHANGE_CODES = {
    "fits": ["source_changed"],
    "fits, old rows gone": ["source_changed", "source_rows_gone"],
    "misses": ["source_columns_missing"],
    "misses, old rows gone": ["source_columns_missing", "source_rows_gone"],
    "declined, old rows gone": ["source_changed", "source_rows_gone"],
}
OWN_ACTION = {
    "paused": "resume",
    "expired": "recover",
    "cleared": "start_new",
    "saved": "start_new",
}
# The lines of docs/recovery.md after "never started", in order.
LINES: list[tuple[Callable[[Scenario], bool], Callable[[Scenario], Verdict]]] = [
    (lambda s: s.now >= s.retained_until, lambda s: no("initialize", "past_retention")),
    (lambda s: s.source is Source.DELETED, lambda s: no("start_new", "source_deleted")),
    (
        lambda s: s.defect is not None and not s.is_damaged,
        lambda s: no("retry_later", str(s.defect)),
    ),
    (
        lambda s: s.has_unknown_operation and s.defect_at != 1,
        lambda s: no("retry_later", "unknown_operation"),
    ),
    (lambda s: s.source is Source.FAILED, lambda s: no("start_new", "source_failed")),
    (
        lambda s: s.source is Source.NOT_READY,
        lambda s: no("retry_later", "source_not_ready"),
    ),
    (
        lambda s: s.is_damaged and s.defect_at == 1,
        lambda s: no("start_new", f"log_damaged_{s.defect}"),
    ),
    (
        lambda s: s.is_damaged and s.change in CHANGE_CODES,
        lambda s: recoverable(
            "recover_partial", f"log_damaged_{s.defect}", *CHANGE_CODES[s.change]
        ),
    ),
    (
        lambda s: s.is_damaged,
        lambda s: recoverable("recover_partial", f"log_damaged_{s.defect}"),
    ),
    (
        lambda s: s.change in CHANGE_CODES and s.status_now in ("cleared", "saved"),
        lambda s: recoverable("start_new", s.status_now, *CHANGE_CODES[s.change]),
    ),
    (
        lambda s: s.change in CHANGE_CODES,
        lambda s: recoverable(
            "recover_partial" if "misses" in s.change else "review_changes",
            *CHANGE_CODES[s.change],
            *out_of_step(s),
        ),
    ),
    (
        lambda s: s.status_now == "active",
        lambda s: (
            True,
            True,
            "reload" if out_of_step(s) else "continue",
            [*(out_of_step(s) or ["active"]), *declined(s)],
        ),
    ),
    (lambda s: True, lambda s: recoverable(OWN_ACTION[s.status_now], s.status_now, *declined(s))),
]


def out_of_step(scenario: Scenario) -> list[str]:
    if scenario.status_now != "active":
        return []
    return {1: ["client_behind"], 9: ["client_ahead"]}.get(scenario.known_version or 0, [])


def declined(scenario: Scenario) -> list[str]:
    return ["source_change_declined"] if scenario.change == "declined" else []


def expected(scenario: Scenario) -> Verdict:
    return next(verdict(scenario) for applies, verdict in LINES if applies(scenario))


def verdict_of(assessment: Assessment) -> Verdict:
    return (
        assessment.session_valid,
        assessment.recovery_possible,
        assessment.suggested_action.value,
        [reason.code for reason in assessment.reasons],
    )


def all_situations() -> Iterator[Scenario]:
    defects = [(None, None), *((kind, 4) for kind in DefectKind), (DefectKind.GAP, 1)]
    for status, (defect, at), source, change, unknown, known in itertools.product(
        STATUSES,
        defects,
        Source,
        CHANGES,
        (False, True),
        (None, 1, 3, 9),
    ):
        if status == "expired" and known is not None:
            continue  # like any session that is not active
        case = Scenario(
            status=status,
            defect=defect,
            defect_at=at,
            source=source,
            change=change,
            has_unknown_operation=unknown,
            known_version=known,
            now=LAST,
        )
        for boundary in (EXPIRY, case.retained_until):
            for now in (boundary - SECOND, boundary, boundary + SECOND):
                yield replace(case, now=now)


Judged = list[tuple[Scenario, Assessment]]


@pytest.fixture(scope="module")
def judged() -> Judged:
    return [(scenario, scenario.assessment) for scenario in all_situations()]


def test_the_first_line_that_is_true_decides_in_every_combination(judged: Judged) -> None:
    assert len(judged) > 10_000
    for scenario, assessment in judged:
        assert verdict_of(assessment) == expected(scenario), scenario


def test_every_line_is_reached_and_every_action_is_suggested(judged: Judged) -> None:
    reached = {
        next(number for number, (applies, _) in enumerate(LINES) if applies(scenario))
        for scenario, _ in judged
    }

    assert reached == set(range(len(LINES)))
    assert {assessment.suggested_action for _, assessment in judged} == set(Action)


def test_an_impossible_recovery_offers_nothing_but_a_new_start(judged: Judged) -> None:
    for scenario, assessment in judged:
        strategies = {option.strategy.value for option in assessment.options}
        if assessment.recovery_possible:
            assert {"start_new"} < strategies, scenario
        else:
            assert strategies <= {"start_new"}, scenario


@pytest.fixture(scope="module")
def documented() -> set[str]:
    """Return the codes in the last column of the decision table."""
    page = (Path(__file__).parents[3] / "docs" / "recovery.md").read_text()
    table = page.partition("## The decision")[2].partition("\n## ")[0]
    rows = [line.split("|") for line in table.splitlines() if line.startswith("| ")]
    return {code for row in rows for code in re.findall(r"`([a-z_]+)`", row[-2])}


def test_the_documented_reasons_are_those_that_are_given(
    judged: Judged, documented: set[str]
) -> None:
    given = {reason.code for _, assessment in judged for reason in assessment.reasons}

    assert documented - {"reason"} == given | {"never_started", "snapshot_damaged"}
