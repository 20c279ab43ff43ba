"""Describe the defect of a log in words."""

from __future__ import annotations

from session_events.replay import Defect, DefectKind

_WORDS = {
    DefectKind.GAP: "is missing",
    DefectKind.HASH_MISMATCH: "is not what was written",
    DefectKind.UNDECODABLE: "cannot be read",
    DefectKind.UNKNOWN_TYPE: "is of a type that this server does not know",
    DefectKind.NEWER_SCHEMA: "was written by a newer server",
}


def defect_in_words(defect: Defect) -> str:
    """Return a sentence without a full stop: which event it is, and what is wrong with it."""
    name = f" ({defect.wire_name})" if defect.wire_name else ""
    return f"Event {defect.sequence:,}{name} {_WORDS[defect.kind]}: {defect.kind.value}"
