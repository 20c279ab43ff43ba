"""Everything ever stored can be read for ever, and what is stored today keeps its shape.

A failure here says that an event has changed its shape: give it a new schema version and an
upcaster, then `python -m tests.golden` writes the file that is missing. No file is ever rewritten.
"""

from __future__ import annotations

import dataclasses
import types
import typing
from collections.abc import Iterator

import pytest

from session_events.envelope import decode, decode_metadata, expected_hash
from session_events.events import VOCABULARY, Event
from session_events.exceptions import NewerSchemaVersion, UndecodablePayload, UnknownEventType
from session_events.replay import DefectKind, replay
from session_events.upcasters import UPCASTERS
from tests.golden.examples import EXAMPLES, FROM_OLDER
from tests.golden.files import (
    METADATA,
    STREAM_ID,
    GoldenEvent,
    as_written_today,
    event_path,
    events_in,
    read_event,
)

GOLDEN = events_in("events")
FOREIGN = {
    "session.teleported.v1": (UnknownEventType, DefectKind.UNKNOWN_TYPE),
    "session.cleared.v99": (NewerSchemaVersion, DefectKind.NEWER_SCHEMA),
    "operation.undone.v0": (UndecodablePayload, DefectKind.UNDECODABLE),
    "session.cleared.v1-not-an-object": (UndecodablePayload, DefectKind.UNDECODABLE),
    "session.cleared.v2-with-a-payload-of-v1": (UndecodablePayload, DefectKind.UNDECODABLE),
}


def expected_event(golden: GoldenEvent) -> Event:
    stored = golden.stored
    if stored.schema_version == VOCABULARY[stored.wire_name].schema_version:
        return EXAMPLES[stored.wire_name]
    return FROM_OLDER[stored.wire_name, stored.schema_version]


@pytest.mark.parametrize("wire_name", VOCABULARY)
def test_every_version_of_every_event_has_its_golden_file(wire_name: str) -> None:
    for version in range(1, VOCABULARY[wire_name].schema_version + 1):
        assert event_path(wire_name, version).stem in GOLDEN


def test_every_golden_file_is_of_an_event_we_know() -> None:
    released = {
        event_path(name, version).stem
        for name, kind in VOCABULARY.items()
        for version in range(1, kind.schema_version + 1)
    }

    assert set(GOLDEN) == released


@pytest.mark.parametrize("golden", GOLDEN.values(), ids=GOLDEN)
def test_a_golden_event_is_read_with_its_original_meaning(golden: GoldenEvent) -> None:
    recorded = decode(golden.stored)

    assert recorded.event == expected_event(golden)
    assert recorded.recorded_at == golden.stored.recorded_at
    assert decode_metadata(golden.stored) == METADATA


@pytest.mark.parametrize("golden", [*GOLDEN.values(), *events_in("foreign_events").values()])
def test_a_golden_event_still_has_the_hash_it_was_sealed_with(golden: GoldenEvent) -> None:
    assert golden.stored.hash == expected_hash(golden.stored, previous_hash=golden.previous_hash)


@pytest.mark.parametrize("wire_name", VOCABULARY)
def test_todays_bytes_are_the_golden_ones(wire_name: str) -> None:
    golden = read_event(event_path(wire_name, VOCABULARY[wire_name].schema_version))

    assert as_written_today(EXAMPLES[wire_name]) == golden


def test_every_older_version_has_one_upcaster_and_one_expectation() -> None:
    older = {
        (name, version)
        for name, kind in VOCABULARY.items()
        for version in range(1, kind.schema_version)
    }

    assert set(UPCASTERS) == set(FROM_OLDER) == older
    assert older, "no event has an older version: nothing here shows an upcaster at work"


@pytest.mark.parametrize("name", FOREIGN)
def test_an_event_that_this_server_cannot_know_is_reported_and_never_guessed(name: str) -> None:
    golden = events_in("foreign_events")[name]
    error, kind = FOREIGN[name]

    with pytest.raises(error):
        decode(golden.stored)
    replayed = replay([golden.stored], stream_id=STREAM_ID)

    assert replayed.defect is not None
    assert (replayed.defect.kind, replayed.defect.sequence) == (kind, 1)
    assert replayed.defect.is_damage is (kind is DefectKind.UNDECODABLE)
    assert replayed.events_replayed == 0


def test_every_golden_file_of_a_foreign_event_is_tested() -> None:
    assert set(events_in("foreign_events")) == set(FOREIGN)


@pytest.mark.parametrize("wire_name", VOCABULARY)
def test_an_example_holds_something_of_every_type_that_its_event_can(wire_name: str) -> None:
    """Otherwise a nested type could change its shape without any golden file showing it."""
    assert set(types_held(EXAMPLES[wire_name])) == set(types_declared(VOCABULARY[wire_name]))


def types_held(value: object) -> Iterator[type]:
    """Yield the types of the dataclasses in a value, itself included."""
    if isinstance(value, tuple):
        for item in value:
            yield from types_held(item)
    elif dataclasses.is_dataclass(value):
        yield type(value)
        for field in dataclasses.fields(value):
            yield from types_held(getattr(value, field.name))


def types_declared(declared: object) -> Iterator[type]:
    """Yield the dataclasses in a declared type, itself included."""
    if isinstance(declared, type) and dataclasses.is_dataclass(declared):
        yield declared
        hints = typing.get_type_hints(declared)
        for field in dataclasses.fields(declared):
            yield from types_declared(hints[field.name])
    elif isinstance(declared, types.UnionType) or typing.get_origin(declared) is tuple:
        for argument in typing.get_args(declared):
            yield from types_declared(argument)
