"""Every event has a sentence for people."""

from __future__ import annotations

import uuid
from dataclasses import replace

import pytest

from session_events.events import (
    VOCABULARY,
    ClientErrorReported,
    ColumnChange,
    Event,
    OperationRedone,
    OperationUndone,
    SessionCleared,
    SessionExpired,
    SessionForked,
    SessionPaused,
    SessionRecovered,
    SessionReset,
    SessionResumed,
    SessionSaved,
    SourceChangeDeclined,
    Work,
)
from session_events.render import sentence, stored_sentence
from tests.unit.session_events.streams import BEGAN, applied, looked_at, renamed, sealed, started

ID = uuid.UUID(int=1)
SENTENCES = [
    (started(), "Started on 10 rows in 2 columns"),
    (looked_at(3000), "Looked at page 3,000"),
    (renamed("late"), "Applied rename_column on late"),
    (
        applied(
            "add_many",
            *(ColumnChange(action="add", key=f"d{n}", name=f"c{n}", type="text") for n in range(5)),
        ),
        "Applied add_many on c0, c1, c2 and 2 more",
    ),
    (applied("drop", ColumnChange(action="drop", key="b0")), "Applied drop"),
    (OperationUndone(operation_sequence=4), "Undid the operation of event 4"),
    (OperationRedone(operation_sequence=4), "Redid the operation of event 4"),
    (SessionReset(), "Went back to the original columns"),
    (SessionPaused(), "Paused"),
    (SessionResumed(), "Resumed"),
    (SessionExpired(since=BEGAN), "Expired at 2026-01-01 12:00:00 for want of activity"),
    (
        SessionRecovered(
            strategy="replay", recovered_version=4, snapshot_sequence=None, events_replayed=4
        ),
        "Recovered by replay as of event 4",
    ),
    (
        SessionForked(from_stream=ID, from_sequence=2, reason="r", work=Work()),
        f"Began with the work of session {ID}",
    ),
    (SessionSaved(new_dataset_id=ID), f"Saved as dataset {ID}"),
    (SessionCleared(reason="user", replaced_by=None), "Cleared (user)"),
    (
        SessionCleared(reason="forked", replaced_by=ID),
        f"Cleared (forked); session {ID} took its place",
    ),
    (
        SourceChangeDeclined(source_fingerprint="e" * 64),
        "Stayed on the rows it began on when the dataset got another file",
    ),
    (ClientErrorReported(message="boom", context={}), "The browser reported: boom"),
]


@pytest.mark.parametrize(("event", "expected"), SENTENCES)
def test_an_event_says_what_happened(event: Event, expected: str) -> None:
    assert sentence(event) == expected


def test_every_event_of_the_vocabulary_has_a_sentence() -> None:
    assert {type(event) for event, _ in SENTENCES} == set(VOCABULARY.values())


def test_a_class_outside_the_vocabulary_has_no_sentence() -> None:
    with pytest.raises(TypeError, match="not in the vocabulary"):
        sentence(Event())


def test_a_stored_event_that_cannot_be_read_says_so() -> None:
    stored = sealed([started()])[0]

    assert stored_sentence(stored) == "Started on 10 rows in 2 columns"
    assert stored_sentence(replace(stored, wire_name="session.teleported")) == (
        "Unreadable event session.teleported (EVENT_TYPE_UNKNOWN)"
    )
