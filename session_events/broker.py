"""Giving a job to the broker, which may be dead: whoever asks is answered, and soon.

A broker that refuses or is silent costs the one who finds out a second (`REDIS_TIMEOUTS`). The
process then asks it nothing for `_SILENCE_SECONDS`, so that hardly any request pays that second.
"""

from __future__ import annotations

import logging
import time

from celery import Task
from kombu.exceptions import OperationalError

logger = logging.getLogger(__name__)

_SILENCE_SECONDS = 30.0

_silent_until = 0.0  # by time.monotonic()


def give(job: Task, *arguments: str) -> bool:
    """Give the job to the broker; false, and nothing is queued, if there is none that takes it.

    A broker that is silent may have taken it all the same, so a job has to bear being done twice.
    """
    global _silent_until
    if time.monotonic() < _silent_until:
        return False
    try:
        job.apply_async(arguments, retry=False)
    except (OperationalError, OSError) as error:
        _silent_until = time.monotonic() + _SILENCE_SECONDS
        logger.warning("The broker takes no jobs and is left alone for a while: %s", error)
        return False
    return True
