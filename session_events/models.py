"""The log's tables. Only `store` writes events, and only `removal` removes them.

The database refuses to change an event.
"""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models

from session_events.state import Status
from session_events.trace_ids import TRACE_ID

_OPEN_STATUSES = [Status.ACTIVE.value, Status.PAUSED.value, Status.EXPIRED.value]


class SessionStream(models.Model):
    """The head of one session's stream: where it ends, and the parts of its state to search by.

    `status` and `is_open` repeat those of the state at `version`; the statement that appends events
    updates them. The dataset is only an id: the log does not know datasets.

    Only verification writes the last three fields: when the log was last folded from its first
    event, how far it could be proved, and what was wrong then ("" for nothing).
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="session_streams"
    )
    dataset_id = models.UUIDField()
    version = models.BigIntegerField()
    head_hash = models.BinaryField(max_length=32)
    status = models.CharField(max_length=16)
    is_open = models.BooleanField()
    started_at = models.DateTimeField()
    last_event_at = models.DateTimeField()
    verified_at = models.DateTimeField(null=True)
    verified_version = models.BigIntegerField(null=True)
    defect = models.CharField(max_length=64, blank=True, default="", db_default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="session_stream_one_open",
                fields=["user", "dataset_id"],
                condition=models.Q(is_open=True),
            ),
            models.CheckConstraint(
                name="session_stream_open_by_status",
                condition=models.Q(is_open=True, status__in=_OPEN_STATUSES)
                | (models.Q(is_open=False) & ~models.Q(status__in=_OPEN_STATUSES)),
            ),
            models.CheckConstraint(
                name="session_stream_has_events", condition=models.Q(version__gte=1)
            ),
        ]
        indexes = [
            models.Index(
                fields=["user", "dataset_id", "-started_at"], name="session_stream_latest"
            ),
            # Not on `last_event_at`: every append would then update all of the row's indexes.
            models.Index(fields=["dataset_id"], name="session_stream_dataset"),
        ]

    def __str__(self) -> str:
        return f"{self.id} at {self.version}"


class SessionEvent(models.Model):
    """One event. Fields as in `envelope.StoredEvent`; see Note [Canonical bytes] there.

    The primary key is the event's own UUID, since Django's admin does not support composite keys;
    (stream, sequence) orders the log.
    """

    event_id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    stream = models.ForeignKey(
        SessionStream, on_delete=models.PROTECT, related_name="events", db_index=False
    )
    sequence = models.BigIntegerField()
    wire_name = models.CharField(max_length=64)
    schema_version = models.PositiveSmallIntegerField()
    payload = models.TextField()
    metadata = models.TextField()
    recorded_at = models.DateTimeField()
    hash = models.BinaryField(max_length=32)
    client_operation_id = models.UUIDField(null=True)

    class Meta:
        ordering = ["stream", "sequence"]
        constraints = [
            models.UniqueConstraint(name="session_event_sequence", fields=["stream", "sequence"]),
            models.UniqueConstraint(
                name="session_event_client_operation",
                fields=["stream", "client_operation_id"],
                condition=models.Q(client_operation_id__isnull=False),
            ),
            models.CheckConstraint(
                name="session_event_sequence_from_one", condition=models.Q(sequence__gte=1)
            ),
        ]
        # See Note [Found by trace id].
        indexes = [models.Index(TRACE_ID, name="session_event_trace")]

    def __str__(self) -> str:
        return f"{self.wire_name} #{self.sequence} of {self.stream_id}"


class SessionSnapshot(models.Model):
    """The state of a stream at `sequence`, so that a replay need not begin at its first event.

    `state` is `frozen_state` text, `digest` its SHA-256, `event_hash` the hash of the event at
    `sequence`. A snapshot that does not match its log is quarantined: kept for inspection, no
    longer used, and replaceable. Deleting all snapshots loses nothing.
    """

    stream = models.ForeignKey(SessionStream, on_delete=models.PROTECT, related_name="snapshots")
    sequence = models.BigIntegerField()
    fold_version = models.PositiveSmallIntegerField()
    state = models.TextField()
    digest = models.CharField(max_length=64)
    event_hash = models.BinaryField(max_length=32)
    taken_at = models.DateTimeField()
    quarantined_at = models.DateTimeField(null=True)
    quarantine_reason = models.CharField(max_length=64, blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="session_snapshot_once",
                fields=["stream", "sequence", "fold_version"],
                condition=models.Q(quarantined_at__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.stream_id} at {self.sequence}"


class StreamTombstone(models.Model):
    """What is left of a removed stream: enough to prove what it held, and none of the work.

    `event_count`, `last_sequence` and `last_hash` are those of the removed events: whoever kept a
    copy can show by the hash chain that it is a copy of that log. The ids are no foreign keys, so
    that the user and the dataset can be deleted as well. The database sets `transaction_id` and
    allows the removal of a stream's events only in that transaction; it refuses to change a
    tombstone.
    """

    stream_id = models.UUIDField(primary_key=True, editable=False)
    user_id = models.BigIntegerField()
    dataset_id = models.UUIDField()
    event_count = models.BigIntegerField()
    last_sequence = models.BigIntegerField()
    last_hash = models.BinaryField(max_length=32)
    reason = models.CharField(max_length=32)
    removed_at = models.DateTimeField()
    removed_by = models.CharField(max_length=150)
    transaction_id = models.BigIntegerField(editable=False)

    class Meta:
        indexes = [
            models.Index(fields=["transaction_id"], name="stream_tombstone_transaction"),
            models.Index(fields=["user_id", "removed_at"], name="stream_tombstone_of_user"),
        ]

    def __str__(self) -> str:
        return f"{self.stream_id}, removed: {self.reason}"
