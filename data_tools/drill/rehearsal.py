"""One rehearsal: a session is made and worked in, something strikes, and it is brought back."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from django.contrib.auth.models import AbstractBaseUser

from data_tools.filtering import PageSpec
from data_tools.ingest import load_file, load_file_again
from data_tools.models import DataRow, DataSource, RowList
from data_tools.services import dataset_service, recovery_service, session_service
from data_tools.services.session_request import SessionRequest, ShownRows
from data_tools.services.session_service import SessionCommand
from session_events import snapshots
from session_events.envelope import decode
from session_events.events import Operation, OperationApplied
from session_events.exceptions import RecoveryImpossible
from session_events.heads import StreamHead, latest_head
from session_events.inspection.event_report import event_report
from session_events.loading import forget_all, replay_all, replay_from_snapshot
from session_events.recording import Command
from session_events.recovery.actions import Recovery, RecoveryRequest
from session_events.recovery.decision import Assessment, Strategy

_PAGE = PageSpec(page_number=1, page_size=10)
CSV = "id,carrier,delay\n1,UA,2.5\n2,AA,\n3,DL,-1.0\n4,,33.25\n"
# What it is replaced by: other values, and columns in another order; or without one that is needed.
FITTING_CSV = "delay,carrier,id,origin\n10.5,WN,5,JFK\n,WN,6,LGA\n4.0,,7,EWR\n"
CSV_WITHOUT_CARRIER = "id,delay\n5,10.5\n6,\n7,4.0\n"
# What is done in every session, in order; then the last is undone and redone.
_WORK: tuple[tuple[str, dict[str, object]], ...] = (
    ("rename_column", {"old_name": "delay", "new_name": "minutes late"}),
    ("fill_missing_values", {"columns": ["minutes late"], "strategy": "median"}),
    ("rename_column", {"old_name": "carrier", "new_name": "airline"}),
    ("change_column_type", {"column_name": "minutes late", "new_type": "string"}),
    ("drop_missing_rows", {"columns": ["airline"]}),
    ("rename_column", {"old_name": "airline", "new_name": "company"}),
)


@dataclass(slots=True)
class Rehearsal:
    """A dataset of the drill's own with one session; `acknowledged` are its operations.

    `struck_at` is the first event that cannot be trusted any more, null where the log is whole.
    """

    user: AbstractBaseUser
    datasource_id: uuid.UUID
    directory: Path
    acknowledged: tuple[Operation, ...] = ()
    struck_at: int | None = None

    @property
    def request(self) -> SessionRequest:
        return SessionRequest(
            datasource_id=self.datasource_id,
            command=Command(actor_id=self.user.pk, client_kind="recovery_drill"),
            rows=ShownRows(page=_PAGE),
        )

    @property
    def head(self) -> StreamHead:
        head = latest_head(user_id=self.user.pk, dataset_id=self.datasource_id)
        assert head is not None, "the rehearsal has no session"
        return head

    def set_dataset(self, status: DataSource.Status, *, revision: int = 1) -> None:
        DataSource.objects.filter(pk=self.datasource_id).update(status=status, revision=revision)

    def remove_first_rows(self) -> None:
        DataRow.objects.filter(dataset_id=self.datasource_id, revision=1).delete()

    def upload_again(self, content: str) -> None:
        path = self.directory / "recovery-drill.csv"
        path.write_text(content)
        datasource = load_file_again(path, datasource_id=self.datasource_id)
        assert datasource.reupload_failure is None, datasource.reupload_failure

    def delete_dataset(self) -> None:
        dataset_service.delete(owner=self.user, datasource_id=self.datasource_id)

    def assess(self, *, known_version: int | None) -> Assessment:
        """The verdict of a server that has just started: it remembers no state."""
        forget_all()
        return recovery_service.validate(
            user_id=self.user.pk, datasource_id=self.datasource_id, known_version=known_version
        ).assessment

    def recover(self, strategy: Strategy) -> recovery_service.Recovered:
        """Recover without a remembered state or list of rows, and read a page."""
        forget_all()
        RowList.objects.filter(dataset_id=self.datasource_id).delete()
        return recovery_service.recover(self.request, recovery=RecoveryRequest(strategy=strategy))

    def operations_in_log(self) -> tuple[Operation, ...]:
        """The operations that the log still proves, recoverable now or not."""
        head = latest_head(user_id=self.user.pk, dataset_id=self.datasource_id)
        return () if head is None else replay_from_snapshot(head).replay.state.operations

    def stands_in_log(self, operation: Operation) -> bool:
        """Tell whether the operation's own event can still be read, though nothing proves it."""
        head = latest_head(user_id=self.user.pk, dataset_id=self.datasource_id)
        if head is None:
            return False
        found = event_report(head.stream_id, operation.sequence)
        event = None if found is None else decode(found.stored).event
        return isinstance(event, OperationApplied) and _asked(event) == _asked(operation)


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
class Scenario:
    """One row of the decision table, as docs/recovery.md has it.

    `fault` makes it happen; null where nothing is even started. `heal` takes the cause away again,
    for a situation that only asks for patience: then everything must come back. `rebases` is true
    where operations come back fitted to other rows, and so are other events with other values.
    """

    name: str
    suggested_action: str
    reason: str
    fault: Callable[[Rehearsal], None] | None
    recovery_possible: bool = True
    strategy: Strategy = Strategy.AUTO
    rebases: bool = False
    known_version: int | None = None
    heal: Callable[[Rehearsal], None] | None = field(default=None)


