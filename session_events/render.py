"""Render an event as one sentence for people."""

from __future__ import annotations

from session_events.envelope import StoredEvent, decode
from session_events.events import (
    ClientErrorReported,
    Event,
    OperationApplied,
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
    SessionStarted,
    SourceChangeDeclined,
    ViewChanged,
)
from session_events.exceptions import EventError


def sentence(event: Event) -> str:
    """Return what happened, in the past tense, without a full stop."""
    match event:
        case SessionStarted():
            return f"Started on {event.row_count:,} rows in {len(event.columns)} columns"
        case ViewChanged():
            return f"Looked at page {event.view.page_number:,}"
        case OperationApplied():
            return f"Applied {event.operation}{_on_columns(event)}"
        case OperationUndone():
            return f"Undid the operation of event {event.operation_sequence}"
        case OperationRedone():
            return f"Redid the operation of event {event.operation_sequence}"
        case SessionReset():
            return "Went back to the original columns"
        case SessionPaused():
            return "Paused"
        case SessionResumed():
            return "Resumed"
        case SessionExpired():
            return f"Expired at {event.since:%F %T} for want of activity"
        case SessionRecovered():
            return f"Recovered by {event.strategy} as of event {event.recovered_version}"
        case SessionForked():
            return f"Began with the work of session {event.from_stream}"
        case SessionSaved():
            return f"Saved as dataset {event.new_dataset_id}"
        case SessionCleared():
            by = event.replaced_by
            return f"Cleared ({event.reason})" + (f"; session {by} took its place" if by else "")
        case SourceChangeDeclined():
            return "Stayed on the rows it began on when the dataset got another file"
        case ClientErrorReported():
            return f"The browser reported: {event.message}"
    raise TypeError(f"{type(event).__name__} is not in the vocabulary")


def stored_sentence(stored: StoredEvent) -> str:
    """Return what happened, or that the event cannot be read; never raises for a damaged event."""
    try:
        return sentence(decode(stored).event)
    except EventError as error:
        return f"Unreadable event {stored.wire_name} ({error.code})"


def _on_columns(event: OperationApplied) -> str:
    names = [change.name for change in event.column_changes if change.name]
    if not names:
        return ""
    shown = ", ".join(names[:3])
    return f" on {shown}" + (f" and {len(names) - 3} more" if len(names) > 3 else "")
