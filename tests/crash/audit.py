"""What was acknowledged against what the log holds, read anew from the database."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from uuid import UUID

from data_tools.models import DataSource
from session_events import heads, store
from session_events.frozen_state import FOLD_VERSION, freeze, text_digest
from session_events.heads import StreamHead
from session_events.loading import replay_all, replay_from_snapshot
from session_events.models import SessionSnapshot, SessionStream
from session_events.state import state_digest
from tests.crash.ledger import Account, Ledger
from tests.support.studio_client import Studio


@dataclass(slots=True, kw_only=True)
class Findings:
    """Counts; the `mistakes` must be zero, and `sentences` name what is not.

    `done_once` are the requests that were sent more than once, were acknowledged, and stand in the
    log exactly once. `snapshots` are those in use, each compared with a full replay;
    `streams_verified` are those that a job had looked at meanwhile, `false_alarms` the ones that it
    called damaged though they are whole.
    """

    sent: int = 0
    acknowledged: int = 0
    refused: int = 0
    done_once: int = 0
    streams: int = 0
    events: int = 0
    snapshots: int = 0
    snapshots_quarantined: int = 0
    streams_verified: int = 0
    lost: int = 0
    duplicated: int = 0
    gaps: int = 0
    hash_breaks: int = 0
    never_sent: int = 0
    refused_but_written: int = 0
    out_of_order: int = 0
    states_that_differ: int = 0
    snapshots_that_differ: int = 0
    false_alarms: int = 0
    uploads_acknowledged: int = 0
    uploads_lost: int = 0
    sentences: list[str] = field(default_factory=list)

    @property
    def mistakes(self) -> int:
        return (
            self.lost
            + self.duplicated
            + self.gaps
            + self.hash_breaks
            + self.never_sent
            + self.refused_but_written
            + self.out_of_order
            + self.states_that_differ
            + self.snapshots_that_differ
            + self.false_alarms
            + self.uploads_lost
        )


def audit(ledger: Ledger, studios: dict[UUID, Studio]) -> Findings:
    """Compare everything. `studios` are clients of the open sessions, by dataset."""
    findings = Findings()
    for account in ledger.accounts:
        _audit_account(account, findings)
        _audit_answer(account, studios[account.dataset_id], findings)
    findings.uploads_acknowledged = len(ledger.uploads)
    kept = set(DataSource.objects.filter(pk__in=ledger.uploads).values_list("pk", flat=True))
    findings.uploads_lost = len(set(ledger.uploads) - kept)
    return findings


def _audit_account(account: Account, findings: Findings) -> None:
    ids: list[UUID] = []
    versions: dict[UUID, int] = {}
    streams = SessionStream.objects.filter(
        user_id=account.user_id, dataset_id=account.dataset_id
    ).order_by("started_at")
    for stream in streams:
        findings.streams += 1
        events = store.read(stream.pk)
        findings.events += len(events)
        for event in events:
            if event.client_operation_id is not None:
                ids.append(event.client_operation_id)
                versions[event.client_operation_id] = event.sequence
            elif event.wire_name not in ("session.started", "session.view_changed"):
                findings.never_sent += 1
                findings.sentences.append(f"{stream}: {event.wire_name} without an id")
        if [event.sequence for event in events] != list(range(1, stream.version + 1)):
            findings.gaps += 1
            findings.sentences.append(f"{stream}: {len(events)} events")
        _audit_stream(account, stream, findings)
    _audit_ids(account, ids, versions, findings)


def _audit_ids(
    account: Account, ids: list[UUID], versions: dict[UUID, int], findings: Findings
) -> None:
    times = Counter(ids)
    findings.duplicated += sum(count - 1 for count in times.values())
    findings.sent += len(account.requests)
    for request in account.requests:
        written = times[request.client_operation_id]
        if request.is_acknowledged:
            findings.acknowledged += 1
            findings.done_once += written == 1 and request.sends > 1
            if written == 0:
                findings.lost += 1
                findings.sentences.append(f"lost: {request}")
            elif request.version is not None and (
                request.version < versions[request.client_operation_id]
            ):
                findings.out_of_order += 1
                findings.sentences.append(f"acknowledged before it was written: {request}")
        elif request.is_refused:
            findings.refused += 1
            findings.refused_but_written += written
    sent = [request.client_operation_id for request in account.requests]
    findings.never_sent += len(set(ids) - set(sent))
    acknowledged = [r.client_operation_id for r in account.requests if r.is_acknowledged]
    if account.is_ordered and ids != acknowledged:
        findings.out_of_order += 1
        findings.sentences.append(f"dataset {account.dataset_id}: not in the order they were sent")


def _audit_stream(account: Account, stream: SessionStream, findings: Findings) -> None:
    head = heads.head_of(
        user_id=account.user_id, dataset_id=account.dataset_id, stream_id=stream.pk
    )
    assert head is not None
    replayed = replay_all(head)
    if replayed.defect is not None:
        findings.hash_breaks += 1
        findings.sentences.append(f"{stream}: {replayed.defect}")
        return
    if (replayed.state.status, replayed.state.is_open) != (head.status, head.is_open):
        findings.states_that_differ += 1
        findings.sentences.append(f"{stream}: the head says {head.status}")
    if replay_from_snapshot(head).replay.state != replayed.state:
        findings.states_that_differ += 1
        findings.sentences.append(f"{stream}: a replay from a snapshot differs")
    findings.streams_verified += stream.verified_at is not None
    if stream.defect:
        findings.false_alarms += 1
        findings.sentences.append(f"{stream}: called damaged, {stream.defect}")
    _audit_snapshots(head, findings)


def _audit_snapshots(head: StreamHead, findings: Findings) -> None:
    """Each snapshot in use is the state that a replay from the first event has there."""
    for snapshot in SessionSnapshot.objects.filter(
        stream_id=head.stream_id, fold_version=FOLD_VERSION
    ):
        if snapshot.quarantined_at is not None:
            findings.snapshots_quarantined += 1
            continue
        findings.snapshots += 1
        replayed = replay_all(head, until=snapshot.sequence)
        state = freeze(replayed.state)
        if (snapshot.state, snapshot.digest, bytes(snapshot.event_hash)) != (
            state,
            text_digest(state),
            replayed.position.hash,
        ):
            findings.snapshots_that_differ += 1
            findings.sentences.append(f"{head}: the snapshot at {snapshot.sequence} differs")


def _audit_answer(account: Account, studio: Studio, findings: Findings) -> None:
    """What the running service says of the open session is the fold of its log."""
    head = heads.open_head(user_id=account.user_id, dataset_id=account.dataset_id)
    assert head is not None
    state = replay_all(head).state
    for _ in range(8):  # each of the server's processes, most likely
        verdict = studio.get("session/validate/").body
        shown = studio.get("session/status/").body
        if (
            verdict.get("state_digest") != state_digest(state)
            or shown.get("version") != state.version
            or shown.get("column_info") != [column.name for column in state.columns]
        ):
            findings.states_that_differ += 1
            findings.sentences.append(f"{head}: the service answers {verdict} and {shown}")
