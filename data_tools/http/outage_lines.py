"""Log a database that fails everybody in one line a second, not in one for each request.

An error report follows the first line in a minute.
"""

from __future__ import annotations

import logging
from contextvars import ContextVar
from http import HTTPStatus

from data_tools.observing.trace import current_trace_id
from data_tools.sql.database_errors import cause_in_a_line, state_of
from data_tools.sql.outage import OUTAGE
from data_tools.sql.postgres.calls import is_of_client_gone

logger = logging.getLogger("data_tools.errors")

# The trace id of the request whose outage this thread has told, or has left to another line.
_told_for: ContextVar[str] = ContextVar("told_for", default="")


def tell_outage(code: str, exc: Exception | None) -> None:
    """Log the cause if `code` is one of the database's errors that meet every request alike.

    All processes of a server together log one line a second for each code; the next one counts
    what was left out. An error that only says that the client is gone is not logged: nobody reads
    the answer, and ending the query was logged.
    """
    if exc is not None and is_of_client_gone(exc):
        _told_for.set(current_trace_id())
    if not code.startswith("DATABASE_"):
        return
    _told_for.set(current_trace_id())
    left_out = OUTAGE.may_say(code)
    if left_out is not None:
        more = f" (and {left_out} more errors since the last line)" if left_out else ""
        state = exc and state_of(exc) or "no SQLSTATE"
        cause = cause_in_a_line(exc) if exc else "found by readyz"
        about = {"code": code, "is_report_due": OUTAGE.may_report(code)}
        logger.error("%s (%s): %s%s", code, state, cause, more, extra=about)


class ToldOutageFilter(logging.Filter):
    """Drops Django's own line, and its traceback, for a request whose outage was told."""

    def filter(self, record: logging.LogRecord) -> bool:
        is_unavailable = getattr(record, "status_code", None) == HTTPStatus.SERVICE_UNAVAILABLE
        return not (is_unavailable and "" != _told_for.get() == current_trace_id())
