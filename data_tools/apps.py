"""Datasets, pages, operations and the HTTP API."""

from django.apps import AppConfig


class DataToolsConfig(AppConfig):
    name = "data_tools"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from django.db.models.signals import post_delete

        from data_tools.models import DataSource
        from data_tools.observing.activity import StepTimes
        from data_tools.observing.metrics import StepMetrics
        from data_tools.revisions.loaded_files import remove_with_dataset
        from data_tools.services.recovery_service import recovery_context_at
        from session_events.inspection.dataset_context import ask_by
        from session_events.spans import listen

        listen(StepTimes())
        listen(StepMetrics())
        ask_by(recovery_context_at)
        post_delete.connect(remove_with_dataset, sender=DataSource)
