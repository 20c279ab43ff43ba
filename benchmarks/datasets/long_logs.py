"""Sessions with logs of any length, written through the log's own writer, many at a time."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

from django.test.utils import override_settings

from benchmarks.datasets import tables
from data_tools.models import DataSource
from data_tools.services.session_data import facts
from session_events import heads, removal, services, snapshots, store
from session_events.events import (
    ColumnChange,
    Event,
    OperationApplied,
    OperationRedone,
    OperationUndone,
    View,
    ViewChanged,
)
from session_events.heads import StreamHead
from session_events.loading import forget_all, replay_all
from session_events.recording import Command
from session_events.state import Status
from session_events.store import NewEvent

_AT_ONCE = 5_000
_ROWS = 10_000
_OPERATIONS = 40
# A snapshot is taken every hundred events, so that on average so many come after the newest one.
TAIL_EVENTS = 50


def copy_for(events: int, *, has_snapshot: bool) -> DataSource:
    """Return the dataset for a session with a log of that many events."""
    kind = "with" if has_snapshot else "without"
    name = f"log of {events:,} {kind} snapshot"
    return tables.repeated(tables.synthetic(_ROWS), name, row_count=_ROWS)


def with_log_of(events: int, *, has_snapshot: bool) -> tuple[DataSource, StreamHead]:
    """Return a dataset with an open session whose log has that many events.

    With a snapshot, it lies `TAIL_EVENTS` before the end; otherwise there is none.
    """
    dataset = copy_for(events, has_snapshot=has_snapshot)
    forget_sessions(dataset)
    command = Command(actor_id=dataset.owner_id, trace_id="0" * 32, client_kind="benchmarks")
    head = services.start(facts(dataset), command=command).head
    coming = _events()
    snapshot_at = events - TAIL_EVENTS if has_snapshot else events
    with override_settings(BACKGROUND_JOBS_ON_COMMIT=False):  # no snapshots but the one below
        head = _appended_until(snapshot_at, head, coming, command)
        if has_snapshot:
            snapshots.take(replay_all(head), stream_id=head.stream_id)
        head = _appended_until(events, head, coming, command)
    forget_all()
    return dataset, head


def _appended_until(
    version: int, head: StreamHead, coming: Iterator[Event], command: Command
) -> StreamHead:
    while (missing := version - head.position.version) > 0:
        head = _appended(head, list(itertools.islice(coming, min(missing, _AT_ONCE))), command)
    return head


def _events() -> Iterator[Event]:
    """Yield events as people make them: operations, looking around, undo and redo, for ever."""
    for place in range(_OPERATIONS):
        name = f"float_{1 + place % 12}"
        yield OperationApplied(
            operation="rename_column",
            parameters={"old_name": name, "new_name": f"{name}_{place}"},
            fitted={},
            column_changes=(
                ColumnChange(
                    action="set", key=f"b{place % 12}", name=f"{name}_{place}", type="float"
                ),
            ),
            rows_before=_ROWS,
            rows_after=_ROWS,
            cells_changed=0,
        )
    last = 1 + _OPERATIONS
    for turn in itertools.count():
        yield OperationUndone(operation_sequence=last)
        yield OperationRedone(operation_sequence=last)
        yield ViewChanged(view=View(page_number=1 + turn % 200, page_size=50))


def _appended(head: StreamHead, coming: list[Event], command: Command) -> StreamHead:
    metadata = command.causes(coming[0]).metadata
    sealed = store.seal_all(
        [NewEvent(event=event, metadata=metadata) for event in coming], after=head
    )
    return store.append(
        sealed,
        user_id=head.user_id,
        dataset_id=head.dataset_id,
        status=Status.ACTIVE,
        is_open=True,
    )


def forget_sessions(dataset: DataSource) -> None:
    """Remove every session on the dataset with its log, so that nothing else has to read it."""
    command = Command(actor_id=dataset.owner_id)
    head = heads.open_head(user_id=dataset.owner_id, dataset_id=dataset.pk)
    if head is not None:
        services.put_away(head, reason="user", command=command)
    removal.remove_ended(
        user_id=dataset.owner_id, dataset_id=dataset.pk, removed_by="the benchmark"
    )
