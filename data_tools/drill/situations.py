"""Every way in which a session can be found, made to happen by services or by real damage."""

from __future__ import annotations

import datetime as dt

from data_tools.drill.rehearsal import Rehearsal, Situation
from data_tools.models import DataSource
from data_tools.services import session_service
from session_events import staged_damage
from session_events.conf import recovery_policy

_A_SECOND = dt.timedelta(seconds=1)
# The fourth operation of six: three stand before it.
_STRUCK_OPERATION = 3


def _leave(rehearsal: Rehearsal) -> None:
    """The server that held the session is gone; nothing else happened."""


def _pause(rehearsal: Rehearsal) -> None:
    session_service.pause(
        user_id=rehearsal.user.pk,
        datasource_id=rehearsal.datasource_id,
        command=rehearsal.command,
    )


def _clear(rehearsal: Rehearsal) -> None:
    session_service.clear(
        user_id=rehearsal.user.pk,
        datasource_id=rehearsal.datasource_id,
        command=rehearsal.command,
    )


def _expire(rehearsal: Rehearsal) -> None:
    _age(rehearsal, recovery_policy().inactivity_timeout + _A_SECOND)


def _expire_past_retention(rehearsal: Rehearsal) -> None:
    policy = recovery_policy()
    _age(rehearsal, policy.inactivity_timeout + policy.retention + _A_SECOND)


def _age(rehearsal: Rehearsal, by: dt.timedelta) -> None:
    stream_id = rehearsal.head.stream_id
    staged_damage.delete_snapshots(stream_id)  # they stand on hashes that are made anew
    staged_damage.age(stream_id, by=by)
    before = rehearsal.acknowledged
    rehearsal.acknowledged = rehearsal.operations_in_log()
    assert [o.sequence for o in rehearsal.acknowledged] == [o.sequence for o in before]


def _delete_snapshots(rehearsal: Rehearsal) -> None:
    staged_damage.delete_snapshots(rehearsal.head.stream_id)


def _alter_snapshots(rehearsal: Rehearsal) -> None:
    staged_damage.alter_snapshots(rehearsal.head.stream_id)


def _alter_event(rehearsal: Rehearsal) -> None:
    rehearsal.struck_at = rehearsal.acknowledged[_STRUCK_OPERATION].sequence
    staged_damage.alter_event(rehearsal.head.stream_id, rehearsal.struck_at)


def _delete_event(rehearsal: Rehearsal) -> None:
    rehearsal.struck_at = rehearsal.acknowledged[_STRUCK_OPERATION].sequence
    staged_damage.delete_event(rehearsal.head.stream_id, rehearsal.struck_at)


def _append_undecodable(rehearsal: Rehearsal) -> None:
    staged_damage.append_foreign_event(rehearsal.head, wire_name="operation.applied")


def _append_unknown_type(rehearsal: Rehearsal) -> None:
    staged_damage.append_foreign_event(rehearsal.head, wire_name="drill.from_the_future")


def _append_newer_schema(rehearsal: Rehearsal) -> None:
    staged_damage.append_foreign_event(
        rehearsal.head, wire_name="operation.applied", schema_version=999
    )


def _delete_source(rehearsal: Rehearsal) -> None:
    rehearsal.delete_dataset()


def _unready_source(rehearsal: Rehearsal) -> None:
    rehearsal.set_status(DataSource.Status.ERROR)


def _ready_source(rehearsal: Rehearsal) -> None:
    rehearsal.set_status(DataSource.Status.READY)


SITUATIONS = (
    Situation(name="server gone", suggested_action="continue", reason="active", strike=_leave),
    Situation(
        name="snapshot deleted",
        suggested_action="continue",
        reason="active",
        strike=_delete_snapshots,
    ),
    Situation(
        name="snapshot altered",
        suggested_action="continue",
        reason="snapshot_damaged",
        strike=_alter_snapshots,
    ),
    Situation(name="paused", suggested_action="resume", reason="paused", strike=_pause),
    Situation(name="expired", suggested_action="recover", reason="expired", strike=_expire),
    Situation(name="cleared", suggested_action="start_new", reason="cleared", strike=_clear),
    Situation(
        name="event altered",
        suggested_action="recover_partial",
        reason="log_damaged_hash_mismatch",
        strike=_alter_event,
    ),
    Situation(
        name="event missing",
        suggested_action="recover_partial",
        reason="log_damaged_gap",
        strike=_delete_event,
    ),
    Situation(
        name="event undecodable",
        suggested_action="recover_partial",
        reason="log_damaged_undecodable",
        strike=_append_undecodable,
    ),
    Situation(
        name="event of unknown type",
        suggested_action="retry_later",
        reason="unknown_type",
        strike=_append_unknown_type,
        recovery_possible=False,
    ),
    Situation(
        name="event of a newer schema",
        suggested_action="retry_later",
        reason="newer_schema",
        strike=_append_newer_schema,
        recovery_possible=False,
    ),
    Situation(
        name="source not ready, then ready",
        suggested_action="retry_later",
        reason="source_not_ready",
        strike=_unready_source,
        recovery_possible=False,
        heal=_ready_source,
    ),
    Situation(
        name="source deleted",
        suggested_action="start_new",
        reason="source_deleted",
        strike=_delete_source,
        recovery_possible=False,
    ),
    Situation(
        name="past retention",
        suggested_action="initialize",
        reason="past_retention",
        strike=_expire_past_retention,
        recovery_possible=False,
    ),
    Situation(
        name="never started",
        suggested_action="initialize",
        reason="never_started",
        strike=None,
        recovery_possible=False,
    ),
)
