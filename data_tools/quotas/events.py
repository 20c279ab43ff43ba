"""The quota of events, checked before each append without counting each time.

Note [Work that can always be finished]
    Undo, save and close are never refused, nor is resuming a paused session, so that nobody loses
    work and everybody can finish it. Each can happen only a limited number of times, because what
    it takes back or ends cannot be made again beyond the limit. Recovery could be repeated without
    end, so it has a reserve, as large as the quota itself.
"""

from __future__ import annotations

from data_tools.quotas.leases import shortage
from data_tools.quotas.limits import Quota
from data_tools.quotas.refusal import QuotaExceeded
from data_tools.quotas.usage import events_usage

_LEAST_RESERVE = 1_000


def require_events(user_id: int, events: int = 1) -> None:
    """Raise unless the user may add this many events. See Note [Leases] in `quotas.leases`.

    Raises:
        QuotaExceeded: there is no room for them.
    """
    if usage := shortage(Quota.EVENTS, user_id, events, events_usage):
        raise QuotaExceeded.of(user_id, usage, wanted=events)


def has_room_for_event(user_id: int) -> bool:
    """Tell whether the user may add one event. See `require_events`."""
    return shortage(Quota.EVENTS, user_id, 1, events_usage) is None


def require_reserve(user_id: int) -> None:
    """Raise if the user has used up the reserve too. See Note [Work that can always be finished].

    Raises:
        QuotaExceeded: the quota and the reserve are used up.
    """
    usage = shortage(Quota.EVENTS, user_id, 1, events_usage)
    if usage and usage.used >= usage.limit + max(usage.limit, _LEAST_RESERVE):
        raise QuotaExceeded.of(user_id, usage, wanted=1)
