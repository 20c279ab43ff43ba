"""What an operation did, and the catalogue of those there are."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from typing_extensions import TypedDict

from data_tools.answers.session_answers import SessionBody, session_body
from data_tools.answers.session_summary import Durable, Summary, durable, summary
from data_tools.answers.wire_types import Shape, Success, Time, iso
from data_tools.operations.declaration import Declaration
from data_tools.operations.schema import parameter_schema
from data_tools.services.session_service import Applied
from session_events.events import Operation


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


class AppliedOperation(TypedDict):
    version: int
    operation: str
    parameters: dict[str, Any]
    cells_changed: int
    applied_at: Time | None


class DeclaredOperation(TypedDict):
    """An operation with what a form for it needs to know; `parameters` is a JSON Schema."""

    operation: str
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


def operation_list(operations: tuple[Operation, ...]) -> list[AppliedOperation]:
    return [
        {
            "version": operation.sequence,
            "operation": operation.operation,
            "parameters": operation.parameters,
            "cells_changed": operation.cells_changed,
            "applied_at": iso(operation.applied_at),
        }
        for operation in operations
    ]


def catalogue_body(declarations: Iterable[Declaration]) -> Catalogue:
    return {
        "success": True,
        "operations": [
            {
                "operation": declaration.name,
                "description": declaration.description,
                "looks_at_values": declaration.looks_at_values,
                "parameters": parameter_schema(declaration),
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
