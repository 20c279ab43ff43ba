"""The log's tables. `store` alone writes events and `removal` alone removes them.

The database refuses to alter an event.
"""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models

from session_events.state import Status
from session_events.trace_ids import TRACE_ID

_OPEN_STATUSES = [Status.ACTIVE.value, Status.PAUSED.value, Status.EXPIRED.value]


class SessionStream(models.Model):
    """The head of one session's stream: where it ends, and what its state says for look-ups.

    `status` and `is_open` repeat what the fold of the events says at `version`; they are moved in
    the statement that appends. The dataset is an id only: the log does not know datasets.

    The last three are written by verification only: when the log was last folded from its first
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
            # None on `last_event_at`: every append would then write all indexes of the stream anew.
            models.Index(fields=["dataset_id"], name="session_stream_dataset"),
        ]

    def __str__(self) -> str:
        return f"{self.id} at {self.version}"


class SessionEvent(models.Model):
    """One fact. Fields as in `envelope.StoredEvent`; see Note [Canonical bytes] there.

    The primary key is the event's own UUID, since Django's composite keys have no admin; the key
    that orders the log is (stream, sequence). `client_operation_id` repeats the metadata's, for
    the constraint.
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
    """The fold of a stream up to `sequence`, so that a replay need not begin at its first event.

    `state` is `frozen_state` text, `digest` its SHA-256, `event_hash` the hash of the event it
    stands on. A snapshot that does not match its log is quarantined: kept to be looked at, used
    by nobody, and another may be taken in its place. Deleting all of them loses nothing.
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
    """What is left of a stream that was removed: enough to prove what stood there, and no work.

    `event_count`, `last_sequence` and `last_hash` are those of the events removed: whoever kept a
    copy can show, by the hash chain, that the copy is the log that was here. The ids are plain, so
    that user and dataset may go as well. The database sets `transaction_id` and allows the removal
    of a stream's events in that transaction only; it refuses to alter a tombstone.
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
