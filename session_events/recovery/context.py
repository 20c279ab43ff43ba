"""What a verdict on a session has to know that its log does not.

The log neither knows datasets nor what an operation does; whoever keeps the datasets tells.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from session_events.events import Operation
from session_events.recovery.rebasing import UNCHANGED, Revision
from session_events.recovery.verdicts import Source
from session_events.state import SessionState


@dataclass(frozen=True, slots=True, kw_only=True)
class RecoveryContext:
    """How a session's dataset is at this moment, and which operations this server can carry out.

    `knows_operation` is false for the name of an operation that only a newer server has.
    """

    source: Source
    revision: Revision = UNCHANGED
    knows_operation: Callable[[str], bool]

    def unknown_operation(self, state: SessionState) -> Operation | None:
        """Return the first operation, standing or to be redone, that this server does not know."""
        return first_unknown(state, self.knows_operation)


def first_unknown(state: SessionState, knows_operation: Callable[[str], bool]) -> Operation | None:
    """Return the first operation of the state, standing or to be redone, that is not known."""
    for operation in (*state.operations, *reversed(state.redo)):
        if not knows_operation(operation.operation):
            return operation
    return None
