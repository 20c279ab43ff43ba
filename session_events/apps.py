"""The event log: every session is a stream of events, and its state a fold of them."""

from django.apps import AppConfig


class SessionEventsConfig(AppConfig):
    name = "session_events"
    verbose_name = "Event log"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from session_events import snapshot_trigger
        from session_events.store import snapshot_due

        snapshot_due.connect(snapshot_trigger.on_snapshot_due)
