"""Log records: with their trace id, and without the values of users."""

from __future__ import annotations

import copy
import logging
import re
import socket
import ssl
from collections.abc import Iterator, Mapping
from types import TracebackType
from typing import Any

import psycopg2
from django.conf import settings
from django.core.exceptions import SuspiciousOperation
from django.db.utils import DatabaseError
from django.http import HttpRequest

from data_tools.observing.trace import current_trace_id
from session_events.error_names import system_message, without_values

# PostgreSQL quotes rows and literals, Python what it could not read or find, the system names of
# files, Django what is forged.
_QUOTING = (psycopg2.Error, DatabaseError, ValueError, LookupError, OSError, SuspiciousOperation)
# They say what is wrong with a connection, and are of the kinds above.
_OF_THE_NETWORK = (ConnectionError, socket.gaierror, ssl.SSLError)
# Django quotes the page that a refused form came from, with its query.
_CSRF = "django.security.csrf"
_QUOTED_PAGE = re.compile(r" - .* does not match", re.DOTALL)
_ErrorInfo = (
    tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]
)


class TraceFilter(logging.Filter):
    """Puts the trace id on every log record, and a route in place of the path of a request."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.trace_id = current_trace_id()
        request = getattr(record, "request", None)
        if isinstance(request, HttpRequest) and isinstance(record.args, tuple):
            shown = route_of(request) or "(no such address)"
            # Django escapes what is not ASCII in the arguments of its own lines.
            written = (request.path, request.path.encode("unicode_escape").decode("ascii"))
            record.args = tuple(shown if each in written else each for each in record.args)
        if record.name == _CSRF and isinstance(record.args, tuple):
            reason, *others = record.args
            record.args = (_QUOTED_PAGE.sub(" - it does not match", str(reason)), *others)
        return True


class ValueFreeFormatter(logging.Formatter):
    """Leaves out the messages of errors that may quote values, and names their type instead.

    Both in tracebacks and where an error is part of the line itself.
    """

    def format(self, record: logging.LogRecord) -> str:
        return super().format(value_free(record))

    def formatException(self, ei: _ErrorInfo) -> str:
        text = super().formatException(ei)
        for error in _chain_of(ei[1]):
            if _may_quote(error) and str(error):
                said = system_message(error) or "(its message is left out)"
                text = text.replace(str(error), said)
        return text


def value_free(record: logging.LogRecord) -> logging.LogRecord:
    """Return the record, or a copy that names errors which may quote values by their type."""
    raised = [*_chain_of(record.exc_info[1])] if record.exc_info else []
    match record.args:
        case tuple():
            args: Any = tuple(_value_free(each, raised) for each in record.args)
        case Mapping():
            args = {name: _value_free(each, raised) for name, each in record.args.items()}
        case _:
            args = record.args
    message = _value_free(record.msg, raised)
    if (message, args) == (record.msg, record.args):
        return record
    record = copy.copy(record)
    record.msg, record.args = message, args
    return record


def _value_free(argument: object, raised: list[BaseException]) -> object:
    """Return the argument, or a name without values if it is, or is the text of, such an error."""
    if isinstance(argument, BaseException) and _may_quote(argument):
        return without_values(argument)
    if isinstance(argument, str):
        for error in raised:
            if _may_quote(error) and (argument in (str(error), repr(error))):
                return without_values(error)
    return argument


def _may_quote(error: BaseException) -> bool:
    return isinstance(error, _QUOTING) and not isinstance(error, _OF_THE_NETWORK)


def _chain_of(error: BaseException | None) -> Iterator[BaseException]:
    seen: set[int] = set()
    waiting = [error]
    while waiting:
        each = waiting.pop()
        if each is not None and id(each) not in seen:
            seen.add(id(each))
            yield each
            waiting += [each.__cause__, each.__context__]


def route_of(request: HttpRequest) -> str | None:
    """Return the pattern of the request's address, None if it has none.

    A path may hold the name of a column, and whatever somebody typed.
    """
    match = request.resolver_match
    if match is not None:
        return f"/{match.route}"
    static = settings.STATIC_URL
    return f"{static}<path>" if request.path.startswith(static) else None
