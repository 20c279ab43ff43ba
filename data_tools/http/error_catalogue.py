"""The catalogue of errors: for each code its status, what to tell people, and the next steps.

A status is set here and nowhere else. `errors` finds the entry of an exception.
"""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class RecoveryAction:
    """A next step that a client can offer as a button; `path` is below the dataset's mount."""

    label: str
    method: str
    path: str


RECOVERY_ACTIONS: dict[str, RecoveryAction] = {
    "reload": RecoveryAction(label="Load the latest version", method="GET", path="session/status/"),
    "initialize": RecoveryAction(
        label="Open the dataset", method="POST", path="session/initialize/"
    ),
    "validate": RecoveryAction(
        label="See what can be recovered", method="GET", path="session/validate/"
    ),
    "recover": RecoveryAction(label="Recover the session", method="POST", path="session/recover/"),
    "undo": RecoveryAction(label="Take the last step back", method="POST", path="session/undo/"),
    "resume": RecoveryAction(label="Resume the session", method="POST", path="session/resume/"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorKind:
    """One entry of the catalogue.

    `user_message` is for people; without one, they are shown the error's own message.
    `retryable` says that the same request may succeed later.
    """

    status: HTTPStatus
    user_message: str | None = None
    recovery_actions: tuple[str, ...] = ()
    retryable: bool = False


_BAD = HTTPStatus.BAD_REQUEST
_CONFLICT = HTTPStatus.CONFLICT

CATALOGUE: dict[str, ErrorKind] = {
    "NOT_AUTHENTICATED": ErrorKind(
        status=HTTPStatus.UNAUTHORIZED, user_message="Sign in to go on; nothing is lost."
    ),
    "INVALID_CREDENTIALS": ErrorKind(
        status=_BAD, user_message="The user name or the password is not right."
    ),
    "CSRF_FAILED": ErrorKind(
        status=HTTPStatus.FORBIDDEN,
        user_message="This request did not come from our page. Reload the page and try again.",
    ),
    "NOT_FOUND": ErrorKind(status=HTTPStatus.NOT_FOUND, user_message="There is no such address."),
    "DATASOURCE_NOT_FOUND": ErrorKind(
        status=HTTPStatus.NOT_FOUND, user_message="There is no such dataset."
    ),
    "DATASOURCE_NOT_READY": ErrorKind(status=_CONFLICT, retryable=True),
    "DATASOURCE_FAILED": ErrorKind(status=_CONFLICT),
    "METHOD_NOT_ALLOWED": ErrorKind(
        status=HTTPStatus.METHOD_NOT_ALLOWED, user_message="This address does not do that."
    ),
    "NOT_ACCEPTABLE": ErrorKind(
        status=HTTPStatus.NOT_ACCEPTABLE, user_message="We can only answer in JSON."
    ),
    "UNSUPPORTED_MEDIA_TYPE": ErrorKind(
        status=HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
        user_message="This address does not read that kind of content.",
    ),
    "LENGTH_REQUIRED": ErrorKind(status=HTTPStatus.LENGTH_REQUIRED),
    "PAYLOAD_TOO_LARGE": ErrorKind(status=HTTPStatus.REQUEST_ENTITY_TOO_LARGE),
    "URI_TOO_LONG": ErrorKind(
        status=HTTPStatus.REQUEST_URI_TOO_LONG, user_message="The address is too long."
    ),
    "HEADERS_TOO_LARGE": ErrorKind(
        status=HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE,
        user_message="The request's headers are too large. Delete this site's cookies, try again.",
    ),
    "INVALID_REQUEST": ErrorKind(status=_BAD, user_message="The request could not be read."),
    "INVALID_JSON": ErrorKind(status=_BAD, user_message="The request is not valid JSON."),
    "INVALID_BODY": ErrorKind(status=_BAD),
    "INVALID_PARAMETER": ErrorKind(status=_BAD),
    "INVALID_PAGINATION": ErrorKind(status=_BAD),
    "INVALID_SORT": ErrorKind(status=_BAD),
    "INVALID_FILTER": ErrorKind(status=_BAD),
    "COLUMN_NOT_FOUND": ErrorKind(status=_BAD),
    "COLUMN_EXISTS": ErrorKind(status=_BAD),
    "OPERATION_UNKNOWN": ErrorKind(status=_BAD),
    "VALUES_DO_NOT_FIT": ErrorKind(status=_BAD),
    "NOTHING_TO_FIT": ErrorKind(status=_BAD),
    "SESSION_TOO_COMPLEX": ErrorKind(status=_BAD),
    "TOO_MANY_OPERATIONS": ErrorKind(status=_BAD),
    "INVALID_UPLOAD": ErrorKind(status=_BAD),
    "INVALID_RECIPE": ErrorKind(status=_BAD),
    "SESSION_NOT_FOUND": ErrorKind(
        status=_BAD,
        user_message="No active session found",
        recovery_actions=("initialize", "validate"),
    ),
    "SESSION_PAUSED": ErrorKind(status=_CONFLICT, recovery_actions=("resume",)),
    "SESSION_EXPIRED": ErrorKind(status=_CONFLICT, recovery_actions=("recover", "validate")),
    "SESSION_CONFLICT": ErrorKind(
        status=_CONFLICT,
        user_message="This session was changed in another tab.",
        recovery_actions=("reload",),
    ),
    "SESSION_DAMAGED": ErrorKind(status=_CONFLICT, recovery_actions=("validate", "recover")),
    "SESSION_UNREADABLE": ErrorKind(
        status=HTTPStatus.SERVICE_UNAVAILABLE, recovery_actions=("validate",), retryable=True
    ),
    "ROWS_NOT_REPRODUCED": ErrorKind(status=_CONFLICT, recovery_actions=("validate", "undo")),
    "ROWS_GONE": ErrorKind(
        status=_CONFLICT,
        user_message="The rows that this is about are not kept any more.",
        recovery_actions=("validate", "recover"),
    ),
    "CLIENT_OPERATION_ID_REUSED": ErrorKind(status=_CONFLICT),
    "NOTHING_TO_UNDO": ErrorKind(status=_BAD, recovery_actions=("reload",)),
    "NOTHING_TO_REDO": ErrorKind(status=_BAD, recovery_actions=("reload",)),
    "RECOVERY_IMPOSSIBLE": ErrorKind(status=_CONFLICT, recovery_actions=("validate", "initialize")),
    "INVALID_RECOVERY": ErrorKind(status=_BAD, recovery_actions=("validate",)),
    "INVALID_VERSION": ErrorKind(status=_BAD, recovery_actions=("reload",)),
    "THROTTLED": ErrorKind(
        status=HTTPStatus.TOO_MANY_REQUESTS,
        user_message="Too many requests; wait a moment.",
        retryable=True,
    ),
    "QUERY_TIMEOUT": ErrorKind(
        status=HTTPStatus.SERVICE_UNAVAILABLE,
        user_message="This took too long and was stopped; nothing was changed.",
        retryable=True,
    ),
    "DATABASE_UNAVAILABLE": ErrorKind(
        status=HTTPStatus.SERVICE_UNAVAILABLE,
        user_message="The service cannot reach its database. Nothing is lost; try again soon.",
        recovery_actions=("validate",),
        retryable=True,
    ),
    "INTERNAL_ERROR": ErrorKind(
        status=HTTPStatus.INTERNAL_SERVER_ERROR,
        user_message="Something went wrong on our side. Your saved work is safe.",
        retryable=True,
    ),
}
