"""The error that every quota raises."""

from __future__ import annotations

from data_tools.exceptions import DataToolsError
from data_tools.quotas.largest import largest
from data_tools.quotas.limits import Quota
from data_tools.quotas.usage import Usage
from session_events.spans import happened

_OF: dict[Quota, str] = {
    Quota.ROWS_BYTES: "of stored rows",
    Quota.FILES_BYTES: "of uploaded files",
    Quota.LISTS_BYTES: "of filtered and sorted views",
    Quota.EVENTS: "recorded steps",
    Quota.OPEN_SESSIONS: "open sessions",
    Quota.DATASETS: "datasets",
}
_DELETE_DATASETS = "Delete datasets that you no longer need."
_ADVICE: dict[Quota, str] = {
    Quota.ROWS_BYTES: _DELETE_DATASETS,
    Quota.FILES_BYTES: "Wait until your files are loaded, or delete their datasets.",
    Quota.LISTS_BYTES: "They are made again when they are needed.",
    Quota.EVENTS: "Delete sessions that have ended and that you no longer need.",
    Quota.OPEN_SESSIONS: "Close sessions that you no longer need; they stay recoverable.",
    Quota.DATASETS: _DELETE_DATASETS,
}


class QuotaExceeded(DataToolsError):
    """This would exceed one of your quotas. Delete what you no longer need."""

    code = "QUOTA_EXCEEDED"
    room = ""
    """How much is used, how much may be, and what makes room: one or two sentences."""

    @classmethod
    def of(cls, user_id: int, usage: Usage, *, wanted: int) -> QuotaExceeded:
        """Return the refusal to keep `wanted` more, with what could be deleted in its details."""
        quota, room = usage.quota, _room_in_words(usage)
        happened("refusal", why=f"quota {quota.value}")
        refusal = cls(
            f"There is no room for this, and nothing was changed. {room}",
            quota=quota.value,
            unit=quota.unit,
            limit=usage.limit,
            used=usage.used,
            wanted=wanted,
            largest=[each.as_json() for each in largest(user_id, quota)],
        )
        refusal.room = room
        return refusal


def _room_in_words(usage: Usage) -> str:
    """Return how much is used, how much may be, and what makes room: one or two sentences."""
    quota = usage.quota
    if quota.unit == "bytes":
        standing = f"{_size(usage.used)} of the {_size(usage.limit)}"
    else:
        standing = f"{usage.used:,} of the {usage.limit:,}"
    return f"You use {standing} {_OF[quota]} that you may keep. {_ADVICE[quota]}"


def _size(number: int) -> str:
    """Return bytes as people write them: 20 GB, 1.5 MB, 300 bytes."""
    for unit, size in (("GB", 10**9), ("MB", 10**6), ("kB", 10**3)):
        if number >= size:
            return f"{round(number / size, 1):g} {unit}"
    return f"{number} bytes"
