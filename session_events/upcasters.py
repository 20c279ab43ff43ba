"""Upcast payloads of older schema versions to current ones, step by step. Pure.

An upcaster takes a payload from one version to the next: ``UPCASTERS[("session.cleared", 1)]``
turns a version 1 payload into a version 2 one. Stored events never change. What an older version
did not record stays unknown: an upcaster invents nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from session_events.events import JSON, VOCABULARY
from session_events.exceptions import NewerSchemaVersion, UndecodablePayload, UnknownEventType

Payload = dict[str, JSON]


def _cleared_2(payload: Payload) -> Payload:
    """Version 1 did not record which session replaced the one put away."""
    return {**payload, "replaced_by": None}


UPCASTERS: Mapping[tuple[str, int], Callable[[Payload], Payload]] = {
    ("session.cleared", 1): _cleared_2,
}


def upcast(*, wire_name: str, schema_version: int, payload: JSON) -> JSON:
    """Return `payload` in the current schema version of `wire_name`.

    Raises:
        UnknownEventType: this server does not know the event.
        NewerSchemaVersion: the event was written by a newer server.
        UndecodablePayload: the schema version never existed, or the payload is not a JSON object.
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
        if upcaster is None or not isinstance(payload, dict):
            raise UndecodablePayload(wire_name=wire_name, schema_version=version)
        payload = upcaster(payload)
    return payload
