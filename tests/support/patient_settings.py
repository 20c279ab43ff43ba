"""Production's settings, with time limits so long that a busy machine is not taken for a fault."""

import os

from tests.support.patience import PATIENCE_SECONDS

# A test that wants gates sets them in its environment.
os.environ.setdefault("REQUESTS_PER_USER", "1000")
os.environ.setdefault("WAITING_PER_PROCESS", "1000")
os.environ.setdefault("HEAVY_WORK_WAIT_SECONDS", str(PATIENCE_SECONDS))

from hydroml.settings import *  # noqa: F403  (reads the variables set above)
from hydroml.settings import CELERY_BROKER_TRANSPORT_OPTIONS, DATABASES

DATABASES["default"]["OPTIONS"]["options"] += f" -c lock_timeout={PATIENCE_SECONDS}s"
REDIS_TIMEOUTS = {
    "socket_connect_timeout": PATIENCE_SECONDS,
    "socket_timeout": PATIENCE_SECONDS,
}
CELERY_BROKER_CONNECTION_TIMEOUT = PATIENCE_SECONDS
CELERY_BROKER_TRANSPORT_OPTIONS = {**CELERY_BROKER_TRANSPORT_OPTIONS, **REDIS_TIMEOUTS}
