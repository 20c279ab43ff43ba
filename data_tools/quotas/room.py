"""Refuses what a user has no room for: before the work, where that can be known."""

from __future__ import annotations

from collections.abc import Mapping

from data_tools.quotas.leases import shortage
from data_tools.quotas.limits import Quota
from data_tools.quotas.locks import lock_storage
from data_tools.quotas.refusal import QuotaExceeded
from data_tools.quotas.usage import open_sessions_usage, storage_usage


def require_storage(user_id: int, wanted: Mapping[Quota, int], *, is_final: bool = False) -> None:
    """Raise unless there is room for this much more: datasets, and bytes of files and of rows.

    With `is_final`, which belongs into the transaction that stores it, nobody else can take that
    room before the transaction ends.

    Raises:
        QuotaExceeded: there is no room for one of them.
    """
    if is_final:
        lock_storage(user_id)
    for usage in storage_usage(user_id):
        more = wanted.get(usage.quota, 0)
        if more > usage.left and more > 0:
            raise QuotaExceeded.of(user_id, usage, wanted=more)


def require_open_session(user_id: int) -> None:
    """Raise unless the user may open one more session. See Note [Leases] in `quotas.leases`.

    Raises:
        QuotaExceeded: they have as many as they may have.
    """
    if usage := shortage(Quota.OPEN_SESSIONS, user_id, 1, open_sessions_usage):
        raise QuotaExceeded.of(user_id, usage, wanted=1)
