"""Production's settings for the service that is killed, with its files in a place of their own."""

import os
from pathlib import Path

from hydroml.settings import *  # noqa: F403
from hydroml.settings import CELERY_BEAT_SCHEDULE, SESSION_EVENTS

MEDIA_ROOT = Path(os.environ["CRASH_DIRECTORY"]) / "media"
# Snapshots often, so that most replays begin at one, and some are removed again.
SESSION_EVENTS = {
    **SESSION_EVENTS,
    "SNAPSHOT_EVERY_EVENTS": 5,
    "SNAPSHOTS_KEPT": 20,
    "VIEW_CHANGE_INTERVAL_SECONDS": 1,
}
# Every job every few seconds, so that a kill finds some of them at work.
CELERY_BEAT_SCHEDULE = {
    name: {**entry, "schedule": 2 + number, "options": {"expires": 2 + number}}
    for number, (name, entry) in enumerate(CELERY_BEAT_SCHEDULE.items())
}
CELERY_BEAT_SCHEDULE_FILENAME = os.environ["CRASH_DIRECTORY"] + "/celerybeat-schedule"
