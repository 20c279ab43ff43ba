"""The domain's errors. A docstring is the default message; `code` is stable.

`details` holds plain JSON values for whoever presents the error. An error raised by a service
means that nothing was written, unless the docstring of the service says otherwise.
"""

from __future__ import annotations

import inspect
import uuid
from typing import Any, ClassVar


class SessionEventsError(Exception):
    """The session could not do that."""

    code: ClassVar[str] = "SESSION_ERROR"

    def __init__(self, message: str | None = None, **details: Any) -> None:
        super().__init__(message or inspect.getdoc(type(self)))
        self.details = details


class SessionNotFound(SessionEventsError):
    """There is no session for this dataset. Initialize one."""

    code = "SESSION_NOT_FOUND"


class SessionPausedError(SessionEventsError):
    """The session is paused. Resume it to go on."""

    code = "SESSION_PAUSED"


class SessionExpiredError(SessionEventsError):
    """The session expired after a time without activity. Recover it to go on; nothing is lost."""

    code = "SESSION_EXPIRED"


class SessionConflict(SessionEventsError):
    """The session has moved on since the caller last saw it, or is another one. Load it again."""

    code = "SESSION_CONFLICT"

    def __init__(
        self,
        *,
        current_version: int,
        expected_version: int | None = None,
        current_session_id: uuid.UUID | None = None,
        expected_session_id: uuid.UUID | None = None,
    ) -> None:
        if expected_session_id is None:
            message = f"expected version {expected_version}, session is at {current_version}"
        else:
            message = f"expected session {expected_session_id}, it is {current_session_id}"
        details = {
            "expected_session_id": expected_session_id and str(expected_session_id),
            "current_session_id": current_session_id and str(current_session_id),
            "expected_version": expected_version,
            "current_version": current_version,
        }
        super().__init__(
            message, **{name: value for name, value in details.items() if value is not None}
        )


class AnotherStreamOpen(SessionEventsError):
    """Another session was opened on the dataset at the same time. Load that one."""

    code = "SESSION_CONFLICT"


class ClientOperationRepeated(SessionEventsError):
    """This client operation id is in the log already. Answer with its first result.

    Raised by the store alone; the services turn it into that answer.
    """

    code = "CLIENT_OPERATION_REPEATED"


class ClientOperationIdReused(SessionEventsError):
    """This client operation id was used for another request. Use a new id for a new request."""

    code = "CLIENT_OPERATION_ID_REUSED"


class NothingToUndo(SessionEventsError):
    """No operations to undo or undo failed"""

    code = "NOTHING_TO_UNDO"


class NothingToRedo(SessionEventsError):
    """No operations to redo or redo failed"""

    code = "NOTHING_TO_REDO"


class TooManyOperations(SessionEventsError):
    """The session holds as many operations as it can. Save it as a dataset and go on from there."""

    code = "TOO_MANY_OPERATIONS"


class LogDamaged(SessionEventsError):
    """The session's log is damaged. Recover the work before the damage."""

    code = "SESSION_DAMAGED"


class LogUnreadable(SessionEventsError):
    """The session was written by a newer server. Nothing is lost; try again after the upgrade."""

    code = "SESSION_UNREADABLE"


class RecoveryImpossible(SessionEventsError):
    """This session cannot be recovered in that way."""

    code = "RECOVERY_IMPOSSIBLE"


class InvalidRecovery(SessionEventsError):
    """There is no such way to recover the session."""

    code = "INVALID_RECOVERY"


class VersionNotFound(SessionEventsError):
    """The session has no such version."""

    code = "INVALID_VERSION"


class EventError(SessionEventsError):
    """An event cannot be read."""

    code = "EVENT_UNREADABLE"


class UnknownEventType(EventError):
    """This server does not know the event's type."""

    code = "EVENT_TYPE_UNKNOWN"


class NewerSchemaVersion(EventError):
    """The event has a newer schema version than this server knows."""

    code = "EVENT_SCHEMA_NEWER"


class UndecodablePayload(EventError):
    """The event's payload is not what its type and schema version say."""

    code = "EVENT_UNDECODABLE"
