"""The audit of a crash test can fail: each kind of mistake in the log is seen and counted."""

from __future__ import annotations

import uuid
from uuid import UUID

import pytest
from django.contrib.auth.models import User

from session_events import loading, snapshots
from session_events.models import SessionSnapshot, SessionStream
from tests.crash.audit import Findings, audit
from tests.crash.ledger import Account, Ledger, Request
from tests.support import written_log
from tests.support.log_damage import alter_event, delete_event
from tests.support.small_datasets import publish
from tests.support.studio_client import STRUCTURED
from tests.support.studios import studio_of

pytestmark = pytest.mark.django_db(transaction=True)


class Run:
    """Three renames that were acknowledged, at versions 2, 3 and 4."""

    def __init__(self, user: User) -> None:
        dataset = publish(user)
        self.studio = studio_of(user, dataset, headers=STRUCTURED)
        self.account = Account(user_id=user.pk, dataset_id=dataset.pk, is_ordered=True)
        self.studio.post("session/initialize/")
        for number in range(3):
            body = {
                "old_name": "id" if number == 0 else f"id{number - 1}",
                "new_name": f"id{number}",
                "client_operation_id": str(self.request().client_operation_id),
            }
            assert self.studio.post("session/rename-column/", body).status == 200

    def request(self) -> Request:
        request = Request(client_operation_id=uuid.uuid4(), sends=1, is_acknowledged=True)
        self.account.requests.append(request)
        return request

    @property
    def stream_id(self) -> UUID:
        return written_log.head(self.account.user_id, self.account.dataset_id).stream_id

    def findings(self) -> Findings:
        loading.forget_all()
        ledger = Ledger(accounts=[self.account])
        return audit(ledger, {self.account.dataset_id: self.studio})


@pytest.fixture
def run(user: User) -> Run:
    return Run(user)


def test_a_log_that_is_as_it_was_acknowledged_has_no_mistakes(run: Run) -> None:
    found = run.findings()

    assert (found.sent, found.acknowledged, found.events, found.streams) == (3, 3, 4, 1)
    assert (found.mistakes, found.sentences) == (0, [])


def test_what_was_acknowledged_and_is_not_there_is_lost(run: Run) -> None:
    run.request()

    assert run.findings().lost == 1


def test_an_event_that_went_is_a_gap_and_a_loss(run: Run) -> None:
    delete_event(run.stream_id, 3)

    found = run.findings()

    assert (found.gaps, found.lost, found.hash_breaks) == (1, 1, 1)


def test_an_altered_event_is_a_break_of_the_chain(run: Run) -> None:
    alter_event(run.stream_id, 3, "payload = payload || ' '")

    assert run.findings().hash_breaks == 1


def test_the_same_request_in_two_sessions_is_a_duplicate(run: Run) -> None:
    first = run.account.requests[0].client_operation_id
    run.studio.post("session/clear/")
    run.studio.post("session/initialize/")
    second = run.studio.post("session/rename-column/", {"old_name": "id", "new_name": "x"})
    assert second.status == 200
    alter_event(run.stream_id, 2, f"client_operation_id = '{first}'")

    assert run.findings().duplicated == 1


def test_an_event_that_nobody_sent_is_seen(run: Run) -> None:
    forgotten = run.account.requests.pop()

    found = run.findings()

    assert (found.never_sent, found.lost) == (1, 0)
    assert forgotten not in run.account.requests


def test_what_was_refused_must_not_be_written(run: Run) -> None:
    run.account.requests[1].is_acknowledged = False
    run.account.requests[1].is_refused = True

    assert run.findings().refused_but_written == 1


def test_another_order_than_they_were_sent_in_is_seen(run: Run) -> None:
    run.account.requests.reverse()

    assert run.findings().out_of_order == 1


def snapshot_of(run: Run) -> int:
    """Take a snapshot and return its primary key."""
    head = written_log.head(run.account.user_id, run.account.dataset_id)
    assert snapshots.take(loading.replay_all(head), stream_id=head.stream_id)
    return SessionSnapshot.objects.get().pk


@pytest.mark.parametrize(
    "damage", [{"state": "{}"}, {"digest": "0" * 64}, {"event_hash": b"\0" * 32}]
)
def test_a_snapshot_that_is_not_the_fold_of_its_log_is_seen(
    run: Run, damage: dict[str, object]
) -> None:
    pk = snapshot_of(run)
    assert (run.findings().snapshots, run.findings().mistakes) == (1, 0)
    SessionSnapshot.objects.filter(pk=pk).update(**damage)

    assert run.findings().snapshots_that_differ == 1


def test_a_snapshot_out_of_use_is_counted_and_not_compared(run: Run) -> None:
    snapshots.quarantine({snapshot_of(run): "state_differs"})

    found = run.findings()

    assert (found.snapshots, found.snapshots_quarantined, found.mistakes) == (0, 1, 0)


def test_a_whole_log_that_a_job_called_damaged_is_seen(run: Run) -> None:
    SessionStream.objects.update(defect="gap at event 2")

    assert run.findings().false_alarms == 1
