"""What takes up the most of a quota, and the requests that free it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal
from uuid import UUID

from django.db.models import BigIntegerField, F, OuterRef, Subquery, Sum, Value
from django.db.models.functions import Coalesce

from data_tools.models import DataSource, RowList, StoredRevision
from data_tools.quotas.limits import Quota
from data_tools.quotas.usage import LIST_BYTES_PER_ROW, file_bytes
from session_events import heads

MOST_SHOWN = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Contributor:
    """How much of a quota a dataset, or its sessions, take up, and the request that frees it.

    `name` is the dataset's, "" if it has been deleted. `last_event_at` is when its open session was
    last used, for the quota of open sessions.
    """

    dataset_id: UUID
    name: str
    amount: int
    method: Literal["DELETE", "POST"]
    href: str
    last_event_at: dt.datetime | None = None

    def as_json(self) -> dict[str, Any]:
        """Return the contributor as the `details` of an error have it."""
        return {
            "datasource_id": str(self.dataset_id),
            "name": self.name,
            "amount": self.amount,
            "free_with": {"method": self.method, "href": self.href},
        }


def largest(user_id: int, quota: Quota) -> list[Contributor]:
    """Return at most `MOST_SHOWN` of what takes up the most of the quota, largest first.

    For open sessions, those unused for longest. For events, those of ended sessions, because an
    open one has to be closed first. For datasets, the oldest. Takes one query, or two for sessions.
    """
    return _LARGEST[quota](user_id)


def _by_rows(user_id: int) -> list[Contributor]:
    stored = (
        StoredRevision.objects.filter(dataset_id=OuterRef("pk"))
        .order_by()
        .values("dataset_id")
        .annotate(amount=Sum("row_bytes", output_field=BigIntegerField()))
        .values("amount")
    )
    return _datasets(user_id, amount=Coalesce(Subquery(stored), Value(0)))


def _by_lists(user_id: int) -> list[Contributor]:
    lists = (
        RowList.objects.filter(dataset_id=OuterRef("pk"))
        .order_by()
        .values("dataset_id")
        .annotate(amount=Sum(F("row_count") * LIST_BYTES_PER_ROW, output_field=BigIntegerField()))
        .values("amount")
    )
    return _datasets(user_id, amount=Coalesce(Subquery(lists), Value(0)))


def _by_files(user_id: int) -> list[Contributor]:
    return _datasets(user_id, amount=file_bytes())


def _oldest(user_id: int) -> list[Contributor]:
    owned = DataSource.objects.filter(owner_id=user_id).order_by("created_at")[:MOST_SHOWN]
    return [_dataset(pk, name, 1) for pk, name in owned.values_list("pk", "name")]


def _datasets(user_id: int, *, amount: Any) -> list[Contributor]:
    owned = DataSource.objects.filter(owner_id=user_id).annotate(amount=amount)
    most = owned.filter(amount__gt=0).order_by("-amount", "pk")[:MOST_SHOWN]
    return [_dataset(*fields) for fields in most.values_list("pk", "name", "amount")]


def _dataset(dataset_id: UUID, name: str, amount: int) -> Contributor:
    return Contributor(
        dataset_id=dataset_id,
        name=name,
        amount=int(amount),
        method="DELETE",
        href=f"/api/datasources/{dataset_id}/",
    )


def _longest_unused(user_id: int) -> list[Contributor]:
    in_use = heads.in_use(user_id=user_id)
    names = _names(user_id, [head.dataset_id for head in in_use])
    return [
        Contributor(
            dataset_id=head.dataset_id,
            name=names[head.dataset_id],
            amount=1,
            method="POST",
            href=f"/api/studio/{head.dataset_id}/session/clear/",
            last_event_at=head.last_event_at,
        )
        for head in in_use
        if head.dataset_id in names
    ][:MOST_SHOWN]


def _by_events(user_id: int) -> list[Contributor]:
    most = heads.events_of_ended(user_id=user_id, limit=MOST_SHOWN)
    names = _names(user_id, [dataset_id for dataset_id, _ in most])
    return [
        Contributor(
            dataset_id=dataset_id,
            name=names.get(dataset_id, ""),
            amount=events,
            method="DELETE",
            href=f"/api/datasources/{dataset_id}/sessions/",
        )
        for dataset_id, events in most
    ]


def _names(user_id: int, dataset_ids: list[UUID]) -> dict[UUID, str]:
    owned = DataSource.objects.filter(owner_id=user_id, pk__in=dataset_ids)
    return dict(owned.values_list("pk", "name"))


_LARGEST: dict[Quota, Callable[[int], list[Contributor]]] = {
    Quota.ROWS_BYTES: _by_rows,
    Quota.FILES_BYTES: _by_files,
    Quota.LISTS_BYTES: _by_lists,
    Quota.EVENTS: _by_events,
    Quota.OPEN_SESSIONS: _longest_unused,
    Quota.DATASETS: _oldest,
}
