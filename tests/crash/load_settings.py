"""Production's settings for the loads that are interrupted, with files in a place of their own."""

import os
from pathlib import Path

from hydroml.settings import *  # noqa: F403

MEDIA_ROOT = Path(os.environ["CRASH_DIRECTORY"]) / "media"
CELERY_BEAT_SCHEDULE_FILENAME = os.environ["CRASH_DIRECTORY"] + "/celerybeat-schedule"