def begin(user: AbstractBaseUser, directory: Path) -> Rehearsal:
    """Load a small dataset. Must not be called in a transaction."""
    path = directory / "recovery-drill.csv"
    path.write_text(CSV)
    datasource = load_file(path, owner=user, name="recovery drill")
    assert datasource.status == DataSource.Status.READY, datasource.error_reason
    return Rehearsal(user, datasource.pk, directory)


def work(rehearsal: Rehearsal) -> None:
    """Open a session and do something in it; a snapshot is taken half-way."""
    request = rehearsal.request
    session_service.initialize(request)
    for step, (name, parameters) in enumerate(_WORK, start=1):
        session_service.apply_operation(request, name=name, parameters=parameters)
        if step == len(_WORK) // 2:
            head = rehearsal.head
            snapshots.take(replay_all(head), stream_id=head.stream_id)
    session_service.run_command(SessionCommand.UNDO, request)
    data = session_service.run_command(SessionCommand.REDO, request)
    assert data.session is not None
    rehearsal.acknowledged = data.session.state.operations


def rehearse(scenario: Scenario, rehearsal: Rehearsal) -> Outcome:
    """Let it happen, ask for the verdict, recover, and count."""
    if scenario.fault is not None:
        work(rehearsal)
        scenario.fault(rehearsal)
    outcome = Outcome(acknowledged=len(rehearsal.acknowledged))
    outcome.complaint = _complaint(rehearsal.assess(known_version=scenario.known_version), scenario)
    recovery = _recovered(rehearsal, scenario, outcome)
    if scenario.heal is not None:
        scenario.heal(rehearsal)
        recovery = _recovered(rehearsal, None, outcome)
    brought_back = () if recovery is None else recovery.session.state.operations
    named = () if recovery is None else recovery.given_up
    given_up = {item.sequence for item in named}
    in_log = rehearsal.operations_in_log()
    for place, operation in enumerate(rehearsal.acknowledged):
        came_back = operation in brought_back
        if scenario.rebases:
            came_back = [_asked(one) for one in brought_back[place : place + 1]] == [
                _asked(operation)
            ]
        if came_back:
            outcome.brought_back += 1
        elif operation.sequence in given_up:
            outcome.given_up += 1
        elif operation in in_log or rehearsal.stands_in_log(operation):
            outcome.in_log += 1
        else:
            outcome.lost += 1
    if scenario.rebases and any(operation in brought_back for operation in rehearsal.acknowledged):
        outcome.complaint = outcome.complaint or "an operation was not fitted to the new rows"
    before = [
        operation
        for operation in rehearsal.acknowledged
        if operation.sequence < (rehearsal.struck_at or 2**63)
        and operation.sequence not in given_up
    ]
    if recovery is not None and outcome.brought_back < len(before):
        outcome.complaint = outcome.complaint or "less came back than stands before the damage"
    return outcome


def _asked(operation: Operation | OperationApplied) -> tuple[str, dict[str, object]]:
    return operation.operation, operation.parameters


def _complaint(assessment: Assessment, scenario: Scenario) -> str:
    action = assessment.suggested_action.value
    reasons = [reason.code for reason in assessment.reasons]
    if action != scenario.suggested_action:
        return f"suggested {action}, documented is {scenario.suggested_action}"
    if scenario.reason not in reasons:
        return f"the reasons are {reasons}, documented is {scenario.reason}"
    if assessment.recovery_possible is not scenario.recovery_possible:
        return f"recovery_possible is {assessment.recovery_possible}"
    return ""


def _recovered(
    rehearsal: Rehearsal, scenario: Scenario | None, outcome: Outcome
) -> Recovery | None:
    """Recover, or be refused where `scenario` says so."""
    must_be_possible = scenario is None or scenario.recovery_possible
    strategy = Strategy.AUTO if scenario is None else scenario.strategy
    began = time.perf_counter()
    try:
        recovered = rehearsal.recover(strategy)
    except RecoveryImpossible as error:
        if must_be_possible:
            outcome.complaint = outcome.complaint or f"recovery was refused: {error}"
        return None
    if must_be_possible:
        outcome.recovery_ms = (time.perf_counter() - began) * 1000
    else:
        outcome.complaint = outcome.complaint or "recovery was not refused"
    page = recovered.data.page
    if recovered.data.page_error or len(page.rows) != page.total_rows:
        outcome.complaint = outcome.complaint or "the rows could not be read"
    return recovered.recovery
