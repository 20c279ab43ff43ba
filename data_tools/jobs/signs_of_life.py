"""Whether beat and workers are at work: each is seen in the database, where every server looks.

A worker notes itself from its main process, which does no jobs. So it is seen while all of its
processes load large files; whether jobs wait is told by the age of the queues.
"""

from __future__ import annotations

import datetime as dt
import logging
import time
from typing import Literal

from django.conf import settings
from django.db import Error, connections
from django.utils import timezone

from data_tools.models import SignOfLife
from data_tools.under_way.requests import at_most
from session_events.error_names import without_values

logger = logging.getLogger(__name__)

_LONGEST_SECONDS = 3  # no part must wait for a database that answers nobody

Part = Literal["beat", "worker"]
PARTS: tuple[Part, ...] = ("beat", "worker")

_tried_at: dict[Part, float] = {}  # by time.monotonic(), in this process


def note(part: Part) -> None:
    """Note that a part is at work now."""
    SignOfLife.objects.update_or_create(name=part, defaults={"seen_at": timezone.now()})


def note_in_passing(part: Part) -> None:
    """Like `note`, but closes the connection afterwards: its caller needs none otherwise."""
    try:
        with at_most(_LONGEST_SECONDS):
            note(part)
    finally:
        connections.close_all()


def keep_noted(part: Part) -> bool:
    """Note a part that calls this all the time, once in `SIGN_OF_LIFE_SECONDS`.

    Returns whether it was time to. What the database refuses is logged and tried the next time.
    """
    now = time.monotonic()
    if now - _tried_at.get(part, -float("inf")) < settings.SIGN_OF_LIFE_SECONDS:
        return False
    _tried_at[part] = now
    try:
        note_in_passing(part)
    except Error as error:  # the part goes on, so that its next jobs find the database again
        logger.warning("%s could not be noted: %s", part, without_values(error))
    return True


def ages() -> dict[str, float]:
    """Return how many seconds ago each part was last seen, of those that ever were.

    Takes one query.
    """
    now = timezone.now()
    return {
        sign.name: max(0.0, (now - sign.seen_at) / dt.timedelta(seconds=1))
        for sign in SignOfLife.objects.all()
    }
