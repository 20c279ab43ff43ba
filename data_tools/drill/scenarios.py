"""The decision table of docs/recovery.md, each line as a situation that is made to happen.

A database that is down is not among them: this is for a system that runs.
"""

from __future__ import annotations

from data_tools.drill import faults
from data_tools.drill.faults import both
from data_tools.drill.rehearsal import Scenario
from session_events.recovery.decision import Strategy

SCENARIOS = (
    Scenario(
        name="server gone",
        suggested_action="continue",
        reason="active",
        fault=faults.leave,
    ),
    Scenario(
        name="client behind",
        suggested_action="reload",
        reason="client_behind",
        fault=faults.leave,
        known_version=1,
    ),
    Scenario(
        name="snapshot deleted",
        suggested_action="continue",
        reason="active",
        fault=faults.delete_snapshots,
    ),
    Scenario(
        name="snapshot altered",
        suggested_action="continue",
        reason="snapshot_damaged",
        fault=faults.alter_snapshots,
    ),
    Scenario(
        name="paused",
        suggested_action="resume",
        reason="paused",
        fault=faults.pause,
    ),
    Scenario(
        name="expired",
        suggested_action="recover",
        reason="expired",
        fault=faults.expire,
    ),
    Scenario(
        name="cleared",
        suggested_action="start_new",
        reason="cleared",
        fault=faults.clear,
    ),
    Scenario(
        name="saved",
        suggested_action="start_new",
        reason="saved",
        fault=faults.save,
    ),
    Scenario(
        name="event altered",
        suggested_action="recover_partial",
        reason="log_damaged_hash_mismatch",
        fault=faults.alter_event,
    ),
    Scenario(
        name="event missing",
        suggested_action="recover_partial",
        reason="log_damaged_gap",
        fault=faults.delete_event,
    ),
    Scenario(
        name="event undecodable",
        suggested_action="recover_partial",
        reason="log_damaged_undecodable",
        fault=faults.append_undecodable,
    ),
    Scenario(
        name="event and snapshot altered",
        suggested_action="recover_partial",
        reason="log_damaged_hash_mismatch",
        fault=both(faults.alter_snapshots, faults.alter_event),
    ),
    Scenario(
        name="expired, event missing",
        suggested_action="recover_partial",
        reason="log_damaged_gap",
        fault=both(faults.expire, faults.delete_event),
    ),
    Scenario(
        name="cleared, event altered",
        suggested_action="recover_partial",
        reason="log_damaged_hash_mismatch",
        fault=both(faults.clear, faults.alter_event),
    ),
    Scenario(
        name="first event altered, snapshot there",
        suggested_action="continue",
        reason="active",
        fault=faults.alter_first_event_behind_a_snapshot,
    ),
    Scenario(
        name="first event altered, no snapshot",
        suggested_action="start_new",
        reason="log_damaged_hash_mismatch",
        fault=both(faults.delete_snapshots, faults.alter_first_event),
        recovery_possible=False,
    ),
    Scenario(
        name="first event missing, no snapshot",
        suggested_action="start_new",
        reason="log_damaged_gap",
        fault=both(faults.delete_snapshots, faults.delete_first_event),
        recovery_possible=False,
    ),
    Scenario(
        name="event of unknown type",
        suggested_action="retry_later",
        reason="unknown_type",
        fault=faults.append_unknown_type,
        recovery_possible=False,
    ),
    Scenario(
        name="event of a newer schema",
        suggested_action="retry_later",
        reason="newer_schema",
        fault=faults.append_newer_schema,
        recovery_possible=False,
    ),
    Scenario(
        name="operation of a newer server",
        suggested_action="retry_later",
        reason="unknown_operation",
        fault=faults.append_unknown_operation,
        recovery_possible=False,
    ),
    Scenario(
        name="another file, all columns there",
        suggested_action="review_changes",
        reason="source_changed",
        fault=faults.upload_what_fits,
        rebases=True,
    ),
    Scenario(
        name="another file, stayed on the old",
        suggested_action="review_changes",
        reason="source_changed",
        fault=faults.upload_what_fits,
        strategy=Strategy.REPLAY,
    ),
    Scenario(
        name="another file, a needed column missing",
        suggested_action="recover_partial",
        reason="source_columns_missing",
        fault=faults.upload_what_does_not_fit,
        rebases=True,
    ),
    Scenario(
        name="another file, then the first again",
        suggested_action="continue",
        reason="active",
        fault=faults.upload_the_same,
    ),
    Scenario(
        name="another file, expired",
        suggested_action="review_changes",
        reason="source_changed",
        fault=both(faults.expire, faults.upload_what_fits),
        rebases=True,
    ),
    Scenario(
        name="another file, cleared",
        suggested_action="start_new",
        reason="source_changed",
        fault=both(faults.upload_what_fits, faults.clear),
        rebases=True,
    ),
    Scenario(
        name="another file, saved",
        suggested_action="start_new",
        reason="source_changed",
        fault=both(faults.upload_what_fits, faults.save),
        rebases=True,
    ),
    Scenario(
        name="another file, event altered",
        suggested_action="recover_partial",
        reason="source_changed",
        fault=both(faults.upload_what_fits, faults.alter_event),
        rebases=True,
    ),
    Scenario(
        name="another file, the old rows gone",
        suggested_action="review_changes",
        reason="source_rows_gone",
        fault=both(faults.upload_what_fits, faults.remove_old_rows),
        rebases=True,
    ),
    Scenario(
        name="source failed, then ready",
        suggested_action="start_new",
        reason="source_failed",
        fault=faults.fail_source,
        recovery_possible=False,
        heal=faults.ready_source,
    ),
    Scenario(
        name="source not ready, then ready",
        suggested_action="retry_later",
        reason="source_not_ready",
        fault=faults.unready_source,
        recovery_possible=False,
        heal=faults.ready_source,
    ),
    Scenario(
        name="source deleted",
        suggested_action="start_new",
        reason="source_deleted",
        fault=faults.delete_source,
        recovery_possible=False,
    ),
    Scenario(
        name="source deleted, event altered",
        suggested_action="start_new",
        reason="source_deleted",
        fault=both(faults.alter_event, faults.delete_source),
        recovery_possible=False,
    ),
    Scenario(
        name="past retention",
        suggested_action="initialize",
        reason="past_retention",
        fault=faults.expire_past_retention,
        recovery_possible=False,
    ),
    Scenario(
        name="never started",
        suggested_action="initialize",
        reason="never_started",
        fault=None,
        recovery_possible=False,
    ),
)
