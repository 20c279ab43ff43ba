"""Statements that PostgreSQL rolled back so that another transaction could go on."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from typing import TypeVar

from django.db import OperationalError, connection

_STATES = frozenset({"40001", "40P01"})  # serialization_failure, deadlock_detected
_MOST_TRIES = 5
_LONGEST_PAUSE_SECONDS = 0.05

T = TypeVar("T")


def gave_way(error: OperationalError) -> bool:
    """Tell whether nothing was written, because a deadlock or a serialization failure undid it all.

    False inside a transaction: what came before in it is undone as well, so only whoever began the
    transaction can try again.
    """
    state = getattr(error.__cause__, "pgcode", None)
    return state in _STATES and not connection.in_atomic_block


def again_if_it_gave_way(write: Callable[[], T]) -> T:
    """Return what `write` returns, calling it again a few times if it gave way to others.

    Raises:
        OperationalError: it gave way each time, or failed for another reason.
    """
    for _ in range(_MOST_TRIES - 1):
        try:
            return write()
        except OperationalError as error:
            if not gave_way(error):
                raise
            time.sleep(random.uniform(0, _LONGEST_PAUSE_SECONDS))
    return write()
