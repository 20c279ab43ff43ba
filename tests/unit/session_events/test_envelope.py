"""Canonical bytes and the chain over them."""

from __future__ import annotations

import datetime as dt
import json
import math
import uuid
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from session_events.envelope import (
    GENESIS_HASH,
    EventMetadata,
    canonical_json,
    decode,
    decode_metadata,
    digest,
    seal,
)
from session_events.events import VOCABULARY, ClientErrorReported, View
from session_events.exceptions import UndecodablePayload
from tests.unit.session_events.streams import BEGAN, STREAM_ID, renamed, sealed, started

JSON_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=10,
)


@given(context=st.dictionaries(st.text(), JSON_VALUES, max_size=5))
def test_a_payload_comes_back_as_it_was_stored(context: dict[str, object]) -> None:
    event = ClientErrorReported(message="m\x00\n", context=context)

    stored = seal(
        event,
        stream_id=STREAM_ID,
        sequence=1,
        previous_hash=GENESIS_HASH,
        recorded_at=BEGAN,
        metadata=EventMetadata(),
    )

    assert decode(stored).event == event
    assert canonical_json(json.loads(stored.payload)) == stored.payload


def test_a_negative_zero_keeps_its_sign() -> None:
    stored = sealed([ClientErrorReported(message="", context={"zero": -0.0})])[0]

    event = decode(stored).event

    assert isinstance(event, ClientErrorReported)
    assert math.copysign(1, event.context["zero"]) == -1


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf])
def test_a_number_that_json_does_not_have_is_refused(number: float) -> None:
    with pytest.raises(ValueError, match="Out of range"):
        digest([number])


def test_canonical_json_does_not_depend_on_the_order_of_keys() -> None:
    assert canonical_json({"b": 1, "a": [1.0, "é"]}) == '{"a":[1.0,"\\u00e9"],"b":1}'
    assert digest({"b": 1, "a": 2}) == digest({"a": 2, "b": 1})


def test_the_chain_is_pinned_by_an_example() -> None:
    """Changing the canonical bytes breaks every existing log; this test notices."""
    stored = seal(
        renamed("late"),
        stream_id=STREAM_ID,
        sequence=2,
        previous_hash=GENESIS_HASH,
        recorded_at=BEGAN,
        metadata=EventMetadata(actor_id=1),
        event_id=uuid.UUID(int=5),
    )

    assert stored.payload == (
        '{"cells_changed":0,"column_changes":[{"action":"set","after":null,"key":"b1",'
        '"name":"late","type":"float"}],"fitted":{},"operation":"rename_column","parameters":{},'
        '"rows_after":10,"rows_before":10}'
    )
    assert stored.metadata == (
        '{"actor_id":1,"causation_id":null,"client_kind":"","client_operation_id":nu'
        'll,"correlation_id":null,"request_digest":null,"trace_id":""}'
    )
    assert stored.hash.hex() == "da252219b09e5d06f1f17d993c6ebf16894d14213ebbb131fa1cbbf07a48e5c0"


def test_a_view_has_what_was_added_to_it_only_where_it_holds_something() -> None:
    """Otherwise an item recorded before would be another request when it is sent again."""
    page = View(page_number=1, page_size=25)
    laid_out = replace(page, column_widths={"year": 120}, frozen_columns=2)

    assert canonical_json(page) == (
        '{"column_order":[],"filters":null,"hidden_columns":[],"page_number":1,"page_size":25,'
        '"sort":[]}'
    )
    assert canonical_json(laid_out) == (
        '{"column_order":[],"column_widths":{"year":120},"filters":null,"frozen_columns":2,'
        '"hidden_columns":[],"page_number":1,"page_size":25,"sort":[]}'
    )


def test_metadata_comes_back_and_the_client_operation_id_is_stored_beside_it() -> None:
    metadata = EventMetadata(
        actor_id=3,
        trace_id="abc",
        client_operation_id=uuid.UUID(int=9),
        request_digest="d",
        client_kind="curl",
    )

    stored = seal(
        started(),
        stream_id=STREAM_ID,
        sequence=1,
        previous_hash=GENESIS_HASH,
        recorded_at=BEGAN,
        metadata=metadata,
    )

    assert decode_metadata(stored) == metadata
    assert stored.client_operation_id == uuid.UUID(int=9)


def test_wire_names_and_versions_are_what_was_released() -> None:
    assert {name: kind.schema_version for name, kind in VOCABULARY.items()} == {
        "session.started": 1,
        "session.view_changed": 1,
        "operation.applied": 1,
        "operation.undone": 1,
        "operation.redone": 1,
        "session.reset": 1,
        "session.paused": 1,
        "session.resumed": 1,
        "session.expired": 1,
        "session.recovered": 1,
        "session.forked": 1,
        "session.saved": 1,
        "session.cleared": 2,
        "session.source_change_declined": 1,
        "client.error_reported": 1,
    }


def test_a_time_of_any_class_has_one_spelling() -> None:
    class Moment(dt.datetime):
        pass

    moment = dt.datetime(2026, 1, 1, 12, 0, 0, 120, tzinfo=dt.UTC)

    assert canonical_json(Moment.fromtimestamp(moment.timestamp(), dt.UTC)) == canonical_json(
        moment
    )


def test_a_value_without_a_json_form_is_refused() -> None:
    with pytest.raises(TypeError, match="no place in an event"):
        canonical_json(object())


def test_a_payload_nested_too_deep_to_read_is_undecodable() -> None:
    (stored,) = sealed([renamed("a")])
    deep = replace(stored, payload='{"parameters":{"a":' + "[" * 50_000)

    with pytest.raises(UndecodablePayload):
        decode(deep)
