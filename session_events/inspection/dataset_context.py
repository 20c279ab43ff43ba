"""The recovery context of a session's dataset, for inspecting the session.

The log does not know datasets. The application that keeps them registers, when it starts, a
function that returns their context.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable

from session_events.recovery.context import RecoveryContext

_context_of: Callable[[uuid.UUID], RecoveryContext] | None = None


def ask_by(context_of: Callable[[uuid.UUID], RecoveryContext] | None) -> None:
    """Register the function that returns a dataset's context by its id, None to unregister it."""
    global _context_of
    _context_of = context_of


def recovery_context_of(dataset_id: uuid.UUID) -> RecoveryContext | None:
    """Return the dataset's context, None if no function is registered."""
    return None if _context_of is None else _context_of(dataset_id)
