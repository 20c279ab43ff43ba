"""The patient settings, with files in a test's own place, and jobs that are soon taken for lost."""

import os
from pathlib import Path

from tests.support.patient_settings import *  # noqa: F403

MEDIA_ROOT = Path(os.environ["TEST_MEDIA"])
CELERY_BEAT_SCHEDULE_FILENAME = os.environ["TEST_MEDIA"] + "/celerybeat-schedule"
INGEST_HEARTBEAT_SECONDS = 1
