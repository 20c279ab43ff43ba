"""A session's past: its log in sentences, what changed between versions, and its recipe."""

from __future__ import annotations

import datetime as dt
from typing import Any, Literal, NotRequired, cast
from uuid import UUID

from typing_extensions import TypedDict

from data_tools.answers.error_answers import Refusal, refusal
from data_tools.answers.operation_answers import AppliedOperation, operation_list
from data_tools.answers.session_answers import (
    ColumnNameAndType,
    SessionBody,
    column_list,
    session_body,
)
from data_tools.answers.shared_values import Durable, Success, durable
from data_tools.services.event_service import EventPage
from data_tools.services.recipe_service import AppliedRecipe, FittedStep
from data_tools.services.time_travel_service import Changes
from session_events.activity import Noted
from session_events.loading import Session


class EventInWords(TypedDict):
    """One event of the log. `actor` is a user's name, null where no user caused the event."""

    sequence: int
    version: int
    type: str
    sentence: str
    recorded_at: dt.datetime
    actor: str | None
    trace_id: str


class EventsBody(TypedDict):
    success: Success
    session_id: UUID
    version: int
    events: list[EventInWords]
    next_cursor: str | None


class RecordedItem(TypedDict):
    client_operation_id: UUID
    status: Literal["recorded", "already_recorded"]
    session_id: UUID
    version: int


class ActivityBody(Durable):
    """Where each item of a batch is in the log, in the order in which they were sent."""

    success: Success
    results: list[RecordedItem]


def events_body(page: EventPage, *, next_cursor: str | None) -> EventsBody:
    return {
        "success": True,
        "session_id": page.head.stream_id,
        "version": page.head.position.version,
        "events": [
            {
                "sequence": line.sequence,
                "version": line.sequence,
                "type": line.wire_name,
                "sentence": line.sentence,
                "recorded_at": line.recorded_at,
                "actor": line.actor,
                "trace_id": line.trace_id,
            }
            for line in page.lines
        ],
        "next_cursor": next_cursor,
    }


def activity_body(session: Session, noted: tuple[Noted, ...]) -> ActivityBody:
    return {
        "success": True,
        "results": [
            {
                "client_operation_id": item.client_operation_id,
                "status": "already_recorded" if item.is_repeat else "recorded",
                "session_id": item.session_id,
                "version": item.version,
            }
            for item in noted
        ],
        **durable(session),
    }


class ChangedOperations(TypedDict):
    added: list[AppliedOperation]
    taken_back: list[AppliedOperation]
    restored: list[AppliedOperation]


class ChangedColumns(TypedDict):
    """`renamed` holds {"from", "to"}, `retyped` {"name", "from", "to"}."""

    added: list[ColumnNameAndType]
    dropped: list[ColumnNameAndType]
    renamed: list[dict[str, Any]]
    retyped: list[dict[str, Any]]


class ChangesBody(TypedDict):
    """Operations and columns, each in the order in which the session has them.

    `redoable` are the operations that can be redone at the second version, the next one first.
    `forked_from` is the session whose work this one began with.
    """

    success: Success
    session_id: UUID
    from_version: int
    to_version: int
    operations: ChangedOperations
    columns: ChangedColumns
    redoable: list[AppliedOperation]
    forked_from: UUID | None


def changes_body(changes: Changes) -> ChangesBody:
    differences = changes.differences
    return {
        "success": True,
        "session_id": changes.after.head.stream_id,
        "from_version": changes.before.head.position.version,
        "to_version": changes.after.head.position.version,
        "operations": {
            "added": operation_list(differences.added),
            "taken_back": operation_list(differences.taken_back),
            "restored": operation_list(differences.restored),
        },
        "columns": {
            "added": column_list(differences.columns_added),
            "dropped": column_list(differences.columns_dropped),
            "renamed": [
                {"from": pair.before.name, "to": pair.after.name}
                for pair in differences.columns_renamed
            ],
            "retyped": [
                {"name": pair.after.name, "from": pair.before.type, "to": pair.after.type}
                for pair in differences.columns_retyped
            ],
        },
        "redoable": operation_list(changes.after.state.redo[::-1]),
        "forked_from": changes.after.state.forked_from,
    }


class Recipe(TypedDict):
    """A recipe as `operations.recipes` writes and reads it."""

    format: str
    format_version: int
    source: dict[str, Any]
    operations: list[dict[str, Any]]


class RecipeBody(TypedDict):
    success: Success
    session_id: UUID
    version: int
    recipe: Recipe


class RecipeStepReport(TypedDict):
    """What a step of the recipe, counted from 1, does, or why it does not fit.

    `version` is null where it was not applied.
    """

    step: int
    operation: str
    fits: bool
    message: NotRequired[str]
    cells_changed: NotRequired[int]
    version: NotRequired[int | None]
    error: NotRequired[Refusal]


class RecipeApplied(SessionBody):
    dry_run: bool
    applied: int
    fits: int
    does_not_fit: int
    report: list[RecipeStepReport]
    repeated: bool


def recipe_body(recipe: dict[str, Any], session: Session) -> RecipeBody:
    return {
        "success": True,
        "session_id": session.head.stream_id,
        "version": session.head.position.version,
        "recipe": cast(Recipe, recipe),
    }


def recipe_applied_body(applied: AppliedRecipe, *, dry_run: bool, paged: bool) -> RecipeApplied:
    steps = len(applied.steps)
    fitting = sum(step.prepared is not None for step in applied.steps)
    message = f"{fitting} of {steps} operations fit"
    if applied.is_repeat:
        message = "Already applied"
    elif not dry_run:
        message = f"Applied {fitting} of {steps} operations"
    return {
        **session_body(applied.data, message, paged=paged),
        "dry_run": dry_run,
        "applied": 0 if dry_run else fitting,
        "fits": fitting,
        "does_not_fit": steps - fitting,
        "report": [
            _step_report(number, step) for number, step in enumerate(applied.steps, start=1)
        ],
        "repeated": applied.is_repeat,
    }


def _step_report(number: int, fitted: FittedStep) -> RecipeStepReport:
    operation = fitted.step.operation
    if fitted.prepared is not None:
        return {
            "step": number,
            "operation": operation,
            "fits": True,
            "message": fitted.prepared.message,
            "cells_changed": fitted.prepared.cells_changed,
            "version": fitted.version,
        }
    assert fitted.error is not None  # a step that was not prepared says why
    return {"step": number, "operation": operation, "fits": False, "error": refusal(fitted.error)}
