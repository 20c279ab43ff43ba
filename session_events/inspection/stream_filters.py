"""The filters beside the list of sessions. None of them counts rows."""

from __future__ import annotations

import datetime as dt
from typing import Any, ClassVar

from django.contrib.admin import ModelAdmin, SimpleListFilter
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone

from session_events.models import SessionSnapshot, SessionStream
from session_events.state import Status

_WINDOWS = {
    "hour": ("Past hour", dt.timedelta(hours=1)),
    "day": ("Past 24 hours", dt.timedelta(days=1)),
    "week": ("Past 7 days", dt.timedelta(days=7)),
    "month": ("Past 30 days", dt.timedelta(days=30)),
}
_EARLIER = "earlier"


class _Filter(SimpleListFilter):
    """A filter by one condition for each value that can be chosen."""

    offered: ClassVar[list[tuple[str, str]]]

    def condition(self, value: str) -> Q:
        """Return what the sessions fulfil; an empty condition for a value that is not offered."""
        raise NotImplementedError

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin[Any]) -> list[tuple[str, str]]:
        return self.offered

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[SessionStream]
    ) -> QuerySet[SessionStream]:
        value = self.value()
        return queryset if value is None else queryset.filter(self.condition(value))


class StatusFilter(_Filter):
    """By the status as of the last event, which an expiry changes only once it is recorded."""

    title = "status"
    parameter_name = "status"
    offered = [(status.value, status.value) for status in Status if status != Status.NOT_STARTED]

    def condition(self, value: str) -> Q:
        return Q(status=value)


class OpenFilter(_Filter):
    """By whether the session is open."""

    title = "open or ended"
    parameter_name = "open"
    offered = [("yes", "Open"), ("no", "Ended")]

    def condition(self, value: str) -> Q:
        return Q(is_open=value == "yes")


class LastActivityFilter(_Filter):
    """By how long ago the last event was."""

    title = "last activity"
    parameter_name = "activity"
    offered = [
        *((name, title) for name, (title, _) in _WINDOWS.items()),
        (_EARLIER, "Earlier than 30 days"),
    ]

    def condition(self, value: str) -> Q:
        now = timezone.now()
        if value in _WINDOWS:
            return Q(last_event_at__gte=now - _WINDOWS[value][1])
        return Q(last_event_at__lt=now - _WINDOWS["month"][1]) if value == _EARLIER else Q()


class DamageFilter(_Filter):
    """By the damage found by the last verification, or by a quarantined snapshot."""

    title = "integrity"
    parameter_name = "integrity"
    offered = [
        ("damaged", "Log damaged"),
        ("snapshot", "Snapshot quarantined"),
        ("verified", "Verified to the end"),
        ("never", "Never verified"),
    ]

    def condition(self, value: str) -> Q:
        match value:
            case "damaged":
                return ~Q(defect="")
            case "snapshot":
                quarantined = SessionSnapshot.objects.filter(
                    stream_id=OuterRef("pk"), quarantined_at__isnull=False
                )
                return Q(Exists(quarantined))
            case "verified":
                return Q(defect="", verified_version=F("version"))
            case "never":
                return Q(verified_at__isnull=True)
        return Q()
