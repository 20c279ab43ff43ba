"""The one line that is logged of each request when it has ended, by the logger `hydroml.request`.

Only the fields below are logged, whatever else was noted, and none holds a value of a user's: see
`activity`. docs/operations-guide.md explains each of them.
"""

from __future__ import annotations

import logging
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.http import HttpRequest

from data_tools.observing.activity import Activity
from data_tools.observing.log_lines import route_of
from data_tools.observing.trace import current_trace_id
from session_events.spans import Step

logger = logging.getLogger("hydroml.request")

# Facts that are in each line, null where they are not known.
USUAL_FACTS = (
    "user_id",
    "dataset_id",
    "session_id",
    "version",
    "operation",
    "rows_scanned",
    "rows_returned",
)
# In each line, in this order.
USUAL_FIELDS = (
    *("route", "method", "status"),
    *USUAL_FACTS,
    *("query_count", "db_ms", "serialise_ms", "total_ms", "response_bytes"),
)
# Facts that are in a line where they are known.
OTHER_FACTS = (
    "page_number",
    "page_size",
    "filter_shape",
    "sort_shape",
    "read_from",
    "error_code",
    "work",
    "gate_wait_ms",
)
# ENCODE is `serialise_ms`, in each line.
STEP_FIELDS = {step: f"{step.value}_ms" for step in Step if step is not Step.ENCODE}

_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


def log_request(
    request: HttpRequest,
    done: Activity,
    *,
    status: int,
    response_bytes: int,
    queued_ms: float | None = None,
    slowest_piece_ms: float | None = None,
    is_cut_off: bool = False,
    is_client_gone: bool = False,
) -> None:
    """Log a request of the application.

    `queued_ms` is how long it waited for its turn. An answer that was sent in pieces has the time
    of its `slowest_piece_ms`, and counts as slow for that alone, since a file takes as long as its
    size needs; `is_cut_off` says that not all of it was made. If an error is why, its code is noted
    as `error_code`, and the request failed whatever its status.
    """
    total_ms = done.seconds * 1000
    fields = _usual_fields(request, done) | {
        "status": status,
        "total_ms": round(total_ms, 1),
        "response_bytes": response_bytes,
        **{name: done.facts[name] for name in OTHER_FACTS if name in done.facts},
        **step_times(done),
        "client_kind": client_kind(request.headers.get("User-Agent", "")),
    }
    if queued_ms is not None:
        fields["queued_ms"] = round(queued_ms, 1)
    if slowest_piece_ms is not None:
        fields["slowest_piece_ms"] = round(slowest_piece_ms, 1)
        fields["is_cut_off"] = is_cut_off
    if is_client_gone:
        fields["is_client_gone"] = True
    waited_ms = total_ms if slowest_piece_ms is None else slowest_piece_ms
    is_slow = waited_ms + (queued_ms or 0) > settings.SLOW_REQUEST_MS
    _log(fields, is_slow=is_slow)


def log_refusal(
    *,
    method: str,
    status: int,
    error_code: str,
    response_bytes: int,
    agent: str,
    is_client_gone: bool,
) -> None:
    """Log a request that the server answered with an error before the application saw it.

    Nothing else is known of it, and no time is measured.
    """
    known = {
        "method": method_shown(method),
        "status": status,
        "response_bytes": response_bytes,
        "error_code": error_code,
        "client_kind": client_kind(agent),
    }
    gone = {"is_client_gone": True} if is_client_gone else {}
    _log({**dict.fromkeys(USUAL_FIELDS), **known, **gone}, is_slow=False)


def step_times(done: Activity) -> dict[str, float]:
    """Return the milliseconds of each step that there was, by the name of its field."""
    return {
        field: _ms(done.step_seconds[step])
        for step, field in STEP_FIELDS.items()
        if step in done.step_seconds
    }


def method_shown(method: str | None) -> str | None:
    """Return the method, which may be any text; `OTHER` for one that is no usual one."""
    return method if not method or method in _METHODS else "OTHER"


def client_kind(agent: str) -> str:
    """Return what sends such a `User-Agent`: a browser, a program, or somebody who does not say."""
    if not agent:
        return "unnamed"
    return "browser" if agent.startswith("Mozilla/") else "program"


def _usual_fields(request: HttpRequest, done: Activity) -> dict[str, Any]:
    fields: dict[str, Any] = dict.fromkeys(USUAL_FIELDS) | {
        "route": route_of(request),
        "method": method_shown(request.method),
        **{name: done.facts.get(name) for name in USUAL_FACTS},
        "query_count": done.query_count,
        "db_ms": _ms(done.db_seconds),
        "serialise_ms": _ms(done.step_seconds.get(Step.ENCODE, 0.0)),
    }
    if fields["user_id"] is None:  # of a page for people, whose user is looked up when needed
        fields["user_id"] = getattr(getattr(request, "_cached_user", None), "pk", None)
    return fields


def _log(fields: dict[str, Any], *, is_slow: bool) -> None:
    status = fields["status"]
    has_broken_off = fields.get("is_cut_off", False) and "error_code" in fields
    is_failed = has_broken_off or (
        status >= HTTPStatus.INTERNAL_SERVER_ERROR and "is_client_gone" not in fields
    )
    if is_slow or is_failed:
        level = logging.WARNING
    elif status >= HTTPStatus.BAD_REQUEST or _is_sampled():
        level = logging.INFO
    else:
        return
    logger.log(level, "slow request" if is_slow else "request", extra={"fields": fields})


def _is_sampled() -> bool:
    """Tell whether a quick request is logged. All requests of one trace are, or none."""
    share = settings.REQUEST_LOG_SAMPLE
    return bool(share >= 1 or int(current_trace_id()[-8:] or "0", 16) < share * 2**32)


def _ms(seconds: float) -> float:
    return round(seconds * 1000, 1)
