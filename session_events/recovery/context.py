"""What the verdict on a session needs to know beyond the session's log.

The log knows neither datasets nor what an operation does; the application that keeps the datasets
supplies both.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from session_events.recovery.rebasing import UNCHANGED, CurrentRevision
from session_events.recovery.verdicts import Source


@dataclass(frozen=True, slots=True, kw_only=True)
class RecoveryContext:
    """The session's dataset at this moment, and which operations this server can carry out.

    `knows_operation` is false for the name of an operation that only a newer server has.
    """

    source: Source
    revision: CurrentRevision = UNCHANGED
    knows_operation: Callable[[str], bool]
