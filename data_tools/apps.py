"""Datasets, pages, operations and the HTTP API."""

from django.apps import AppConfig


class DataToolsConfig(AppConfig):
    name = "data_tools"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from data_tools.services.recovery_service import recovery_context_at
        from session_events.inspection.dataset_context import ask_by

        ask_by(recovery_context_at)
