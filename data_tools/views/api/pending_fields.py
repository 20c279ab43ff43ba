"""The list of pending operations in a request, checked strictly before anything is done."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from data_tools.operations.exceptions import InvalidParameter
from data_tools.services.pending_operations import PendingOperation
from data_tools.views.api.studio_view import own_fields
from session_events.recording import Command
from session_events.recovery.verdicts import Strategy

MAX_PENDING_OPERATIONS = 100
_FIELD = "pending_operations"
_ENTRY = ("client_operation_id", "operation", "parameters")
# Repeated without an id, these start over: what the first request applied would be left behind.
_DECIDED_ANEW = frozenset({Strategy.START_NEW, Strategy.TO_VERSION})


def pending_of(value: Any, *, strategy: Strategy, command: Command) -> list[PendingOperation]:
    """Return the pending operations of a recovery request; null counts as an empty list.

    Does not check whether an operation exists and fits: that rejects the operation alone, later.

    Raises:
        InvalidParameter: the list or an entry, named by its path, is malformed.
    """
    if value is None:
        return []
    if not isinstance(value, list):
        raise InvalidParameter(_FIELD, "must be a list")
    if len(value) > MAX_PENDING_OPERATIONS:
        raise InvalidParameter(_FIELD, f"has {len(value)} entries", maximum=MAX_PENDING_OPERATIONS)
    pending = [_entry(entry, f"{_FIELD}[{at}]") for at, entry in enumerate(value)]
    if pending and strategy in _DECIDED_ANEW and command.client_operation_id is None:
        raise InvalidParameter(
            "client_operation_id",
            f"is required for {strategy} with pending operations, here or as Idempotency-Key",
        )
    for at, operation in enumerate(pending):
        if operation.client_operation_id == command.client_operation_id:
            raise InvalidParameter(
                f"{_FIELD}[{at}].client_operation_id",
                "is that of the recovery; each operation needs its own",
            )
    return pending


def _entry(entry: Any, path: str) -> PendingOperation:
    require_object(entry, path)
    reject_other_fields(entry, _ENTRY, path)
    operation, parameters = entry.get("operation"), entry.get("parameters")
    if not isinstance(operation, str) or not operation:
        raise InvalidParameter(f"{path}.operation", "must be the name of an operation")
    require_object(parameters, f"{path}.parameters")
    return PendingOperation(
        client_operation_id=id_of_entry(entry, path),
        operation=operation,
        parameters=own_fields(parameters),
    )


def require_object(value: Any, path: str) -> None:
    if not isinstance(value, dict):
        raise InvalidParameter(path, "must be an object")


def reject_other_fields(value: dict[str, Any], known: tuple[str, ...], path: str) -> None:
    for name in value:
        if name not in known:
            raise InvalidParameter(path, "has an unknown field", field=name, known=known)


def id_of_entry(entry: Mapping[str, Any], path: str) -> uuid.UUID:
    """Return the id that a client gave an entry of a list.

    Raises:
        InvalidParameter: it is missing or no UUID.
    """
    value = entry.get("client_operation_id")
    try:
        if isinstance(value, str):
            return uuid.UUID(value)
    except ValueError:
        pass
    raise InvalidParameter(f"{path}.client_operation_id", "must be a UUID")
