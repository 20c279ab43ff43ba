"""Give jobs to the broker without ever waiting long for it, even if it is dead.

A broker that refuses or does not answer costs the first caller a second (`REDIS_TIMEOUTS`). The
process then leaves it alone for `_SILENCE_SECONDS`, so that hardly any request pays that second.
"""

from __future__ import annotations

import logging
import time

from celery import Task
from kombu.exceptions import OperationalError

logger = logging.getLogger(__name__)

_SILENCE_SECONDS = 30.0

_silent_until = 0.0  # by time.monotonic()


def give(job: Task[..., object], *arguments: str) -> bool:
    """Give the job to the broker; return false if no broker takes it.

    A broker that did not answer may still have taken the job, so jobs must be safe to run twice.
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
