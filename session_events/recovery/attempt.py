"""One attempt at a recovery: what the client asks for, what was found, and what came of it."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from session_events.events import GivenUp
from session_events.exceptions import RecoveryImpossible
from session_events.heads import StreamHead
from session_events.loading import HeadReplay, Session
from session_events.recording import Command
from session_events.recovery.context import RecoveryContext
from session_events.recovery.source_changes import SourceChange, pending_change
from session_events.recovery.verdicts import Assessment, Strategy
from session_events.replay import Defect
from session_events.state import SessionState


@dataclass(frozen=True, slots=True, kw_only=True)
class RecoveryRequest:
    """What a client asks for.

    `session_id` names an earlier session, None the current one. A new start ignores it.
    """

    strategy: Strategy
    to_version: int | None = None
    session_id: uuid.UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Recovery:
    """What a recovery brought back. `recorded` is false when nothing had to be written.

    `strategy` is the one that was used. `events_replayed` counts the events that the state was
    folded from, after the snapshot at `snapshot_sequence`, or from the first event if that is null.
    `is_repeat` tells that the same request was sent before; this is then what it did at that time.
    """

    session: Session
    strategy: Strategy
    recorded: bool
    is_repeat: bool = False
    events_replayed: int = 0
    snapshot_sequence: int | None = None
    given_up: tuple[GivenUp, ...] = ()
    duration_ms: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class RecoveryAttempt:
    """A stream as it was read, the verdict on it, and the request and command to recover it.

    `change` is how its dataset differs from what it began on, None if it does not.
    """

    head: StreamHead
    replayed: HeadReplay
    change: SourceChange | None
    context: RecoveryContext
    assessment: Assessment
    request: RecoveryRequest
    command: Command

    @property
    def state(self) -> SessionState:
        return self.replayed.replay.state

    @property
    def defect(self) -> Defect | None:
        return self.replayed.replay.defect

    @property
    def session(self) -> Session:
        return Session(head=self.head, state=self.state)

    @property
    def pending_change(self) -> SourceChange | None:
        return pending_change(self.state, self.change)

    @property
    def change_to_rebase_onto(self) -> SourceChange | None:
        """The change of the dataset that the request moves the session to, if any.

        `partial` moves it even after the user chose to stay on the original rows.
        """
        match self.request.strategy:
            case Strategy.AUTO:
                return self.pending_change
            case Strategy.PARTIAL:
                return self.pending_change if self.defect else self.change
        return None

    @property
    def strategy_used(self) -> Strategy:
        if self.defect is not None:
            return Strategy.PARTIAL
        if self.request.strategy is Strategy.TO_VERSION:
            return Strategy.TO_VERSION
        return Strategy.REPLAY if self.replayed.snapshot_sequence is None else Strategy.SNAPSHOT

    def recovered(
        self, session: Session, *, recorded: bool, given_up: tuple[GivenUp, ...] = ()
    ) -> Recovery:
        """Return the recovery that ended in `session`."""
        return Recovery(
            session=session,
            strategy=self.strategy_used,
            recorded=recorded,
            events_replayed=self.replayed.replay.events_replayed,
            snapshot_sequence=self.replayed.snapshot_sequence,
            given_up=given_up,
        )


def impossible(assessment: Assessment, message: str | None = None) -> RecoveryImpossible:
    """Return the error that says why nothing was recovered, with the verdict in its details."""
    return RecoveryImpossible(
        message,
        suggested_action=assessment.suggested_action.value,
        status=assessment.status.value,
        reasons=[
            {"code": reason.code, "sentence": reason.sentence} for reason in assessment.reasons
        ],
    )
