"""Composition: the application that puts the parts of the service together."""

from django.apps import AppConfig


class HydroMLConfig(AppConfig):
    name = "hydroml"
    verbose_name = "HydroML"

    def ready(self) -> None:
        # Make the Celery app before any task is sent, and register the checks before they run.
        import celery_app  # noqa: F401
        from hydroml import checks  # noqa: F401
