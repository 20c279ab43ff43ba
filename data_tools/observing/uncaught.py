"""Errors that end a thread are logged like all others, not printed with whatever they quote."""

from __future__ import annotations

import logging
import threading

logger = logging.getLogger(__name__)


def log_uncaught() -> None:
    """Log what ends a thread of this process from now on, unless somebody else looks after that."""
    if threading.excepthook is threading.__excepthook__:
        threading.excepthook = _log


def _log(ended: threading.ExceptHookArgs) -> None:
    if ended.exc_value is None or ended.exc_type is SystemExit:
        return
    logger.error(
        "The thread %s ended with an error",
        ended.thread.name if ended.thread else "of another program",
        exc_info=ended.exc_value,
    )
