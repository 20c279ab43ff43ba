"""Production's settings for the service that is killed, with its files in a place of their own."""

import os
from pathlib import Path

from hydroml.settings import *  # noqa: F403
from hydroml.settings import SESSION_EVENTS

MEDIA_ROOT = Path(os.environ["CRASH_DIRECTORY"]) / "media"
# Snapshots often, so that many replays begin at one.
SESSION_EVENTS = {**SESSION_EVENTS, "SNAPSHOT_EVERY_EVENTS": 20, "VIEW_CHANGE_INTERVAL_SECONDS": 1}
