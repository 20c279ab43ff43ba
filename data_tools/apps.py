"""Datasets, pages, operations and the HTTP API."""

from django.apps import AppConfig


class DataToolsConfig(AppConfig):
    name = "data_tools"
    default_auto_field = "django.db.models.BigAutoField"
