"""Background jobs: `celery -A celery_app worker` and `celery -A celery_app beat`."""

import os
from typing import Any

from celery import Celery
from celery.signals import beat_init, worker_init
from kombu.transport import TRANSPORT_ALIASES

from hydroml.embedded_postgres import ensure_configured_database

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hydroml.settings")

TRANSPORT_ALIASES["redis"] = TRANSPORT_ALIASES["rediss"] = "hydroml.redis_transport:Transport"
app = Celery("hydroml")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@worker_init.connect
@beat_init.connect
def start_database(**kwargs: Any) -> None:
    ensure_configured_database()
