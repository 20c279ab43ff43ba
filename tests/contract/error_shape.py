"""The one shape of every error of the API, and a check that says what is wrong with an answer."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator

from django.conf import settings
from django.urls import Resolver404, resolve

from tests.support.studio_client import Answer

# The status of each code, repeated here so that no change of the catalogue goes unnoticed.
STATUS = {
    "INVALID_JSON": 400,
    "INVALID_BODY": 400,
    "INVALID_PARAMETER": 400,
    "INVALID_PAGINATION": 400,
    "INVALID_SORT": 400,
    "INVALID_FILTER": 400,
    "INVALID_UPLOAD": 400,
    "INVALID_RECIPE": 400,
    "INVALID_RECOVERY": 400,
    "INVALID_VERSION": 400,
    "INVALID_CREDENTIALS": 400,
    "INVALID_REQUEST": 400,
    "COLUMN_NOT_FOUND": 400,
    "COLUMN_EXISTS": 400,
    "VALUES_DO_NOT_FIT": 400,
    "NOTHING_TO_FIT": 400,
    "NOTHING_TO_UNDO": 400,
    "NOTHING_TO_REDO": 400,
    "SESSION_NOT_FOUND": 400,
    "OPERATION_UNKNOWN": 400,
    "EXPORT_DOES_NOT_FIT": 400,
    "SESSION_TOO_COMPLEX": 400,
    "TOO_MANY_OPERATIONS": 400,
    "TOO_MANY_COLUMNS": 400,
    "CELL_TOO_LARGE": 400,
    "TABLE_TOO_LARGE": 400,
    "ANSWER_TOO_LARGE": 400,
    "TOKEN_REQUIRED": 400,
    "NOT_AUTHENTICATED": 401,
    "TOKEN_EXPIRED": 401,
    "CSRF_FAILED": 403,
    "NOT_FOUND": 404,
    "DATASOURCE_NOT_FOUND": 404,
    "TOKEN_NOT_FOUND": 404,
    "METHOD_NOT_ALLOWED": 405,
    "NOT_ACCEPTABLE": 406,
    "SESSION_CONFLICT": 409,
    "SESSION_PAUSED": 409,
    "SESSION_EXPIRED": 409,
    "DATASOURCE_NOT_READY": 409,
    "DATASOURCE_FAILED": 409,
    "CLIENT_OPERATION_ID_REUSED": 409,
    "RECOVERY_IMPOSSIBLE": 409,
    "ROWS_NOT_REPRODUCED": 409,
    "ROWS_GONE": 409,
    "QUOTA_EXCEEDED": 409,
    "SESSION_DAMAGED": 409,
    "TOKEN_ALREADY_ROTATED": 409,
    "TOO_MANY_TOKENS": 409,
    "LENGTH_REQUIRED": 411,
    "PAYLOAD_TOO_LARGE": 413,
    "REQUEST_TOO_SLOW": 408,
    "UPLOADS_BUSY": 503,
    "URI_TOO_LONG": 414,
    "UNSUPPORTED_MEDIA_TYPE": 415,
    "THROTTLED": 429,
    "TOO_MUCH_AT_ONCE": 429,
    "HEADERS_TOO_LARGE": 431,
    "INTERNAL_ERROR": 500,
    "SESSION_UNREADABLE": 503,
    "SERVICE_BUSY": 503,
    "QUERY_TIMEOUT": 503,
    "OUTCOME_UNKNOWN": 503,
    "DATABASE_UNAVAILABLE": 503,
    "DATABASE_READ_ONLY": 503,
    "DATABASE_FULL": 503,
    "DATABASE_OVERLOADED": 503,
    "DATABASE_BUSY": 503,
}
ERROR_KEYS = {
    *("code", "message", "user_message", "recovery_actions", "retryable", "details"),
    *("timestamp", "trace_id"),
}
LONGEST_SENTENCE = 1_000
LONGEST_ANSWER = 20_000
_INTERNALS = re.compile(
    r"Traceback|File \\?\"|site-packages|psycopg|django|data_tools|session_events|hydroml"
    r"|SELECT |INSERT |NoneType|object at 0x|Exception|[a-z]Error\b|must not be None"
)


def faults(
    answer: Answer, code: str, *, sentence: bool = False, answers_200: bool = False
) -> Iterator[str]:
    """Yield a sentence for each thing that is wrong with the answer as the error `code`.

    `sentence` is for an existing endpoint's answer to a client without the capability, and
    `answers_200` for an endpoint that answers such a client's 400 and 409 with 200.
    """
    status = STATUS[code]
    if answers_200 and sentence and status in (400, 409):
        status = 200
    if answer.status != status:
        yield f"status is {answer.status}, not {status}"
    if answer.headers.get("Content-Type") != "application/json":
        yield f"content type is {answer.headers.get('Content-Type')}"
        return
    body = answer.body
    if body.get("success") is not False:
        yield "success is not false"
    if set(body) != ({"success", "error", "error_detail"} if sentence else {"success", "error"}):
        yield f"keys are {sorted(body)}"
        return
    if sentence and not (isinstance(body["error"], str) and body["error"]):
        yield "error is not a sentence"
    error = answer.error
    if set(error) != ERROR_KEYS:
        yield f"the error object's keys are {sorted(error)}"
        return
    if error["code"] != code:
        yield f"code is {error['code']}, not {code}"
    if sentence and error["user_message"] != body["error"]:
        yield "error is not the user's message"
    if not error["trace_id"] or error["trace_id"] != answer.headers.get("X-Trace-Id"):
        yield "trace_id is not the header's"
    if dt.datetime.fromisoformat(error["timestamp"]).utcoffset() != dt.timedelta(0):
        yield f"timestamp {error['timestamp']} is not UTC"
    for name in ("message", "user_message"):
        if not 0 < len(error[name]) <= LONGEST_SENTENCE:
            yield f"{name} has {len(error[name])} characters"
    if len(answer.content) > LONGEST_ANSWER:
        yield f"the answer is {len(answer.content)} bytes long"
    text = answer.content.decode()
    if leak := _INTERNALS.search(text) or (str(settings.BASE_DIR) in text and settings.BASE_DIR):
        yield f"shows internals: {leak}"
    for action in error["recovery_actions"]:
        try:
            resolve(action["href"])
        except Resolver404:
            yield f"the recovery action {action} leads nowhere"
