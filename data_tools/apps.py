"""Datasets, pages, operations and the HTTP API."""

from django.apps import AppConfig


class DataToolsConfig(AppConfig):
    name = "data_tools"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from data_tools.services.circumstances import circumstances_at
        from session_events.inspection.dataset_circumstances import ask_by

        ask_by(circumstances_at)
