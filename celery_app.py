"""Background jobs: `celery -A celery_app worker` and `celery -A celery_app beat`."""

import os
from typing import Any

from celery import Celery
from celery.signals import (
    beat_init,
    import_modules,
    setup_logging,
    worker_init,
    worker_process_init,
    worker_ready,
)
from kombu.transport import TRANSPORT_ALIASES

from hydroml import database_limits, metric_files
from hydroml.embedded_postgres import ensure_configured_database

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hydroml.settings")


@import_modules.connect  # before the app below, whose receiver sets up Django
def share_metrics(**kwargs: Any) -> None:
    metric_files.share()


TRANSPORT_ALIASES["redis"] = TRANSPORT_ALIASES["rediss"] = "hydroml.redis_transport:Transport"
app = Celery("hydroml", task_cls="data_tools.observing.job_line:LoggedTask")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@setup_logging.connect
def log_as_the_server_does(**kwargs: Any) -> None:
    """Keep Celery from replacing the logging of the settings, which it leaves to a receiver."""


@worker_init.connect
@beat_init.connect
def start_database(**kwargs: Any) -> None:
    ensure_configured_database()
    database_limits.refuse_to_start_without()


@worker_process_init.connect
def make_metrics_folder_again(**kwargs: Any) -> None:
    metric_files.make_again()


@worker_ready.connect
def look_for_interrupted_jobs(**kwargs: Any) -> None:
    """Have the jobs begin again that were left while there was no worker, even if no beat runs."""
    app.send_task("data_tools.tasks.fail_interrupted_ingests")
