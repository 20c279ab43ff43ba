"""What can happen to a session: done through services, or as real damage to its log."""

from __future__ import annotations

import datetime as dt

from data_tools.drill.rehearsal import CSV, CSV_WITHOUT_CARRIER, FITTING_CSV, Rehearsal
from data_tools.models import DataSource
from data_tools.services import save_service, session_service
from session_events import fault_injection
from session_events.conf import recovery_policy
from session_events.envelope import canonical_json
from session_events.events import OperationApplied

_A_SECOND = dt.timedelta(seconds=1)
_DAMAGED_OPERATION = 3  # the fourth of six, so that three stand before it


def leave(rehearsal: Rehearsal) -> None:
    """Do nothing: the server that held the session is gone, and that is all."""


def pause(rehearsal: Rehearsal) -> None:
    session_service.pause(rehearsal.request)


def clear(rehearsal: Rehearsal) -> None:
    session_service.clear(rehearsal.request)


def save(rehearsal: Rehearsal) -> None:
    save_service.save(rehearsal.request, name=None, description=None)


def expire(rehearsal: Rehearsal) -> None:
    _age(rehearsal, recovery_policy().inactivity_timeout + _A_SECOND)


def expire_past_retention(rehearsal: Rehearsal) -> None:
    policy = recovery_policy()
    _age(rehearsal, policy.inactivity_timeout + policy.retention + _A_SECOND)


def _age(rehearsal: Rehearsal, by: dt.timedelta) -> None:
    stream_id = rehearsal.head.stream_id
    fault_injection.delete_snapshots(stream_id)  # ageing makes new hashes, which they do not match
    fault_injection.age(stream_id, by=by)
    before = rehearsal.acknowledged
    rehearsal.acknowledged = rehearsal.operations_in_log()
    assert [o.sequence for o in rehearsal.acknowledged] == [o.sequence for o in before]


def upload_what_fits(rehearsal: Rehearsal) -> None:
    rehearsal.upload_again(FITTING_CSV)


def upload_what_does_not_fit(rehearsal: Rehearsal) -> None:
    rehearsal.upload_again(CSV_WITHOUT_CARRIER)


def upload_the_same(rehearsal: Rehearsal) -> None:
    rehearsal.upload_again(FITTING_CSV)
    rehearsal.upload_again(CSV)


def remove_old_rows(rehearsal: Rehearsal) -> None:
    rehearsal.remove_first_rows()


def delete_snapshots(rehearsal: Rehearsal) -> None:
    fault_injection.delete_snapshots(rehearsal.head.stream_id)


def alter_snapshots(rehearsal: Rehearsal) -> None:
    fault_injection.alter_snapshots(rehearsal.head.stream_id)


def alter_event(rehearsal: Rehearsal) -> None:
    rehearsal.damaged_at = rehearsal.acknowledged[_DAMAGED_OPERATION].sequence
    fault_injection.alter_event(rehearsal.head.stream_id, rehearsal.damaged_at)


def delete_event(rehearsal: Rehearsal) -> None:
    rehearsal.damaged_at = rehearsal.acknowledged[_DAMAGED_OPERATION].sequence
    fault_injection.delete_event(rehearsal.head.stream_id, rehearsal.damaged_at)


def alter_first_event(rehearsal: Rehearsal) -> None:
    rehearsal.damaged_at = 1
    fault_injection.alter_event(rehearsal.head.stream_id, 1)


def delete_first_event(rehearsal: Rehearsal) -> None:
    rehearsal.damaged_at = 1
    fault_injection.delete_event(rehearsal.head.stream_id, 1)


def alter_first_event_behind_a_snapshot(rehearsal: Rehearsal) -> None:
    """Alter an event that a snapshot covers, and so proves; nothing after it is altered."""
    fault_injection.alter_event(rehearsal.head.stream_id, 1)


def append_undecodable(rehearsal: Rehearsal) -> None:
    fault_injection.append_foreign_event(rehearsal.head, wire_name="operation.applied")


def append_unknown_type(rehearsal: Rehearsal) -> None:
    fault_injection.append_foreign_event(rehearsal.head, wire_name="drill.from_the_future")


def append_newer_schema(rehearsal: Rehearsal) -> None:
    fault_injection.append_foreign_event(
        rehearsal.head, wire_name="operation.applied", schema_version=999
    )


def delete_source(rehearsal: Rehearsal) -> None:
    rehearsal.delete_dataset()


def unready_source(rehearsal: Rehearsal) -> None:
    rehearsal.set_dataset(DataSource.Status.UPLOADING, revision=0)


def fail_source(rehearsal: Rehearsal) -> None:
    rehearsal.set_dataset(DataSource.Status.ERROR)


def ready_source(rehearsal: Rehearsal) -> None:
    rehearsal.set_dataset(DataSource.Status.READY)


def append_unknown_operation(rehearsal: Rehearsal) -> None:
    applied = OperationApplied(
        operation="drill_from_the_future",
        parameters={},
        fitted={},
        column_changes=(),
        rows_before=4,
        rows_after=4,
        cells_changed=0,
    )
    fault_injection.append_foreign_event(
        rehearsal.head, wire_name=applied.wire_name, payload=canonical_json(applied)
    )
