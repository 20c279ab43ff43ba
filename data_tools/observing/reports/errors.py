"""The report of an error: what was logged as one, or ended a thread or a program."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

import sentry_sdk
from celery.exceptions import TaskPredicate

from data_tools.observing.activity import Activity
from data_tools.observing.reports import about
from data_tools.observing.reports.last_steps import breadcrumbs_of
from data_tools.observing.reports.repeats import Repeats
from data_tools.observing.reports.shapes import is_code, is_dotted_name, is_uuid, one_of
from data_tools.observing.reports.stack import exceptions_in, place_of

_OUR_LOGGERS = ("data_tools.", "session_events.", "hydroml.")
_FAILED_AGAIN = "django.request"  # says of every failed request once more that it failed
_REFUSED = "django.security"  # requests that are answered by 400
_has_level = one_of("error", "fatal")

# What the SDK makes of its settings and of what is installed, not of what happens.
_FROM_THE_SDK = ("event_id", "timestamp", "platform", "sdk", "release", "environment")
_FROM_THE_MACHINE = ("server_name", "modules")

_repeats = Repeats()


def report(event: Mapping[str, Any], hint: Mapping[str, Any]) -> dict[str, Any] | None:
    """Make the report of an error from the SDK's event: Sentry's `before_send`.

    None if it is expected, or was reported less than a minute ago. A log record can say what it is
    about by `extra`: its `code`, its `session_id`, and by `is_report_due=False` that another
    process reports it.
    """
    record: logging.LogRecord | None = hint.get("log_record")
    error: BaseException | None = (hint.get("exc_info") or (None, None, None))[1]
    if record is not None and _is_expected(record):
        return None
    known = about.facts() | _facts_of_error(error) | _facts_of_record(record)
    exceptions = exceptions_in(event)
    message = _message(record)
    session_id = getattr(record, "session_id", None)  # whose log is damaged, say
    fault = place_of(exceptions) if exceptions else (known.get("code"), message, session_id)
    if not _repeats.is_due(fault):
        return None
    trace = about.trace_context()
    made: dict[str, Any] = {
        **{name: event[name] for name in _FROM_THE_SDK + _FROM_THE_MACHINE if name in event},
        "level": event["level"] if _has_level(event.get("level")) else "error",
        "tags": about.tags(known, trace["trace_id"]),
        "user": about.user(known),
        "contexts": about.contexts(known, trace),
    }
    if name := about.transaction_name(known):
        made["transaction"] = name
    if record is not None and is_dotted_name(record.name):
        made["logger"] = record.name
    if message:
        made["logentry"] = {"message": message}
    if exceptions:
        made["exception"] = {"values": exceptions}
    if is_uuid(known.get("session_id")) and not _is_outage(known):
        made["breadcrumbs"] = {"values": breadcrumbs_of(known["session_id"])}
    return made


def report_failed_job(this: Activity, raised: BaseException | None) -> None:
    """Report what ends a job while it is still known which one. Celery logs it only afterwards.

    The SDK drops the second report of the same exception.
    """
    if (
        "task" in this.facts
        and isinstance(raised, Exception)
        and not isinstance(raised, TaskPredicate)
    ):
        sentry_sdk.capture_exception(raised)


def _is_expected(record: logging.LogRecord) -> bool:
    if getattr(record, "is_report_due", True) is False:
        return True
    if record.name == _FAILED_AGAIN:
        return not record.exc_info
    return record.name.startswith(_REFUSED)


def _is_outage(known: Mapping[str, Any]) -> bool:
    return str(known.get("code")).startswith("DATABASE_")


def _facts_of_error(error: BaseException | None) -> dict[str, Any]:
    """Return its SQLSTATE, and the code of a domain error's class: that of SystemExit is a text."""
    if error is None:
        return {}
    state = getattr(error, "pgcode", None) or getattr(error.__cause__, "pgcode", None)
    code = getattr(type(error), "code", None)
    return ({"sqlstate": state} if state else {}) | ({"code": code} if is_code(code) else {})


def _facts_of_record(record: logging.LogRecord | None) -> dict[str, Any]:
    named = {name: getattr(record, name, None) for name in ("code", "session_id")}
    return {name: str(value) for name, value in named.items() if value is not None}


def _message(record: logging.LogRecord | None) -> str:
    """Return the record's message as it stands in our source code, without what it is filled with.

    Libraries fill theirs before they log them, so only the logger's name is left of those.
    """
    if record is None or not isinstance(record.msg, str):
        return ""
    if not f"{record.name}.".startswith(_OUR_LOGGERS):
        return f"logged by {record.name}" if is_dotted_name(record.name) else ""
    return record.msg
