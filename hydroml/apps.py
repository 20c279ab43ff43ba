"""Composition: the parts of the service put together."""

from django.apps import AppConfig


class HydroMLConfig(AppConfig):
    name = "hydroml"
    verbose_name = "HydroML"

    def ready(self) -> None:
        # The Celery app is made before any task is sent, and the checks are known before they run.
        import celery_app  # noqa: F401
        from hydroml import checks  # noqa: F401
