"""The quota of events, checked before each append without counting each time.

Note [Leases of events]
    Counting a user's events before each append would cost as much as the append. So a process
    counts them once, lets a tenth of the remaining room pass, and counts again after that, or after
    a minute. The nearer the limit, the more often it counts; at the limit, each time. Each process
    may exceed the limit by a tenth of the room that was left when it counted.

Note [Work that can always be finished]
    Undo, save and close are never refused, nor is resuming a paused session, so that nobody loses
    work and everybody can finish it. Each can happen only a limited number of times, because what
    it takes back or ends cannot be made again beyond the limit. Recovery could be repeated without
    end, so it has a reserve, as large as the quota itself.
"""

from __future__ import annotations

import time
from threading import Lock

from data_tools.quotas.refusal import QuotaExceeded
from data_tools.quotas.usage import Usage, events_usage

_LEASE_SECONDS = 60
_PART_OF_WHAT_IS_LEFT = 10
_MOST_LEASES = 10_000
_LEAST_RESERVE = 1_000

_lock = Lock()
_leases: dict[int, tuple[float, int]] = {}  # by user: when it ends, and the events left in it


def require_events(user_id: int, events: int = 1) -> None:
    """Raise unless the user may add this many events. Rarely asks the database.

    See Note [Leases of events].

    Raises:
        QuotaExceeded: there is no room for them.
    """
    if not _taken_from_lease(user_id, events):
        usage = events_usage(user_id)
        if not _lease(user_id, usage, events):
            raise QuotaExceeded.of(user_id, usage, wanted=events)


def has_room_for_event(user_id: int) -> bool:
    """Tell whether the user may add one event. See `require_events`."""
    return _taken_from_lease(user_id, 1) or _lease(user_id, events_usage(user_id), 1)


def require_reserve(user_id: int) -> None:
    """Raise if the user has used up the reserve too. See Note [Work that can always be finished].

    Raises:
        QuotaExceeded: the quota and the reserve are used up.
    """
    if has_room_for_event(user_id):
        return
    usage = events_usage(user_id)
    if usage.used >= usage.limit + max(usage.limit, _LEAST_RESERVE):
        raise QuotaExceeded.of(user_id, usage, wanted=1)


def forget_leases() -> None:
    """Count again at the next request. For tests, which change limits."""
    with _lock:
        _leases.clear()


def _taken_from_lease(user_id: int, events: int) -> bool:
    with _lock:
        until, left = _leases.get(user_id, (0.0, 0))
        if events > left or time.monotonic() > until:
            return False
        _leases[user_id] = until, left - events
        return True


def _lease(user_id: int, usage: Usage, events: int) -> bool:
    """Take the events from a new lease; return False if there is no room for them."""
    if events > usage.left:
        return False
    left = max(0, usage.left // _PART_OF_WHAT_IS_LEFT - events)
    with _lock:
        if len(_leases) >= _MOST_LEASES:
            _leases.clear()
        _leases[user_id] = time.monotonic() + _LEASE_SECONDS, left
    return True
