"""Room under a quota that a process may fill before it counts again.

Note [Leases]
    Counting a user's events before each append would cost as much as the append, and counting their
    open sessions more than starting one. So a process counts them once, lets a tenth of the
    remaining room pass, and counts again after that, or after a minute. The nearer the limit, the
    more often it counts; at the limit, each time. Each process may exceed the limit by a tenth of
    the room that was left when it counted.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from threading import Lock

from data_tools.quotas.limits import Quota
from data_tools.quotas.usage import Usage

_LEASE_SECONDS = 60
_PART_OF_WHAT_IS_LEFT = 10
_MOST_LEASES = 10_000

_lock = Lock()
_leases: dict[tuple[Quota, int], tuple[float, int]] = {}  # when each ends, and the room left in it


def shortage(
    quota: Quota, user_id: int, wanted: int, count: Callable[[int], Usage]
) -> Usage | None:
    """Take room for this much more; return None, or the user's usage if there is no room.

    `count` returns the usage of a user. Rarely calls it: see Note [Leases].
    """
    if _taken_from_lease(quota, user_id, wanted):
        return None
    usage = count(user_id)
    if wanted > usage.left:
        return usage
    left = max(0, usage.left // _PART_OF_WHAT_IS_LEFT - wanted)
    with _lock:
        if len(_leases) >= _MOST_LEASES:
            _leases.clear()
        _leases[quota, user_id] = time.monotonic() + _LEASE_SECONDS, left
    return None


def forget_leases() -> None:
    """Count again at the next request. For tests, which change limits."""
    with _lock:
        _leases.clear()


def _taken_from_lease(quota: Quota, user_id: int, wanted: int) -> bool:
    with _lock:
        until, left = _leases.get((quota, user_id), (0.0, 0))
        if wanted > left or time.monotonic() > until:
            return False
        _leases[quota, user_id] = until, left - wanted
        return True
