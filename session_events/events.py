"""The vocabulary of the log: every kind of event in a session.

An event is a frozen dataclass named in the past tense. The log stores its `wire_name` and
`schema_version` beside its payload, so neither may change once released: a changed payload needs a
new schema version and an upcaster (see `upcasters`), never an edit of an old version.

Note [Fields added to a view]
    A field that only says how a page was shown may be added without a new version, if its default
    is UNSET, which is left out of the bytes: events that hold nothing in it are stored as before,
    and a server of the version before, which reads past fields it does not know, goes on with the
    session. A new version would make every page turn unreadable to it during an upgrade.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Any, ClassVar, Literal, TypeVar, dataclass_transform

from msgspec import UNSET, UnsetType

JSON = Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column of a session after some number of operations.

    `key` names the column for the session's whole life: a rename changes `name`, never `key`.
    Base columns are ``b0``, ``b1`` … by position in the dataset's rows, added ones ``d1``, ``d2`` …
    """

    key: str
    name: str
    type: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnChange:
    """What one operation did to one column.

    `set` gives the column with that key a name and a type, each of which may be new. `add` inserts
    a new column after the column `after`, or at the end if that is null. `drop` removes the column.
    """

    action: Literal["set", "add", "drop"]
    key: str
    name: str = ""
    type: str = ""
    after: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """What one operation does: all that is needed to show it and to repeat it exactly.

    `parameters` holds what was requested, `fitted` what was learned from the rows (such as the mean
    that fills the gaps), so that a replay never looks at the rows again. `cells_changed` counts the
    cells with another value afterwards, including values that became missing, in columns that stay.
    """

    operation: str
    parameters: dict[str, JSON]
    fitted: dict[str, JSON]
    column_changes: tuple[ColumnChange, ...]
    rows_before: int
    rows_after: int
    cells_changed: int


def fields_of(effect: Effect) -> dict[str, Any]:
    """Return the fields that every `Effect` has, to build another kind of effect from them."""
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

    `sort` holds column names, descending ones prefixed with ``-``. `filters` is the filter as the
    client sent it, null if there was none. `column_widths` are in pixels, by column name;
    `frozen_columns` says how many of the first columns stay in sight when the table is scrolled.
    See Note [Fields added to a view].
    """

    page_number: int
    page_size: int
    sort: tuple[str, ...] = ()
    filters: JSON = None
    hidden_columns: tuple[str, ...] = ()
    column_order: tuple[str, ...] = ()
    column_widths: dict[str, int] | UnsetType = UNSET
    frozen_columns: int | UnsetType = UNSET


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """A user's work in a session: the operations, those that can be redone, and the view."""

    operations: tuple[Operation, ...] = ()
    redo: tuple[Operation, ...] = ()
    view: View | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenUp:
    """One event that a recovery could not bring back, or was asked not to."""

    sequence: int
    sentence: str


class Event:
    """Base class of the vocabulary, without fields of its own."""

    __slots__ = ()
    wire_name: ClassVar[str]
    schema_version: ClassVar[int]


VOCABULARY: dict[str, type[Event]] = {}
_Event = TypeVar("_Event", bound=Event)


@dataclass_transform(frozen_default=True, kw_only_default=True)
def recorded_as(
    wire_name: str, *, schema_version: int = 1
) -> Callable[[type[_Event]], type[_Event]]:
    """Make a class a frozen dataclass, and the vocabulary's event of that name and version."""

    def add(kind: type[_Event]) -> type[_Event]:
        kind.wire_name, kind.schema_version = wire_name, schema_version
        event = dataclass(frozen=True, slots=True, kw_only=True)(kind)
        VOCABULARY[wire_name] = event
        return event

    return add


@recorded_as("session.started")
class SessionStarted(Event):
    """A user opened a dataset, which had these `columns` and `row_count` at that moment."""

    dataset_id: uuid.UUID
    source_revision: int
    source_fingerprint: str
    columns: tuple[Column, ...]
    row_count: int


@recorded_as("session.view_changed")
class ViewChanged(Event):
    """The user looked at another page or order. Not every page turn is recorded."""

    view: View


@recorded_as("operation.applied")
class OperationApplied(Effect, Event):
    """A transformation took effect."""


@recorded_as("operation.undone")
class OperationUndone(Event):
    """The last operation was undone; `operation_sequence` is that of the event that applied it."""

    operation_sequence: int


@recorded_as("operation.redone")
class OperationRedone(Event):
    """The operation undone last was redone; `operation_sequence` is as in `OperationUndone`."""

    operation_sequence: int


@recorded_as("session.reset")
class SessionReset(Event):
    """The user went back to the original columns; the operations stay in the log."""


@recorded_as("session.paused")
class SessionPaused(Event):
    """The user paused the session; a paused session does not expire."""


@recorded_as("session.resumed")
class SessionResumed(Event):
    """The user resumed a paused session."""


@recorded_as("session.expired")
class SessionExpired(Event):
    """Nobody used the session for the inactivity timeout, which passed at `since`."""

    since: dt.datetime


@recorded_as("session.recovered")
class SessionRecovered(Event):
    """A session was brought back.

    `recovered_version` is the version whose work is back. `work` is that work if it differs from
    what the session held (`to_version`), else null. `snapshot_sequence` is that of the snapshot
    the replay began with, null if it began with the first event.
    """

    strategy: str
    recovered_version: int
    snapshot_sequence: int | None
    events_replayed: int
    given_up: tuple[GivenUp, ...] = ()
    work: Work | None = None


@recorded_as("session.forked")
class SessionForked(Event):
    """This session began with the work of another one, as of its version `from_sequence`."""

    from_stream: uuid.UUID
    from_sequence: int
    reason: str
    given_up: tuple[GivenUp, ...] = ()
    work: Work


@recorded_as("session.saved")
class SessionSaved(Event):
    """The user saved the result as a new dataset, which ended the session."""

    new_dataset_id: uuid.UUID


@recorded_as("session.cleared", schema_version=2)
class SessionCleared(Event):
    """The session was put away.

    `reason` is ``user``, ``start_new``, ``recovered_elsewhere`` or ``forked``. `replaced_by` is the
    session opened in its place, null if the user asked for none; schema version 1 lacked it.
    """

    reason: str
    replaced_by: uuid.UUID | None


@recorded_as("session.source_change_declined")
class SourceChangeDeclined(Event):
    """The dataset got another file, and the user chose to stay on the session's original rows.

    `source_fingerprint` is that of the declined content; the user is asked again about any other.
    """

    source_fingerprint: str


@recorded_as("client.error_reported")
class ClientErrorReported(Event):
    """An error in the browser, as the client described it. Whoever records it bounds its size."""

    message: str
    context: dict[str, JSON]
