"""The vocabulary of the log: every kind of fact a session can hold.

An event is a frozen dataclass in the past tense. Its `wire_name` and `schema_version` are what the
log stores beside its payload, so neither may change once released: a changed payload is a new
schema version and an upcaster (see `upcasters`), never an edit of an old one.
"""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass, fields
from typing import Any, ClassVar, Literal

JSON = Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column of a session as it stands after some number of operations.

    `key` names the column for the session's whole life: a rename changes `name`, never `key`.
    Base columns are ``b0``, ``b1`` … by position in the dataset's rows, added ones ``d1``, ``d2`` …
    """

    key: str
    name: str
    type: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnChange:
    """What one operation did to one column.

    `set` gives the column of that key a (possibly new) name and type, `add` puts a new column
    behind the column `after` (at the end when null), `drop` takes the column away.
    """

    action: Literal["set", "add", "drop"]
    key: str
    name: str = ""
    type: str = ""
    after: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """What one operation does: all that is needed to show it and to repeat it exactly.

    `parameters` is what was asked for, `fitted` what was learned from the rows (the mean that
    fills the gaps), so that a replay never looks at the rows again. `cells_changed` counts the
    cells of columns that stay whose value is another one afterwards, a value that became missing
    included.
    """

    operation: str
    parameters: dict[str, JSON]
    fitted: dict[str, JSON]
    column_changes: tuple[ColumnChange, ...]
    rows_before: int
    rows_after: int
    cells_changed: int


def fields_of(effect: Effect) -> dict[str, Any]:
    """Return the fields of an effect alone, to make another kind of effect of them."""
    return {name: getattr(effect, name) for name in _EFFECT}


_EFFECT = tuple(field.name for field in fields(Effect))


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation(Effect):
    """One applied operation. `sequence` is the event that applied it, at `applied_at`."""

    sequence: int
    applied_at: dt.datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """What the user was looking at: one page of the session's rows, and how it was ordered.

    `sort` holds column names, descending ones behind a ``-``; `filters` is the filter as it was
    sent, null when there was none.
    """

    page_number: int
    page_size: int
    sort: tuple[str, ...] = ()
    filters: JSON = None
    hidden_columns: tuple[str, ...] = ()
    column_order: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """What a user made in a session: the operations, those that can be redone, and the view."""

    operations: tuple[Operation, ...] = ()
    redo: tuple[Operation, ...] = ()
    view: View | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenUp:
    """One fact that a recovery could not, or was asked not to, bring back."""

    sequence: int
    sentence: str


class Event:
    """Base of the vocabulary; holds no data."""

    __slots__ = ()
    wire_name: ClassVar[str]
    schema_version: ClassVar[int] = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionStarted(Event):
    """A user opened a dataset; `columns` and `row_count` are the dataset's at that moment."""

    wire_name: ClassVar[str] = "session.started"

    dataset_id: uuid.UUID
    source_revision: int
    source_fingerprint: str
    columns: tuple[Column, ...]
    row_count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ViewChanged(Event):
    """The user looked at another page or order. Coalesced: not every page turn is recorded."""

    wire_name: ClassVar[str] = "session.view_changed"

    view: View


@dataclass(frozen=True, slots=True, kw_only=True)
class OperationApplied(Effect, Event):
    """A transformation took effect."""

    wire_name: ClassVar[str] = "operation.applied"


@dataclass(frozen=True, slots=True, kw_only=True)
class OperationUndone(Event):
    """The last applied operation was taken back; `operation_sequence` is the event applying it."""

    wire_name: ClassVar[str] = "operation.undone"

    operation_sequence: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OperationRedone(Event):
    """The operation undone last was put back; `operation_sequence` is the event applying it."""

    wire_name: ClassVar[str] = "operation.redone"

    operation_sequence: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionReset(Event):
    """Back to the original columns; the operations stay in the log."""

    wire_name: ClassVar[str] = "session.reset"


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionPaused(Event):
    """The user put the session aside; a paused session does not expire."""

    wire_name: ClassVar[str] = "session.paused"


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionResumed(Event):
    """The user took a paused session up again."""

    wire_name: ClassVar[str] = "session.resumed"


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionExpired(Event):
    """Nobody used the session for the inactivity timeout; it ended `since`, noticed later."""

    wire_name: ClassVar[str] = "session.expired"

    since: dt.datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionRecovered(Event):
    """A session was brought back.

    `recovered_version` is the version whose work stands again. `work` is that work when it is not
    what the session held already (`to_version`), else null. `snapshot_sequence` is the snapshot
    the replay began with, null when it began with the first event.
    """

    wire_name: ClassVar[str] = "session.recovered"

    strategy: str
    recovered_version: int
    snapshot_sequence: int | None
    events_replayed: int
    given_up: tuple[GivenUp, ...] = ()
    work: Work | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionForked(Event):
    """This session began with the work of another one, as it stood at `from_sequence`."""

    wire_name: ClassVar[str] = "session.forked"

    from_stream: uuid.UUID
    from_sequence: int
    reason: str
    given_up: tuple[GivenUp, ...] = ()
    work: Work


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionSaved(Event):
    """The result was saved as a new dataset; this ends the session."""

    wire_name: ClassVar[str] = "session.saved"

    new_dataset_id: uuid.UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionCleared(Event):
    """The session was put away.

    `reason`: ``user``, ``start_new``, ``recovered_elsewhere`` or ``forked``. `replaced_by` is the
    session opened in its place, null when its user asked for none; version 1 did not say.
    """

    wire_name: ClassVar[str] = "session.cleared"
    schema_version: ClassVar[int] = 2

    reason: str
    replaced_by: uuid.UUID | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceChangeDeclined(Event):
    """The dataset got another file, and the user chose to stay on the rows the session began on.

    `source_fingerprint` is that of the content declined; another one is asked about again.
    """

    wire_name: ClassVar[str] = "session.source_change_declined"

    source_fingerprint: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientErrorReported(Event):
    """What went wrong in the browser, as it told; bounded in size by who records it."""

    wire_name: ClassVar[str] = "client.error_reported"

    message: str
    context: dict[str, JSON]


VOCABULARY: dict[str, type[Event]] = {
    kind.wire_name: kind
    for kind in (
        SessionStarted,
        ViewChanged,
        OperationApplied,
        OperationUndone,
        OperationRedone,
        SessionReset,
        SessionPaused,
        SessionResumed,
        SessionExpired,
        SessionRecovered,
        SessionForked,
        SessionSaved,
        SessionCleared,
        SourceChangeDeclined,
        ClientErrorReported,
    )
}
