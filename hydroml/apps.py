"""Composition: the application that puts the parts of the service together."""

import logging
from pathlib import Path

from django.apps import AppConfig


class HydroMLConfig(AppConfig):
    name = "hydroml"
    verbose_name = "HydroML"

    def ready(self) -> None:
        logging.captureWarnings(True)  # they become records like all others
        # Make the Celery app before any task is sent, and register the checks before they run.
        from django.conf import settings

        import celery_app
        from data_tools.observing.linked_jobs import link_jobs
        from data_tools.observing.uncaught import log_uncaught
        from hydroml import checks  # noqa: F401
        from hydroml.private_files import close_to_others
        from hydroml.worker_watch import watch_workers

        celery_app.app.finalize()  # it tells of its jobs: `LoggedTask.on_bound`
        log_uncaught()
        link_jobs()
        watch_workers()
        close_to_others(Path(settings.MEDIA_ROOT))
        if settings.SENTRY_DSN:
            from data_tools.observing.reports import sending

            sending.start(
                dsn=settings.SENTRY_DSN,
                environment=settings.SENTRY_ENVIRONMENT,
                release=settings.SENTRY_RELEASE,
                traces_share=settings.SENTRY_TRACES_SAMPLE_RATE,
                slow_seconds=settings.SLOW_REQUEST_MS / 1000,
            )
