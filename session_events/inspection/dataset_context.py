"""How a session's dataset is, for whoever inspects the session.

The log knows no datasets. Who keeps them says, when the application starts, how to ask.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable

from session_events.recovery.context import RecoveryContext

_ask: Callable[[uuid.UUID], RecoveryContext] | None = None


def ask_by(ask: Callable[[uuid.UUID], RecoveryContext] | None) -> None:
    """Let `ask` tell how a dataset is at the moment, by its id; nobody tells with None."""
    global _ask
    _ask = ask


def recovery_context_of(dataset_id: uuid.UUID) -> RecoveryContext | None:
    """Return how the dataset is, None where nobody tells."""
    return None if _ask is None else _ask(dataset_id)
