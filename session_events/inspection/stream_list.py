"""List sessions, latest activity first, in pages that all cost the same.

Note [Pages without a total]
    A total would take a count(*) of a large table for a number that nobody uses. Instead, a page
    knows where it ends, and the link to the next page carries that place: the time and id of the
    last row.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.contrib.admin.views.main import ChangeList
from django.db.models import Count, Max, Q, QuerySet
from django.db.models.expressions import Combinable
from django.http import HttpRequest

from session_events.models import SessionSnapshot, SessionStream
from session_events.snapshots import IN_USE

OLDER_THAN = "older_than"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """The place of a row in the order of the list."""

    last_event_at: dt.datetime
    stream_id: uuid.UUID

    def __str__(self) -> str:
        return f"{self.last_event_at.isoformat()}_{self.stream_id}"

    @classmethod
    def parse(cls, text: str) -> Place | None:
        """Return the place that `text` names, None (for the first page) if it names none."""
        moment, _, stream_id = text.partition("_")
        try:
            place = cls(
                last_event_at=dt.datetime.fromisoformat(moment), stream_id=uuid.UUID(stream_id)
            )
        except ValueError:
            return None
        return place if place.last_event_at.tzinfo is not None else None

    @property
    def and_below(self) -> Q:
        return Q(last_event_at__lte=self.last_event_at) & (
            Q(last_event_at__lt=self.last_event_at) | Q(pk__lt=self.stream_id)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class SnapshotsOfStream:
    """`newest` is the sequence of the newest snapshot in use, null if there is none."""

    newest: int | None = None
    quarantined: int = 0


class StreamList(ChangeList):
    """One page of the list. See Note [Pages without a total].

    `older` is the query string of the next page, `newest` that of the first, null on that page.
    """

    older: str | None = None
    newest: str | None = None

    def get_filters_params(self, params: dict[str, Any] | None = None) -> dict[str, Any]:
        chosen: dict[str, Any] = super().get_filters_params(params)
        chosen.pop(OLDER_THAN, None)
        return chosen

    def get_query_string(self, new_params: Any = None, remove: Any = None) -> str:
        """Return the query string of a link that starts again at the first page."""
        text: str = super().get_query_string(
            {OLDER_THAN: None, **(new_params or {})}, [*(remove or []), OLDER_THAN]
        )
        return text

    def get_ordering(
        self, request: HttpRequest, queryset: QuerySet[SessionStream]
    ) -> list[str | Combinable]:
        return ["-last_event_at", "-pk"]

    def get_results(self, request: HttpRequest) -> None:
        place = Place.parse(request.GET.get(OLDER_THAN, ""))
        self.params.pop(OLDER_THAN, None)  # or a search would stay on this page
        rows = self.queryset if place is None else self.queryset.filter(place.and_below)
        page = list(rows.prefetch_related("user")[: self.list_per_page + 1])
        shown = page[: self.list_per_page]
        if len(page) > len(shown):
            last = Place(last_event_at=shown[-1].last_event_at, stream_id=shown[-1].pk)
            self.older = super().get_query_string({OLDER_THAN: str(last)})
        if place is not None:
            self.newest = self.get_query_string()
        snapshots = snapshots_of(stream.pk for stream in shown)
        for stream in shown:
            stream.snapshots_seen = snapshots.get(stream.pk, SnapshotsOfStream())
        self.result_list = shown
        self.result_count = self.full_result_count = len(shown)
        self.show_full_result_count = self.show_admin_actions = False
        self.can_show_all = self.multi_page = False
        self.paginator = None


def snapshots_of(stream_ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, SnapshotsOfStream]:
    """Return the snapshots of each of these streams that has any, in one query."""
    rows = (
        SessionSnapshot.objects.filter(stream_id__in=list(stream_ids))
        .values("stream_id")
        .annotate(
            newest=Max("sequence", filter=IN_USE),
            quarantined=Count("pk", filter=Q(quarantined_at__isnull=False)),
        )
    )
    return {
        row["stream_id"]: SnapshotsOfStream(newest=row["newest"], quarantined=row["quarantined"])
        for row in rows
    }
