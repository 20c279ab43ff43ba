"""What an operation did, and the catalogue of operations."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any, NotRequired

from typing_extensions import TypedDict

from data_tools.answers.session_answers import SessionBody, session_body
from data_tools.answers.shared_values import (
    ColumnTypeName,
    Durable,
    Shape,
    Success,
    Summary,
    durable,
    summary,
)
from data_tools.operations.declaration import Declaration, Group
from data_tools.services.session_service import Applied
from session_events.events import Operation
from session_events.state import columns_after

QUICK_CLEANING = "quick_nan_cleaning"


class Effect(TypedDict):
    """What every answer to an operation says of what it did."""

    cells_changed: int
    rows_removed: int
    repeated: bool


class SessionAfterOperation(SessionBody, Effect):
    pass


class Transformed(Effect, Summary, Durable):
    """The answer of `transform/*`: the existing keys, and the session's beside them."""

    success: Success
    message: str
    affected_columns: list[str]
    shape: Shape


class CleaningStep(TypedDict):
    operation: str
    columns_removed: NotRequired[int]
    column_names: NotRequired[list[str]]
    rows_removed: NotRequired[int]


class CleaningSummary(TypedDict):
    original_rows: int
    original_columns: int
    rows_removed: int
    columns_removed: int
    columns_dropped: list[str]
    operations_performed: list[CleaningStep]
    final_rows: int
    final_columns: int


class Shapes(TypedDict):
    new_shape: NotRequired[Shape]
    original_shape: NotRequired[Shape]


class CleaningReport(Shapes):
    """`summary` is missing if the cleaning has been undone since; the shapes, if none changed."""

    message: str
    data_changed: bool
    summary: NotRequired[CleaningSummary]


class Cleaned(Summary, Durable):
    success: Success
    data: CleaningReport
    repeated: bool


class AppliedOperation(TypedDict):
    version: int
    operation: str
    parameters: dict[str, Any]
    cells_changed: int
    applied_at: dt.datetime | None


class DeclaredOperation(TypedDict):
    """An operation with what a form for it needs to know; `parameters` is a JSON Schema.

    `title` is a command of a few words, `group` the heading to list it under. `suits` has the types
    that the columns it works on may have, null if not their types alone decide.
    """

    operation: str
    title: str
    group: Group
    suits: list[ColumnTypeName] | None
    description: str
    looks_at_values: bool
    parameters: dict[str, Any]


class Catalogue(TypedDict):
    success: bool
    operations: list[DeclaredOperation]


def operation_body(applied: Applied, *, paged: bool) -> SessionAfterOperation:
    """Return the session after an operation, and what that did."""
    return {**session_body(applied.data, applied.message, paged=paged), **_effect(applied)}


def transform_body(applied: Applied, columns: list[str]) -> Transformed:
    data = applied.data
    return {
        "success": True,
        "message": applied.message,
        "affected_columns": columns,
        "shape": [data.page.total_rows, len(data.columns)],
        **summary(data.session),
        **durable(data.session),
        **_effect(applied),
    }


def cleaned_body(applied: Applied) -> Cleaned:
    return {
        "success": True,
        "data": _report(applied),
        **summary(applied.data.session),
        **durable(applied.data.session),
        "repeated": applied.is_repeat,
    }


def operation_list(operations: tuple[Operation, ...]) -> list[AppliedOperation]:
    return [
        {
            "version": operation.sequence,
            "operation": operation.operation,
            "parameters": operation.parameters,
            "cells_changed": operation.cells_changed,
            "applied_at": operation.applied_at,
        }
        for operation in operations
    ]


def catalogue_body(declarations: Iterable[Declaration]) -> Catalogue:
    return {
        "success": True,
        "operations": [
            {
                "operation": declaration.name,
                "title": declaration.title,
                "group": declaration.group,
                "suits": None if declaration.suits is None else [*declaration.suits],
                "description": declaration.description,
                "looks_at_values": declaration.looks_at_values,
                "parameters": declaration.json_schema(),
            }
            for declaration in declarations
        ],
    }


def _effect(applied: Applied) -> Effect:
    return {
        "cells_changed": applied.cells_changed,
        "rows_removed": applied.rows_removed,
        "repeated": applied.is_repeat,
    }


def _report(applied: Applied) -> CleaningReport:
    """Return what the cleaning did; for a repeated request, what the first one did."""
    session = applied.data.session
    assert session is not None  # an operation was just applied to it
    operations = session.state.operations
    cleanings = [at for at, each in enumerate(operations) if each.operation == QUICK_CLEANING]
    if not cleanings:  # a repeated request, whose operation has been undone since
        return {"message": applied.message, "data_changed": False}
    operation = operations[cleanings[-1]]
    before = columns_after(session.state.base_columns, operations[: cleanings[-1]])
    dropped_keys = {change.key for change in operation.column_changes}
    dropped = [column.name for column in before if column.key in dropped_keys]
    rows_removed = operation.rows_before - operation.rows_after
    has_changed = bool(rows_removed or dropped)
    shapes: Shapes = {}
    if has_changed:
        shapes = {
            "new_shape": [operation.rows_after, len(before) - len(dropped)],
            "original_shape": [operation.rows_before, len(before)],
        }
    return {
        "message": applied.message,
        "summary": {
            "original_rows": operation.rows_before,
            "original_columns": len(before),
            "rows_removed": rows_removed,
            "columns_removed": len(dropped),
            "columns_dropped": dropped,
            "operations_performed": _steps(operation, dropped, rows_removed),
            "final_rows": operation.rows_after,
            "final_columns": len(before) - len(dropped),
        },
        "data_changed": has_changed,
        **shapes,
    }


def _steps(operation: Operation, dropped: list[str], rows_removed: int) -> list[CleaningStep]:
    steps: list[CleaningStep] = []
    if operation.parameters["remove_nan_columns"]:
        steps.append(
            {
                "operation": "remove_nan_columns",
                "columns_removed": len(dropped),
                "column_names": dropped,
            }
        )
    if operation.parameters["remove_nan_rows"]:
        steps.append({"operation": "remove_nan_rows", "rows_removed": rows_removed})
    return steps
