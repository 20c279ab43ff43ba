"""Payloads of older schema versions become current ones, step by step. Pure.

An upcaster takes the payload of one version to the next: ``UPCASTERS[("operation.applied", 1)]``
makes a version 1 payload a version 2 one. Stored events are never touched.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from session_events.events import JSON, VOCABULARY
from session_events.exceptions import (
    NewerSchemaVersion,
    UndecodablePayload,
    UnknownEventType,
)

Payload = dict[str, JSON]

UPCASTERS: Mapping[tuple[str, int], Callable[[Payload], Payload]] = {}


def upcast(*, wire_name: str, schema_version: int, payload: Payload) -> Payload:
    """Return `payload` as the current schema version of `wire_name` has it.

    Raises:
        UnknownEventType: this server does not know the event.
        NewerSchemaVersion: the event was written by a newer server.
        UndecodablePayload: there never was such a schema version.
    """
    kind = VOCABULARY.get(wire_name)
    if kind is None:
        raise UnknownEventType(wire_name=wire_name)
    if schema_version > kind.schema_version:
        raise NewerSchemaVersion(
            wire_name=wire_name, schema_version=schema_version, known=kind.schema_version
        )
    for version in range(schema_version, kind.schema_version):
        upcaster = UPCASTERS.get((wire_name, version))
        if upcaster is None:
            raise UndecodablePayload(wire_name=wire_name, schema_version=version)
        payload = upcaster(payload)
    return payload
