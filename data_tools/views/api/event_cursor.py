"""The end of a page of events, as an opaque text that a client sends back for the next page.

It names the session as well, so that paging continues in the same log, whichever session is open.
"""

from __future__ import annotations

import base64
import binascii
import uuid
from dataclasses import dataclass

from data_tools.operations.exceptions import InvalidParameter

_ID_BYTES, _SEQUENCE_BYTES = 16, 8


@dataclass(frozen=True, slots=True, kw_only=True)
class EventCursor:
    """The events of a session with a sequence below `before`, which is positive."""

    session_id: uuid.UUID
    before: int


def as_text(cursor: EventCursor) -> str:
    content = cursor.session_id.bytes + cursor.before.to_bytes(_SEQUENCE_BYTES, "big")
    return base64.urlsafe_b64encode(content).decode()


def from_text(text: str) -> EventCursor:
    """Return the cursor that `as_text` wrote.

    Raises:
        InvalidParameter: the text is no such cursor.
    """
    try:
        content = base64.b64decode(text.encode(), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        content = b""
    before = int.from_bytes(content[_ID_BYTES:], "big")
    if len(content) != _ID_BYTES + _SEQUENCE_BYTES or not 0 < before < 2**63:
        raise InvalidParameter("cursor", "is not the next_cursor of a page of events")
    return EventCursor(session_id=uuid.UUID(bytes=content[:_ID_BYTES]), before=before)
