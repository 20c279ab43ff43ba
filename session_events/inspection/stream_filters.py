"""The filters beside the list of sessions. None of them counts rows."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.contrib.admin import ModelAdmin, SimpleListFilter
from django.db.models import Exists, F, OuterRef, QuerySet
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


class StatusFilter(SimpleListFilter):
    """By the status as of the last event, which an expiry changes only once it is recorded."""

    title = "status"
    parameter_name = "status"

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin[Any]) -> list[tuple[str, str]]:
        return [(status.value, status.value) for status in Status if status != Status.NOT_STARTED]

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[SessionStream]
    ) -> QuerySet[SessionStream]:
        return queryset if self.value() is None else queryset.filter(status=self.value())


class OpenFilter(SimpleListFilter):
    """By whether the session is open."""

    title = "open or ended"
    parameter_name = "open"

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin[Any]) -> list[tuple[str, str]]:
        return [("yes", "Open"), ("no", "Ended")]

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[SessionStream]
    ) -> QuerySet[SessionStream]:
        return queryset if self.value() is None else queryset.filter(is_open=self.value() == "yes")


class LastActivityFilter(SimpleListFilter):
    """By how long ago the last event was."""

    title = "last activity"
    parameter_name = "activity"

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin[Any]) -> list[tuple[str, str]]:
        windows = [(name, title) for name, (title, _) in _WINDOWS.items()]
        return [*windows, (_EARLIER, "Earlier than 30 days")]

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[SessionStream]
    ) -> QuerySet[SessionStream]:
        chosen, now = self.value(), timezone.now()
        if chosen in _WINDOWS:
            return queryset.filter(last_event_at__gte=now - _WINDOWS[chosen][1])
        if chosen == _EARLIER:
            return queryset.filter(last_event_at__lt=now - _WINDOWS["month"][1])
        return queryset


class DamageFilter(SimpleListFilter):
    """By the damage found by the last verification, or by a quarantined snapshot."""

    title = "integrity"
    parameter_name = "integrity"

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin[Any]) -> list[tuple[str, str]]:
        return [
            ("damaged", "Log damaged"),
            ("snapshot", "Snapshot quarantined"),
            ("verified", "Verified to the end"),
            ("never", "Never verified"),
        ]

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[SessionStream]
    ) -> QuerySet[SessionStream]:
        match self.value():
            case "damaged":
                return queryset.exclude(defect="")
            case "snapshot":
                quarantined = SessionSnapshot.objects.filter(
                    stream_id=OuterRef("pk"), quarantined_at__isnull=False
                )
                return queryset.filter(Exists(quarantined))
            case "verified":
                return queryset.filter(defect="", verified_version=F("version"))
            case "never":
                return queryset.filter(verified_at__isnull=True)
        return queryset
