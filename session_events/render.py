"""Render an event as one sentence for people."""

from __future__ import annotations

from session_events import events
from session_events.envelope import StoredEvent, decode
from session_events.exceptions import EventError


def sentence(event: events.Event) -> str:
    """Return what happened, in the past tense, without a full stop."""
    match event:
        case events.SessionStarted():
            return f"Started on {event.row_count:,} rows in {len(event.columns)} columns"
        case events.ViewChanged():
            return f"Looked at page {event.view.page_number:,}"
        case events.OperationApplied():
            return f"Applied {event.operation}{_on_columns(event)}"
        case events.OperationUndone():
            return f"Undid the operation of event {event.operation_sequence}"
        case events.OperationRedone():
            return f"Redid the operation of event {event.operation_sequence}"
        case events.SessionReset():
            return "Went back to the original columns"
        case events.SessionPaused():
            return "Paused"
        case events.SessionResumed():
            return "Resumed"
        case events.SessionExpired():
            return f"Expired at {event.since:%F %T} for want of activity"
        case events.SessionRecovered():
            return f"Recovered by {event.strategy} as of event {event.recovered_version}"
        case events.SessionForked():
            return f"Began with the work of session {event.from_stream}"
        case events.SessionSaved():
            return f"Saved as dataset {event.new_dataset_id}"
        case events.SessionCleared():
            by = event.replaced_by
            return f"Cleared ({event.reason})" + (f"; session {by} took its place" if by else "")
        case events.SourceChangeDeclined():
            return "Stayed on the rows it began on when the dataset got another file"
        case events.ClientErrorReported():
            return f"The browser reported: {event.message}"
    raise TypeError(f"{type(event).__name__} is not in the vocabulary")


def stored_sentence(stored: StoredEvent) -> str:
    """Return what happened, or that the event cannot be read; never raises for a damaged event."""
    try:
        return sentence(decode(stored).event)
    except EventError as error:
        return f"Unreadable event {stored.wire_name} ({error.code})"


def _on_columns(event: events.OperationApplied) -> str:
    names = [change.name for change in event.column_changes if change.name]
    if not names:
        return ""
    shown = ", ".join(names[:3])
    return f" on {shown}" + (f" and {len(names) - 3} more" if len(names) > 3 else "")
