"""One rehearsal: make a session, work in it, let a fault happen, and recover it."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from django.contrib.auth.models import AbstractBaseUser

from data_tools.filtering import PageSpec
from data_tools.ingest import load_file, load_file_again
from data_tools.models import DataSource, RowList
from data_tools.row_tables.removing import remove_some
from data_tools.services import dataset_service, recovery_service, session_service
from data_tools.services.session_request import SessionRequest, ShownRows
from session_events import services, snapshots
from session_events.envelope import decode
from session_events.events import Operation, OperationApplied
from session_events.exceptions import RecoveryImpossible
from session_events.heads import StreamHead, latest_head
from session_events.inspection.event_report import event_report
from session_events.loading import forget_all, replay_all, replay_from_snapshot
from session_events.recording import Command
from session_events.recovery.attempt import Recovery, RecoveryRequest
from session_events.recovery.verdicts import Assessment, Strategy

_PAGE = PageSpec(page_number=1, page_size=10)
CSV = "id,carrier,delay\n1,UA,2.5\n2,AA,\n3,DL,-1.0\n4,,33.25\n"
# The files that replace it: one with other values and another order of columns, and one without a
# column that the operations need.
FITTING_CSV = "delay,carrier,id,origin\n10.5,WN,5,JFK\n,WN,6,LGA\n4.0,,7,EWR\n"
CSV_WITHOUT_CARRIER = "id,delay\n5,10.5\n6,\n7,4.0\n"
# The operations of every session, in order; the last is then undone and redone.
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
    """A dataset of the drill with one session, whose operations are `acknowledged`.

    `damaged_at` is the sequence of the first event that can no longer be trusted, None if the log
    is intact.
    """

    user: AbstractBaseUser
    datasource_id: uuid.UUID
    directory: Path
    acknowledged: tuple[Operation, ...] = ()
    damaged_at: int | None = None

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
        while remove_some(self.datasource_id, 1, most_rows=1_000):
            pass

    def upload_again(self, content: str) -> None:
        path = self.directory / "recovery-drill.csv"
        path.write_text(content)
        datasource = load_file_again(path, datasource_id=self.datasource_id)
        assert datasource.reupload_failure is None, datasource.reupload_failure

    def delete_dataset(self) -> None:
        dataset_service.delete(owner=self.user, datasource_id=self.datasource_id)

    def assess(self, *, known_version: int | None) -> Assessment:
        """Return the verdict of a server that has just started and remembers no state."""
        forget_all()
        return recovery_service.validate(
            user_id=self.user.pk, datasource_id=self.datasource_id, known_version=known_version
        ).assessment

    def recover(self, strategy: Strategy) -> recovery_service.Recovered:
        """Recover with no remembered state and no stored row list, and read a page."""
        forget_all()
        RowList.objects.filter(dataset_id=self.datasource_id).delete()
        return recovery_service.recover(self.request, recovery=RecoveryRequest(strategy=strategy))

    def operations_in_log(self) -> tuple[Operation, ...]:
        """Return the operations that the log still proves, whether recoverable now or not."""
        head = latest_head(user_id=self.user.pk, dataset_id=self.datasource_id)
        return () if head is None else replay_from_snapshot(head).replay.state.operations

    def is_readable(self, operation: Operation) -> bool:
        """Tell whether the operation's own event can be read, even if nothing proves it."""
        head = latest_head(user_id=self.user.pk, dataset_id=self.datasource_id)
        if head is None:
            return False
        report = event_report(head.stream_id, operation.sequence)
        event = None if report is None else decode(report.stored).event
        return isinstance(event, OperationApplied) and _request(event) == _request(operation)


@dataclass(slots=True, kw_only=True)
class Outcome:
    """What became of one rehearsal; the counts are of operations.

    A `lost` operation was neither brought back nor named as given up, and is not in the log.
    `complaint` is the first thing that was not as documented, "" if everything was.
    """

    acknowledged: int
    brought_back: int = 0
    given_up: int = 0
    in_log: int = 0
    lost: int = 0
    recovery_ms: float | None = None
    complaint: str = ""

    def complain(self, complaint: str) -> None:
        """Note the complaint unless there is one already."""
        self.complaint = self.complaint or complaint


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """One row of the decision table of docs/recovery.md.

    `faults` happen in order; with none, no session is ever started. `heal` removes the cause
    afterwards, in a scenario that only asks for patience: then everything must come back.
    `rebases` is true where operations come back fitted to other rows, so as other events with
    other fitted values. `known_version` is the version that the client claims to have seen.
    """

    name: str
    suggested_action: str
    reason: str
    faults: tuple[Callable[[Rehearsal], None], ...]
    recovery_possible: bool = True
    strategy: Strategy = Strategy.AUTO
    rebases: bool = False
    known_version: int | None = None
    heal: Callable[[Rehearsal], None] | None = None


