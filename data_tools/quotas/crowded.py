"""How many users keep nearly as much as they may."""

from __future__ import annotations

from collections.abc import Iterable

from django.conf import settings
from django.db.models import BigIntegerField, Count, Sum

from data_tools.models import DataSource, StoredRevision, UserQuotas
from data_tools.quotas.limits import Quota
from data_tools.quotas.usage import file_bytes
from session_events import heads

NEARLY = 0.8  # of the quota


def nearly_full() -> dict[Quota, int]:
    """Return how many users keep at least 80 % of what they may, by quota.

    Not of lists, which are made again when they are needed, nor of open sessions, which their users
    close. Reads every dataset and every session's head once: not for each request.
    """
    own = {each.user_id: each for each in UserQuotas.objects.all()}
    of_owners = DataSource.objects.order_by("owner_id")
    rows = StoredRevision.objects.order_by("dataset__owner_id")
    used: dict[Quota, Iterable[tuple[int, int | None]]] = {
        Quota.ROWS_BYTES: rows.values_list("dataset__owner_id", Sum("row_bytes")),
        Quota.FILES_BYTES: of_owners.values("owner_id")
        .annotate(bytes=Sum(file_bytes(), output_field=BigIntegerField()))
        .values_list("owner_id", "bytes"),
        Quota.EVENTS: heads.count_events_by_user().items(),
        Quota.DATASETS: of_owners.values_list("owner_id", Count("pk")),
    }
    return {quota: _count(quota, amounts, own) for quota, amounts in used.items()}


def _count(quota: Quota, used: Iterable[tuple[int, int | None]], own: dict[int, UserQuotas]) -> int:
    def limit_of(user_id: int) -> int:
        limit = getattr(own.get(user_id), quota.value, None)
        return int(settings.QUOTAS[quota] if limit is None else limit)

    return sum((amount or 0) >= NEARLY * limit_of(user_id) for user_id, amount in used)
