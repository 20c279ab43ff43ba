"""What answers about a session say of it beside their own: where it stands, and what is saved."""

from __future__ import annotations

from typing_extensions import TypedDict

from data_tools.answers.wire_types import Time, iso
from session_events.loading import Session


class Durable(TypedDict):
    """The last durable event, so that "saved" is never guessed. Null where there is no session."""

    version: int | None
    saved_at: Time | None


class Summary(TypedDict):
    """Keys that existing clients read beside `session_info` but were never sent."""

    session_exists: bool
    operations_count: int
    can_undo: bool
    can_redo: bool


def durable(session: Session | None) -> Durable:
    if session is None:
        return {"version": None, "saved_at": None}
    return {
        "version": session.head.position.version,
        "saved_at": iso(session.head.last_event_at),
    }


def summary(session: Session | None) -> Summary:
    operations = 0 if session is None else len(session.state.operations)
    return {
        "session_exists": session is not None,
        "operations_count": operations,
        "can_undo": operations > 0,
        "can_redo": session is not None and bool(session.state.redo),
    }
