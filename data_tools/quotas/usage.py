"""How much a user keeps. Every figure is a sum over what is there, so it never drifts.

Note [Sums, not counters]
    Whatever deletes a dataset, a revision, a list or a session takes it out of the sums at once,
    without having to update anything. Only the bytes of a revision's rows are recorded, when it is
    published: rows never change, so neither does that figure.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import BigIntegerField, Case, Count, F, Sum, Value, When
from django.db.models.expressions import CombinedExpression
from django.db.models.functions import Coalesce

from data_tools.models import DataSource, RowList, StoredRevision
from data_tools.quotas.limits import Limits, Quota, limits_of
from session_events import heads

# Measured: 100,000,000 row numbers in blocks take about 900 MB, with their index.
LIST_BYTES_PER_ROW = 9


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """How much a user keeps and may keep under one quota, in its unit."""

    quota: Quota
    used: int
    limit: int

    @property
    def left(self) -> int:
        """How much more fits; negative if the user keeps more than they may."""
        return self.limit - self.used


def usage_of(user_id: int) -> dict[Quota, Usage]:
    """Return the user's usage of each quota. Takes six queries, however much they keep."""
    limits = limits_of(user_id)
    used = {
        Quota.ROWS_BYTES: rows_bytes(user_id),
        Quota.LISTS_BYTES: lists_bytes(user_id),
        Quota.EVENTS: heads.count_events(user_id=user_id),
        Quota.OPEN_SESSIONS: open_sessions(user_id),
    }
    used |= _files_and_datasets(user_id)
    return {quota: _standing(quota, used[quota], limits) for quota in Quota}


def rows_usage(user_id: int) -> Usage:
    return _standing(Quota.ROWS_BYTES, rows_bytes(user_id), limits_of(user_id))


def events_usage(user_id: int) -> Usage:
    return _standing(Quota.EVENTS, heads.count_events(user_id=user_id), limits_of(user_id))


def open_sessions_usage(user_id: int) -> Usage:
    return _standing(Quota.OPEN_SESSIONS, open_sessions(user_id), limits_of(user_id))


def storage_usage(user_id: int) -> tuple[Usage, ...]:
    """Return the usage of what an upload or a saved session adds to: datasets, files, rows."""
    limits = limits_of(user_id)
    used = _files_and_datasets(user_id) | {Quota.ROWS_BYTES: rows_bytes(user_id)}
    return tuple(_standing(quota, amount, limits) for quota, amount in used.items())


def rows_bytes(user_id: int) -> int:
    """Return the bytes of all stored revisions of the user's datasets; see `stored_bytes`."""
    return _sum(
        StoredRevision.objects.filter(dataset__owner_id=user_id).aggregate(
            used=Sum("row_bytes", output_field=BigIntegerField())
        )["used"]
    )


def lists_bytes(user_id: int) -> int:
    datasets = DataSource.objects.filter(owner_id=user_id).values("pk")
    lists = RowList.objects.filter(dataset_id__in=datasets)
    return LIST_BYTES_PER_ROW * _sum(lists.aggregate(rows=Sum("row_count"))["rows"])


def open_sessions(user_id: int) -> int:
    """Return how many of their datasets the user has an unexpired session on.

    A session outlives its dataset, but can no longer be closed then, so it does not count.
    """
    used = [head.dataset_id for head in heads.in_use(user_id=user_id)]
    return DataSource.objects.filter(owner_id=user_id, pk__in=used).count() if used else 0


def _files_and_datasets(user_id: int) -> dict[Quota, int]:
    sums = DataSource.objects.filter(owner_id=user_id).aggregate(
        datasets=Count("pk"),
        files=Coalesce(Sum(file_bytes(), output_field=BigIntegerField()), Value(0)),
    )
    return {Quota.DATASETS: sums["datasets"], Quota.FILES_BYTES: int(sums["files"])}


def file_bytes() -> CombinedExpression:
    """Return an ORM expression for the bytes of a dataset's files."""
    return _kept("file") + _kept("reupload_file")


def _kept(file: str) -> Case:
    """Return an ORM expression for the bytes of one file field, 0 without a file."""
    return Case(
        When(**{file: ""}, then=Value(0)),
        default=F(f"{file}_bytes"),
        output_field=BigIntegerField(),
    )


def _standing(quota: Quota, used: int, limits: Limits) -> Usage:
    return Usage(quota=quota, used=used, limit=limits[quota])


def _sum(total: int | None) -> int:
    return int(total or 0)
