"""Production's settings, with time limits so long that a busy machine is not taken for a fault."""

from hydroml.settings import *  # noqa: F403
from hydroml.settings import CELERY_BROKER_TRANSPORT_OPTIONS, DATABASES
from tests.support.patience import PATIENCE_SECONDS

DATABASES["default"]["OPTIONS"]["options"] += f" -c lock_timeout={PATIENCE_SECONDS}s"
REDIS_TIMEOUTS = {
    "socket_connect_timeout": PATIENCE_SECONDS,
    "socket_timeout": PATIENCE_SECONDS,
}
CELERY_BROKER_CONNECTION_TIMEOUT = PATIENCE_SECONDS
CELERY_BROKER_TRANSPORT_OPTIONS = {**CELERY_BROKER_TRANSPORT_OPTIONS, **REDIS_TIMEOUTS}
