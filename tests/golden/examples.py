"""One example of every event, with every field and every nested value filled.

They are what the golden files of today's versions hold. `FROM_OLDER` says what the files of older
versions must come to, in today's vocabulary.
"""

from __future__ import annotations

import datetime as dt
import uuid

from session_events.events import (
    ClientErrorReported,
    Column,
    ColumnChange,
    Event,
    GivenUp,
    Operation,
    OperationApplied,
    OperationRedone,
    OperationUndone,
    SessionCleared,
    SessionExpired,
    SessionForked,
    SessionPaused,
    SessionRecovered,
    SessionReset,
    SessionResumed,
    SessionSaved,
    SessionStarted,
    SourceChangeDeclined,
    View,
    ViewChanged,
    Work,
)

_PARAMETERS = {"column": "délai", "fill_value": -0.0, "limit": 2**53 + 1, "on_error": None}
_FITTED = {"mean": 12.639070, "by_key": {"b1": [1.0, True, "\u0000\n"]}}
_CHANGES = (
    ColumnChange(action="set", key="b1", name="late", type="float"),
    ColumnChange(action="add", key="d1", name="late copy", type="float", after="b1"),
    ColumnChange(action="drop", key="b0"),
)
_VIEW = View(
    page_number=3,
    page_size=25,
    sort=("year", "-late"),
    filters={"column": "year", "operator": "gte", "value": 2013},
    hidden_columns=("tail",),
    column_order=("late", "year"),
)


def _operation(sequence: int) -> Operation:
    return Operation(
        sequence=sequence,
        operation="fill_missing_values",
        parameters=_PARAMETERS,
        fitted=_FITTED,
        column_changes=_CHANGES,
        rows_before=336_776,
        rows_after=336_776,
        cells_changed=8_255,
        applied_at=dt.datetime(2026, 11, 22, 19, 5, 0, 120, tzinfo=dt.UTC),
    )


_WORK = Work(operations=(_operation(2),), redo=(_operation(4), _operation(3)), view=_VIEW)
_GIVEN_UP = (GivenUp(sequence=5, sentence="Applied “drop”"),)

EXAMPLES: dict[str, Event] = {
    example.wire_name: example
    for example in (
        SessionStarted(
            dataset_id=uuid.UUID("22222222-2222-4222-8222-222222222222"),
            source_revision=2,
            source_fingerprint="f" * 64,
            columns=(
                Column(key="b0", name="year", type="integer"),
                Column(key="b1", name="délai", type="float"),
            ),
            row_count=336_776,
        ),
        ViewChanged(view=_VIEW),
        OperationApplied(
            operation="fill_missing_values",
            parameters=_PARAMETERS,
            fitted=_FITTED,
            column_changes=_CHANGES,
            rows_before=336_776,
            rows_after=336_776,
            cells_changed=8_255,
        ),
        OperationUndone(operation_sequence=3),
        OperationRedone(operation_sequence=3),
        SessionReset(),
        SessionPaused(),
        SessionResumed(),
        SessionExpired(since=dt.datetime(2026, 11, 22, 23, 5, tzinfo=dt.UTC)),
        SessionRecovered(
            strategy="to_version",
            recovered_version=4,
            snapshot_sequence=3,
            events_replayed=1,
            given_up=_GIVEN_UP,
            work=_WORK,
        ),
        SessionForked(
            from_stream=uuid.UUID("33333333-3333-4333-8333-333333333333"),
            from_sequence=7,
            reason="log_damaged_gap",
            given_up=_GIVEN_UP,
            work=_WORK,
        ),
        SessionSaved(new_dataset_id=uuid.UUID("44444444-4444-4444-8444-444444444444")),
        SessionCleared(
            reason="recovered_elsewhere",
            replaced_by=uuid.UUID("55555555-5555-4555-8555-555555555555"),
        ),
        SourceChangeDeclined(source_fingerprint="e" * 64),
        ClientErrorReported(message="TypeError: x is null", context={"line": 7, "page": "data"}),
    )
}

FROM_OLDER: dict[tuple[str, int], Event] = {
    ("session.cleared", 1): SessionCleared(reason="recovered_elsewhere", replaced_by=None),
}

# A log with every event in it, after which every field of the state holds something of its own.
SNAPSHOT_LOG: tuple[Event, ...] = (
    EXAMPLES["session.started"],
    ViewChanged(
        view=View(page_number=1, page_size=10, column_widths={"late": 120}, frozen_columns=2)
    ),
    EXAMPLES["operation.applied"],
    EXAMPLES["operation.applied"],
    OperationUndone(operation_sequence=4),
    OperationRedone(operation_sequence=4),
    OperationUndone(operation_sequence=4),
    EXAMPLES["operation.applied"],
    EXAMPLES["session.paused"],
    EXAMPLES["session.resumed"],
    EXAMPLES["session.expired"],
    SessionRecovered(
        strategy="replay", recovered_version=11, snapshot_sequence=None, events_replayed=11
    ),
    EXAMPLES["session.saved"],
    EXAMPLES["session.recovered"],
    EXAMPLES["session.reset"],
    EXAMPLES["session.source_change_declined"],
    EXAMPLES["session.forked"],
    EXAMPLES["session.cleared"],
    EXAMPLES["client.error_reported"],
)
