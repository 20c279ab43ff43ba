"""One rehearsal: a session is made and worked in, something strikes, and it is brought back."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from django.contrib.auth.models import AbstractBaseUser

from data_tools import datasets
from data_tools.filtering import PageSpec
from data_tools.ingest import load_file
from data_tools.models import DataSource
from data_tools.services import session_service
from session_events import snapshots
from session_events.events import Operation
from session_events.exceptions import RecoveryImpossible
from session_events.heads import StreamHead, latest_head
from session_events.loading import forget_all, replay_all, replay_from_snapshot
from session_events.recording import Command
from session_events.recovery import Assessment, Strategy
from session_events.recovery_ways import Recovery, RecoveryRequest

_PAGE = PageSpec(page_number=1, page_size=10)
_CSV = "id,carrier,delay\n1,UA,2.5\n2,AA,\n3,DL,-1.0\n4,,33.25\n"
# What is done in every session, in order; then the last is undone and redone.
_WORK: tuple[tuple[str, dict[str, object]], ...] = (
    ("rename_column", {"old_name": "delay", "new_name": "minutes late"}),
    ("fill_missing_values", {"columns": ["minutes late"], "strategy": "median"}),
    ("rename_column", {"old_name": "carrier", "new_name": "airline"}),
    ("change_column_type", {"column_name": "minutes late", "new_type": "string"}),
    ("column_operation_duplicate", {"columns": ["id"]}),
    ("rename_column", {"old_name": "airline", "new_name": "company"}),
)


@dataclass(slots=True)
class Rehearsal:
    """A dataset of the drill's own with one session; `acknowledged` are its operations.

    `struck_at` is the first event that cannot be trusted any more, null where the log is whole.
    """

    user: AbstractBaseUser
    datasource_id: uuid.UUID
    acknowledged: tuple[Operation, ...] = ()
    struck_at: int | None = None

    @property
    def command(self) -> Command:
        return Command(actor_id=self.user.pk, client_kind="recovery_drill")

    @property
    def head(self) -> StreamHead:
        head = latest_head(user_id=self.user.pk, dataset_id=self.datasource_id)
        assert head is not None, "the rehearsal has no session"
        return head

    def set_status(self, status: DataSource.Status) -> None:
        DataSource.objects.filter(pk=self.datasource_id).update(status=status)

    def delete_dataset(self) -> None:
        datasets.delete(owner=self.user, datasource_id=self.datasource_id)

    def assess(self) -> Assessment:
        """The verdict of a server that has just started: it remembers no state."""
        forget_all()
        return session_service.validate(
            user_id=self.user.pk, datasource_id=self.datasource_id
        ).assessment

    def recover(self) -> Recovery:
        forget_all()
        recovered = session_service.recover(
            user_id=self.user.pk,
            datasource_id=self.datasource_id,
            request=RecoveryRequest(strategy=Strategy.AUTO),
            page=_PAGE,
            command=self.command,
        )
        return recovered.recovery

    def operations_in_log(self) -> tuple[Operation, ...]:
        """The operations that the log still proves, recoverable now or not."""
        head = latest_head(user_id=self.user.pk, dataset_id=self.datasource_id)
        return () if head is None else replay_from_snapshot(head).replay.state.operations


@dataclass(slots=True, kw_only=True)
class Outcome:
    """What became of one rehearsal. `lost` operations are nowhere: not brought back, not named as
    given up, not in the log. `complaint` says what was not as documented, "" when all was."""

    acknowledged: int
    brought_back: int = 0
    given_up: int = 0
    in_log: int = 0
    lost: int = 0
    recovery_ms: float | None = None
    complaint: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """One row of the decision table, as docs/recovery.md has it.

    `strike` makes it happen; null where nothing is even started. `heal` takes the cause away again,
    for a situation that only asks for patience: then everything must come back.
    """

    name: str
    suggested_action: str
    reason: str
    strike: Callable[[Rehearsal], None] | None
    recovery_possible: bool = True
    heal: Callable[[Rehearsal], None] | None = field(default=None)


def begin(user: AbstractBaseUser, directory: Path) -> Rehearsal:
    """Load a small dataset. Must not be called in a transaction."""
    path = directory / "recovery-drill.csv"
    path.write_text(_CSV)
    datasource = load_file(path, owner=user, name="recovery drill")
    assert datasource.status == DataSource.Status.READY, datasource.error_reason
    return Rehearsal(user, datasource.pk)


def work(rehearsal: Rehearsal) -> None:
    """Open a session and do something in it; a snapshot is taken half-way."""
    who = {"user_id": rehearsal.user.pk, "datasource_id": rehearsal.datasource_id}
    command = rehearsal.command
    session_service.initialize(**who, page=_PAGE, command=command)
    for step, (name, parameters) in enumerate(_WORK, start=1):
        session_service.apply_operation(
            **who, name=name, parameters=parameters, page=_PAGE, command=command
        )
        if step == len(_WORK) // 2:
            head = rehearsal.head
            snapshots.take(replay_all(head), stream_id=head.stream_id)
    session_service.undo(**who, page=_PAGE, command=command)
    data = session_service.redo(**who, page=_PAGE, command=command)
    assert data.session is not None
    rehearsal.acknowledged = data.session.state.operations


def rehearse(situation: Situation, rehearsal: Rehearsal) -> Outcome:
    """Let it happen, ask for the verdict, recover, and count."""
    if situation.strike is not None:
        work(rehearsal)
        situation.strike(rehearsal)
    outcome = Outcome(acknowledged=len(rehearsal.acknowledged))
    outcome.complaint = _complaint(rehearsal.assess(), situation)
    recovery = _recovered(rehearsal, situation, outcome)
    if situation.heal is not None:
        situation.heal(rehearsal)
        recovery = _recovered(rehearsal, None, outcome)
    brought_back = () if recovery is None else recovery.session.state.operations
    named = () if recovery is None else recovery.given_up
    given_up = {item.sequence for item in named}
    in_log = rehearsal.operations_in_log()
    for operation in rehearsal.acknowledged:
        if operation in brought_back:
            outcome.brought_back += 1
        elif operation.sequence in given_up:
            outcome.given_up += 1
        elif operation in in_log:
            outcome.in_log += 1
        else:
            outcome.lost += 1
    before = [o for o in rehearsal.acknowledged if o.sequence < (rehearsal.struck_at or 2**63)]
    if recovery is not None and outcome.brought_back < len(before):
        outcome.complaint = outcome.complaint or "less came back than stands before the damage"
    return outcome


def _complaint(assessment: Assessment, situation: Situation) -> str:
    action = assessment.suggested_action.value
    reasons = [reason.code for reason in assessment.reasons]
    if action != situation.suggested_action:
        return f"suggested {action}, documented is {situation.suggested_action}"
    if situation.reason not in reasons:
        return f"the reasons are {reasons}, documented is {situation.reason}"
    if assessment.recovery_possible is not situation.recovery_possible:
        return f"recovery_possible is {assessment.recovery_possible}"
    return ""


def _recovered(
    rehearsal: Rehearsal, situation: Situation | None, outcome: Outcome
) -> Recovery | None:
    """Recover, or be refused where `situation` says so."""
    must_be_possible = situation is None or situation.recovery_possible
    began = time.perf_counter()
    try:
        recovery = rehearsal.recover()
    except RecoveryImpossible as error:
        if must_be_possible:
            outcome.complaint = outcome.complaint or f"recovery was refused: {error}"
        return None
    if must_be_possible:
        outcome.recovery_ms = (time.perf_counter() - began) * 1000
    else:
        outcome.complaint = outcome.complaint or "recovery was not refused"
    return recovery
