"""Production's settings for the service that is attacked, with its files in their own place."""

import os
from pathlib import Path

from hydroml.settings import *  # noqa: F403
from hydroml.settings import STORAGES

MEDIA_ROOT = Path(os.environ["ATTACKED_DIRECTORY"]) / "media"
CELERY_BEAT_SCHEDULE_FILENAME = os.environ["ATTACKED_DIRECTORY"] + "/celerybeat-schedule"
# Static files come straight from their folders, without `collectstatic`.
STORAGES = {
    **STORAGES,
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
