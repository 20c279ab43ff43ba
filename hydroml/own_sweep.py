"""A server without a broker looks for interrupted loads itself: there is no beat."""

from __future__ import annotations

import logging
import threading
import time

from django.conf import settings
from django.db import Error, connections

from data_tools import tasks
from session_events.error_names import without_values

logger = logging.getLogger(__name__)


def start() -> None:
    """Look from time to time, in a thread of this process; with a broker, do nothing.

    Of several processes, one starts each load. What fails is tried the next time.
    """
    if not settings.BACKGROUND_JOBS_USE_BROKER:
        threading.Thread(target=_look, name="own-sweep", daemon=True).start()


def _look() -> None:
    while True:
        time.sleep(settings.CELERY_BEAT_SCHEDULE["fail-interrupted-ingests"]["schedule"])
        try:
            tasks.fail_interrupted_ingests()
        except Error as error:
            logger.warning("Interrupted loads are looked for later: %s", without_values(error))
        except Exception:  # such as a disk that fails: nobody else in this process would look again
            logger.exception("Interrupted loads are looked for later")
        finally:
            connections.close_all()
