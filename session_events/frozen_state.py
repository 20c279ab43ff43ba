"""Serialize a state to text and back, for snapshots. Pure.

`FOLD_VERSION` identifies the fold that made a state. Raise it with every change of what `evolve`
makes of a log, or of what a state holds: snapshots of an older fold are then ignored, and the log
is folded again.
"""

from __future__ import annotations

import hashlib

import msgspec

from session_events.envelope import canonical_json
from session_events.state import SessionState

FOLD_VERSION = 4

_DECODER = msgspec.json.Decoder(SessionState)


def freeze(state: SessionState) -> str:
    """Return `state` as canonical JSON text."""
    return canonical_json(state)


def thaw(text: str) -> SessionState | None:
    """Return the state that `text` holds, None if it is not a state of this fold."""
    try:
        return _DECODER.decode(text)
    except msgspec.DecodeError:
        return None


def text_digest(text: str) -> str:
    """Return the SHA-256 of a frozen state, in hexadecimal."""
    return hashlib.sha256(text.encode()).hexdigest()
