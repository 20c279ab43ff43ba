"""Calls to what only watches the work: logs, metrics, error reports.

Work that is done stays done, whatever becomes of them.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import ParamSpec

from billiard.exceptions import SoftTimeLimitExceeded

P = ParamSpec("P")

logger = logging.getLogger(__name__)

_failures_told: set[tuple[str, type[Exception]]] = set()


def call(watcher: Callable[P, object], *arguments: P.args, **named: P.kwargs) -> None:
    """Call the watcher, and log what it raises, the first time that it does so in this process."""
    try:
        watcher(*arguments, **named)
    except SoftTimeLimitExceeded:
        raise  # meant for the job, at whatever it was doing
    except Exception as error:
        name = getattr(watcher, "__qualname__", type(watcher).__qualname__)
        if (name, type(error)) not in _failures_told:
            _failures_told.add((name, type(error)))
            logger.exception("%s failed, and the work goes on. This is logged once.", name)
