"""Older payloads become current ones; what this server cannot know is reported, never guessed."""

from __future__ import annotations

import pytest

from session_events import upcasters
from session_events.events import OperationUndone
from session_events.exceptions import NewerSchemaVersion, UndecodablePayload, UnknownEventType
from session_events.upcasters import upcast


def test_a_current_payload_is_left_alone() -> None:
    payload = {"operation_sequence": 3}

    assert upcast(wire_name="operation.undone", schema_version=1, payload=payload) == payload


def test_an_old_payload_is_upcast_through_every_version(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(OperationUndone, "schema_version", 3)
    monkeypatch.setattr(
        upcasters,
        "UPCASTERS",
        {
            ("operation.undone", 1): lambda payload: {"second": payload["first"] + 1},
            ("operation.undone", 2): lambda payload: {"third": payload["second"] + 1},
        },
    )

    assert upcast(wire_name="operation.undone", schema_version=1, payload={"first": 1}) == {
        "third": 3
    }


def test_an_unknown_type_is_reported() -> None:
    with pytest.raises(UnknownEventType) as caught:
        upcast(wire_name="session.teleported", schema_version=1, payload={})

    assert caught.value.details == {"wire_name": "session.teleported"}


def test_a_newer_version_is_reported() -> None:
    with pytest.raises(NewerSchemaVersion) as caught:
        upcast(wire_name="operation.undone", schema_version=2, payload={})

    assert caught.value.details == {
        "wire_name": "operation.undone",
        "schema_version": 2,
        "known": 1,
    }


def test_a_schema_version_that_never_existed_is_reported() -> None:
    with pytest.raises(UndecodablePayload):
        upcast(wire_name="operation.undone", schema_version=0, payload={"operation_sequence": 1})
