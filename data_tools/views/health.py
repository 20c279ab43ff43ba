"""Two probes: whether the process is alive, and whether it can do its work."""

from __future__ import annotations

from django.db import DatabaseError, InterfaceError, connection, transaction
from django.http import HttpRequest, JsonResponse

from data_tools.http.outage_lines import tell_outage
from data_tools.services import health_service
from data_tools.sql.database_errors import Meaning, meaning_of
from data_tools.sql.outage import OUTAGE
from data_tools.under_way.requests import at_most

_STATUSES: dict[Meaning, str] = {
    "DATABASE_READ_ONLY": "database read-only",
    "DATABASE_FULL": "database full",
}
# A probe needs an answer soon: a load balancer sends nothing here until it is told "ready".
_LONGEST_WAIT_SECONDS = 3


def healthz(request: HttpRequest) -> JsonResponse:
    """Answer 200 while the process serves, without asking the database."""
    return JsonResponse({"status": "alive"})


healthz.is_always_let_in = True  # read by AdmissionMiddleware


def readyz(request: HttpRequest) -> JsonResponse:
    """Answer 200 if the database answers, takes changes and has every table, else 503 and why.

    If background work waits, because a part is missing or too slow, the answer is 200 as well,
    with the status `degraded` and its reasons: users get right answers.

    After a write that found no room, a probe looks for some: until then, this writes nothing.
    """
    try:
        with at_most(_LONGEST_WAIT_SECONDS):
            return _look()
    except (DatabaseError, InterfaceError) as error:
        return _not_ready(meaning_of(error) or "DATABASE_UNAVAILABLE", error)


def _look() -> JsonResponse:
    if _is_read_only():
        connection.close_at = 0  # the next probe may reach another server
        OUTAGE.note_read_only()
        return _not_ready("DATABASE_READ_ONLY", None)
    if OUTAGE.is_full:
        _take_room()
        OUTAGE.is_full = False
    if not health_service.has_all_migrations():
        return JsonResponse({"status": "migrations missing"}, status=503)
    if reasons := health_service.degradations():
        return JsonResponse({"status": "degraded", "reasons": reasons})
    return JsonResponse({"status": "ready"})


def _not_ready(meaning: Meaning, error: Exception | None) -> JsonResponse:
    tell_outage(meaning, error)
    return JsonResponse({"status": _STATUSES.get(meaning, "database unavailable")}, status=503)


def _is_read_only() -> bool:
    """Tell whether the database is a standby, or was set to take no changes."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_is_in_recovery() OR current_setting('transaction_read_only')::boolean"
        )
        [is_read_only] = cursor.fetchone()
    return bool(is_read_only)


def _take_room() -> None:
    """Write a megabyte into a table that is gone at once.

    Raises:
        DatabaseError: there is no room for it.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "CREATE TEMPORARY TABLE readyz_room ON COMMIT DROP AS"
            " SELECT repeat(' ', 1000) FROM generate_series(1, 1000)"
        )
