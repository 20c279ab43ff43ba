"""The decision table of docs/recovery.md, each line as a situation that is made to happen.

A database that is down is not among them: this is for a system that runs.
"""

from __future__ import annotations

from data_tools.drill import strikes
from data_tools.drill.rehearsal import Situation
from data_tools.drill.strikes import both
from session_events.recovery import Strategy

SITUATIONS = (
    Situation(
        name="server gone",
        suggested_action="continue",
        reason="active",
        strike=strikes.leave,
    ),
    Situation(
        name="client behind",
        suggested_action="reload",
        reason="client_behind",
        strike=strikes.leave,
        known_version=1,
    ),
    Situation(
        name="snapshot deleted",
        suggested_action="continue",
        reason="active",
        strike=strikes.delete_snapshots,
    ),
    Situation(
        name="snapshot altered",
        suggested_action="continue",
        reason="snapshot_damaged",
        strike=strikes.alter_snapshots,
    ),
    Situation(
        name="paused",
        suggested_action="resume",
        reason="paused",
        strike=strikes.pause,
    ),
    Situation(
        name="expired",
        suggested_action="recover",
        reason="expired",
        strike=strikes.expire,
    ),
    Situation(
        name="cleared",
        suggested_action="start_new",
        reason="cleared",
        strike=strikes.clear,
    ),
    Situation(
        name="saved",
        suggested_action="start_new",
        reason="saved",
        strike=strikes.save,
    ),
    Situation(
        name="event altered",
        suggested_action="recover_partial",
        reason="log_damaged_hash_mismatch",
        strike=strikes.alter_event,
    ),
    Situation(
        name="event missing",
        suggested_action="recover_partial",
        reason="log_damaged_gap",
        strike=strikes.delete_event,
    ),
    Situation(
        name="event undecodable",
        suggested_action="recover_partial",
        reason="log_damaged_undecodable",
        strike=strikes.append_undecodable,
    ),
    Situation(
        name="event and snapshot altered",
        suggested_action="recover_partial",
        reason="log_damaged_hash_mismatch",
        strike=both(strikes.alter_snapshots, strikes.alter_event),
    ),
    Situation(
        name="expired, event missing",
        suggested_action="recover_partial",
        reason="log_damaged_gap",
        strike=both(strikes.expire, strikes.delete_event),
    ),
    Situation(
        name="cleared, event altered",
        suggested_action="recover_partial",
        reason="log_damaged_hash_mismatch",
        strike=both(strikes.clear, strikes.alter_event),
    ),
    Situation(
        name="first event altered, snapshot there",
        suggested_action="continue",
        reason="active",
        strike=strikes.alter_first_event_behind_a_snapshot,
    ),
    Situation(
        name="first event altered, no snapshot",
        suggested_action="start_new",
        reason="log_damaged_hash_mismatch",
        strike=both(strikes.delete_snapshots, strikes.alter_first_event),
        recovery_possible=False,
    ),
    Situation(
        name="first event missing, no snapshot",
        suggested_action="start_new",
        reason="log_damaged_gap",
        strike=both(strikes.delete_snapshots, strikes.delete_first_event),
        recovery_possible=False,
    ),
    Situation(
        name="event of unknown type",
        suggested_action="retry_later",
        reason="unknown_type",
        strike=strikes.append_unknown_type,
        recovery_possible=False,
    ),
    Situation(
        name="event of a newer schema",
        suggested_action="retry_later",
        reason="newer_schema",
        strike=strikes.append_newer_schema,
        recovery_possible=False,
    ),
    Situation(
        name="operation of a newer server",
        suggested_action="retry_later",
        reason="unknown_operation",
        strike=strikes.append_unknown_operation,
        recovery_possible=False,
    ),
    Situation(
        name="another file, all columns there",
        suggested_action="review_changes",
        reason="source_changed",
        strike=strikes.upload_what_fits,
        refits=True,
    ),
    Situation(
        name="another file, stayed on the old",
        suggested_action="review_changes",
        reason="source_changed",
        strike=strikes.upload_what_fits,
        strategy=Strategy.REPLAY,
    ),
    Situation(
        name="another file, a needed column missing",
        suggested_action="recover_partial",
        reason="source_columns_missing",
        strike=strikes.upload_what_does_not_fit,
        refits=True,
    ),
    Situation(
        name="another file, then the first again",
        suggested_action="continue",
        reason="active",
        strike=strikes.upload_the_same,
    ),
    Situation(
        name="another file, expired",
        suggested_action="review_changes",
        reason="source_changed",
        strike=both(strikes.expire, strikes.upload_what_fits),
        refits=True,
    ),
    Situation(
        name="another file, cleared",
        suggested_action="start_new",
        reason="source_changed",
        strike=both(strikes.upload_what_fits, strikes.clear),
        refits=True,
    ),
    Situation(
        name="another file, saved",
        suggested_action="start_new",
        reason="source_changed",
        strike=both(strikes.upload_what_fits, strikes.save),
        refits=True,
    ),
    Situation(
        name="another file, event altered",
        suggested_action="recover_partial",
        reason="source_changed",
        strike=both(strikes.upload_what_fits, strikes.alter_event),
        refits=True,
    ),
    Situation(
        name="another file, the old rows gone",
        suggested_action="review_changes",
        reason="source_rows_gone",
        strike=both(strikes.upload_what_fits, strikes.remove_old_rows),
        refits=True,
    ),
    Situation(
        name="source failed, then ready",
        suggested_action="start_new",
        reason="source_failed",
        strike=strikes.fail_source,
        recovery_possible=False,
        heal=strikes.ready_source,
    ),
    Situation(
        name="source not ready, then ready",
        suggested_action="retry_later",
        reason="source_not_ready",
        strike=strikes.unready_source,
        recovery_possible=False,
        heal=strikes.ready_source,
    ),
    Situation(
        name="source deleted",
        suggested_action="start_new",
        reason="source_deleted",
        strike=strikes.delete_source,
        recovery_possible=False,
    ),
    Situation(
        name="source deleted, event altered",
        suggested_action="start_new",
        reason="source_deleted",
        strike=both(strikes.alter_event, strikes.delete_source),
        recovery_possible=False,
    ),
    Situation(
        name="past retention",
        suggested_action="initialize",
        reason="past_retention",
        strike=strikes.expire_past_retention,
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
