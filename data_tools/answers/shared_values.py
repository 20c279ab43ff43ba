"""What many answers are made of: kinds of value as JSON has them, and where a session stands."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any, Literal, TypeVar, cast

from msgspec import Meta
from typing_extensions import TypedDict

from data_tools.columns import ColumnType
from session_events.loading import Session

Success = Literal[True]
_COLUMN_TYPES = [kind.value for kind in ColumnType]
ColumnTypeName = Annotated[str, Meta(extra_json_schema={"enum": _COLUMN_TYPES})]
# [rows, columns]
Shape = Annotated[list[int], Meta(extra_json_schema={"minItems": 2, "maxItems": 2})]
PresentCell = str | float | bool
OptionsObject = Annotated[dict[str, Any], Meta(title="ReadingOptions")]
"""Reading options as clients write them; `written_options` has their schema."""
Cell = PresentCell | None


_Answer = TypeVar("_Answer")


class Durable(TypedDict):
    """The last durable event, so that "saved" is never guessed. Null where there is no session."""

    version: int | None
    saved_at: dt.datetime | None


class Summary(TypedDict):
    """Keys that existing clients read beside `session_info` but were never sent."""

    session_exists: bool
    operations_count: int
    can_undo: bool
    can_redo: bool


def taken(kind: type[_Answer], source: object) -> _Answer:
    """Return the `TypedDict` of that kind whose every key is an attribute of `source`."""
    return cast(_Answer, {name: getattr(source, name) for name in kind.__annotations__})


def durable(session: Session | None) -> Durable:
    if session is None:
        return {"version": None, "saved_at": None}
    return {
        "version": session.head.position.version,
        "saved_at": session.head.last_event_at,
    }


def summary(session: Session | None) -> Summary:
    operations = 0 if session is None else len(session.state.operations)
    return {
        "session_exists": session is not None,
        "operations_count": operations,
        "can_undo": operations > 0,
        "can_redo": session is not None and bool(session.state.redo),
    }
