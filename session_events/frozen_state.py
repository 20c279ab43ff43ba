"""A state as text and back: what a snapshot keeps. Pure.

`FOLD_VERSION` says which fold made a state. Whoever changes what `evolve` makes of a log, or what
a state holds, raises it: older snapshots are then ignored, and the log is folded anew.
"""

from __future__ import annotations

import hashlib

import msgspec

from session_events.envelope import canonical_json
from session_events.state import SessionState

FOLD_VERSION = 3

_DECODER = msgspec.json.Decoder(SessionState)


def freeze(state: SessionState) -> str:
    """Return `state` as canonical JSON text."""
    return canonical_json(state)


def thaw(text: str) -> SessionState | None:
    """Return the state that `text` holds, None if it holds none of this fold's."""
    try:
        return _DECODER.decode(text)
    except msgspec.DecodeError:
        return None


def text_digest(text: str) -> str:
    """Return the SHA-256 of a frozen state, in hexadecimal."""
    return hashlib.sha256(text.encode()).hexdigest()
