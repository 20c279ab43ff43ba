"""The values that a verdict on a session consists of: action, reasons, options. Pure."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum

from session_events.events import Operation
from session_events.state import SessionState, Status


class Action(StrEnum):
    """What a client should do next."""

    CONTINUE = "continue"
    RELOAD = "reload"
    RESUME = "resume"
    RECOVER = "recover"
    RECOVER_PARTIAL = "recover_partial"
    REVIEW_CHANGES = "review_changes"
    START_NEW = "start_new"
    INITIALIZE = "initialize"
    RETRY_LATER = "retry_later"


class Strategy(StrEnum):
    """How a client can ask for a session to be recovered."""

    AUTO = "auto"
    SNAPSHOT = "snapshot"
    REPLAY = "replay"
    PARTIAL = "partial"
    TO_VERSION = "to_version"
    START_NEW = "start_new"


class Source(StrEnum):
    """The state of the dataset that a session works on.

    A dataset that is not ready becomes ready without anybody's help; a failed one needs another
    file.
    """

    READY = "ready"
    NOT_READY = "not_ready"
    FAILED = "failed"
    DELETED = "deleted"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """A stable code and a sentence for people."""

    code: str
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RecoveryOption:
    """One way to recover: the strategy to ask for, what comes back and what is given up.

    `to_version` is the version whose whole work comes back, null if only a part of it does.
    `operations_back` counts the applied operations that come back, which are the first ones.
    """

    strategy: Strategy
    to_version: int | None
    operations_back: int
    comes_back: str
    given_up: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessment:
    """The verdict on one session at one moment, the same for everybody who asks."""

    status: Status
    session_valid: bool
    recovery_possible: bool
    suggested_action: Action
    reasons: tuple[Reason, ...]
    options: tuple[RecoveryOption, ...] = ()
    expires_at: dt.datetime | None = None


def whole_option(state: SessionState, strategy: Strategy) -> RecoveryOption:
    """Return the option that brings all of the session's work back."""
    return RecoveryOption(
        strategy=strategy,
        to_version=state.version,
        operations_back=len(state.operations),
        comes_back=operations_in_words(state.operations, state.redo),
        given_up="nothing",
    )


def fresh_option(state: SessionState) -> RecoveryOption:
    """Return the option to start a new session without any of this one's work."""
    kept = "; the old session is put away and stays recoverable" if state.is_open else ""
    return RecoveryOption(
        strategy=Strategy.START_NEW,
        to_version=None,
        operations_back=0,
        comes_back=f"the dataset as it was loaded{kept}",
        given_up=operations_in_words(state.operations, state.redo),
    )


def operations_in_words(
    operations: tuple[Operation, ...], undone: tuple[Operation, ...] = ()
) -> str:
    """Return how many operations there are, applied and undone, as a phrase for people."""
    count = len(operations)
    if not count and not undone:
        return "nothing but the view"
    words = f"{count} operation{'s' * (count != 1)}"
    return f"{words} and {len(undone)} that can be redone" if undone else words
