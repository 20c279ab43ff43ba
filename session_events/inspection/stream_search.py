"""Find the sessions that a text names: exact matches only, each by an index."""

from __future__ import annotations

import uuid

from django.contrib.auth import get_user_model
from django.db.models import Q

from session_events.models import SessionEvent
from session_events.trace_ids import LONGEST_TRACE_ID, TRACE_ID

# A trace is normally one request. If a caller reuses its id, this many events are looked at.
_MOST_EVENTS_OF_A_TRACE = 500


def named_by(text: str) -> Q:
    """Return the streams that `text` names by session, dataset, event or trace id, or by user name.

    Tries all of them, since a trace id without dashes can be read as any other id.
    """
    text = text.strip()
    streams = set(_streams_of_trace(text.lower()))
    named = Q(user_id__in=_users_called(text))
    identifier = _uuid(text)
    if identifier is not None:
        named |= Q(dataset_id=identifier)
        streams.add(identifier)
        streams.update(
            SessionEvent.objects.filter(pk=identifier).values_list("stream_id", flat=True)
        )
    return named | Q(pk__in=streams)


def _users_called(text: str) -> list[int]:
    username = get_user_model().USERNAME_FIELD
    return list(get_user_model().objects.filter(**{username: text}).values_list("pk", flat=True))


def _streams_of_trace(trace_id: str) -> list[uuid.UUID]:
    if not trace_id or len(trace_id) > LONGEST_TRACE_ID:
        return []
    return list(
        SessionEvent.objects.alias(trace_id=TRACE_ID)
        .filter(trace_id=trace_id)
        .order_by()
        .values_list("stream_id", flat=True)[:_MOST_EVENTS_OF_A_TRACE]
    )


def _uuid(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text)
    except ValueError:
        return None