def begin(user: AbstractBaseUser, directory: Path) -> Rehearsal:
    """Load a small dataset. Must not be called in a transaction."""
    path = directory / "recovery-drill.csv"
    path.write_text(CSV)
    datasource = load_file(path, owner=user, name="recovery drill")
    assert datasource.status == DataSource.Status.READY, datasource.error_reason
    return Rehearsal(user, datasource.pk, directory)


def work(rehearsal: Rehearsal) -> None:
    """Open a session and apply operations, with a snapshot half-way."""
    request = rehearsal.request
    session_service.initialize(request)
    for step, (name, parameters) in enumerate(_WORK, start=1):
        session_service.apply_operation(request, name=name, parameters=parameters)
        if step == len(_WORK) // 2:
            head = rehearsal.head
            snapshots.take(replay_all(head), stream_id=head.stream_id)
    session_service.run_command(services.undo, request)
    data = session_service.run_command(services.redo, request)
    assert data.session is not None
    rehearsal.acknowledged = data.session.state.operations


def rehearse(scenario: Scenario, rehearsal: Rehearsal) -> Outcome:
    """Let the faults happen, ask for the verdict, recover, and count operations."""
    if scenario.faults:
        work(rehearsal)
    for fault in scenario.faults:
        fault(rehearsal)
    outcome = Outcome(acknowledged=len(rehearsal.acknowledged))
    outcome.complain(_complaint(rehearsal.assess(known_version=scenario.known_version), scenario))
    recovery = _recover(
        rehearsal, outcome, scenario.strategy, is_possible=scenario.recovery_possible
    )
    if scenario.heal is not None:
        scenario.heal(rehearsal)
        recovery = _recover(rehearsal, outcome, Strategy.AUTO, is_possible=True)
    brought_back = () if recovery is None else recovery.session.state.operations
    named = () if recovery is None else recovery.given_up
    given_up = {item.sequence for item in named}
    in_log = rehearsal.operations_in_log()
    for place, operation in enumerate(rehearsal.acknowledged):
        if scenario.rebases:
            came_back = _request(operation) in map(_request, brought_back[place : place + 1])
        else:
            came_back = operation in brought_back
        if came_back:
            outcome.brought_back += 1
        elif operation.sequence in given_up:
            outcome.given_up += 1
        elif operation in in_log or rehearsal.is_readable(operation):
            outcome.in_log += 1
        else:
            outcome.lost += 1
    if scenario.rebases and any(operation in brought_back for operation in rehearsal.acknowledged):
        outcome.complain("an operation was not fitted to the new rows")
    before = [
        operation
        for operation in rehearsal.acknowledged
        if operation.sequence < (rehearsal.damaged_at or 2**63)
        and operation.sequence not in given_up
    ]
    if recovery is not None and outcome.brought_back < len(before):
        outcome.complain("less came back than stands before the damage")
    return outcome


def _request(operation: Operation | OperationApplied) -> tuple[str, dict[str, object]]:
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


def _recover(
    rehearsal: Rehearsal, outcome: Outcome, strategy: Strategy, *, is_possible: bool
) -> Recovery | None:
    """Recover, or be refused unless it `is_possible`; complain of anything else."""
    began = time.perf_counter()
    try:
        recovered = rehearsal.recover(strategy)
    except RecoveryImpossible as error:
        if is_possible:
            outcome.complain(f"recovery was refused: {error}")
        return None
    if is_possible:
        outcome.recovery_ms = (time.perf_counter() - began) * 1000
    else:
        outcome.complain("recovery was not refused")
    page = recovered.data.page
    if recovered.data.page_error or len(page.rows) != page.total_rows:
        outcome.complain("the rows could not be read")
    return recovered.recovery
