"""Datasets and their rows. Rows are written once, by `ingest`, and never change."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models


class DataSource(models.Model):
    """A dataset somebody owns: a file that became typed, numbered rows.

    Readers see a dataset's rows only when `status` is READY, and then all of them: the rows of
    `revision` are published in the transaction that sets the status. `columns` is a list of
    ``{"name": str, "type": str}`` in file order, the types being those of `data_tools.columns`.

    A dataset may get another file (`reupload_file`). While that is loaded, `status` and
    `progress_percent` tell how far it is, and everything else stays what was published; if it
    cannot be loaded, `reupload_failure` says why and the dataset is READY as it was.
    """

    class Status(models.TextChoices):
        UPLOADING = "UPLOADING"
        PROCESSING = "PROCESSING"
        READY = "READY"
        ERROR = "ERROR"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="datasources"
    )
    name = models.CharField(max_length=255)
    description = models.TextField(blank=True, default="")
    file = models.FileField(upload_to="datasources/%Y/%m/", blank=True, max_length=500)
    original_filename = models.CharField(max_length=255, blank=True, default="")
    status = models.CharField(max_length=20, choices=Status, default=Status.UPLOADING)
    progress_percent = models.PositiveSmallIntegerField(default=0)
    error_reason = models.TextField(blank=True, default="")
    revision = models.PositiveIntegerField(
        default=0, help_text="Which set of rows is published; 0 before the first."
    )
    row_count = models.BigIntegerField(default=0)
    columns = models.JSONField(default=list)
    fingerprint = models.CharField(
        max_length=64, blank=True, default="", help_text="SHA-256 of columns and rows as stored."
    )
    ingest_report = models.JSONField(default=dict)
    reupload_file = models.FileField(upload_to="datasources/%Y/%m/", blank=True, max_length=500)
    reupload_filename = models.CharField(max_length=255, blank=True, default="")
    reupload_failure = models.JSONField(
        null=True, blank=True, help_text="Why the last file that was to replace the rows did not."
    )
    parent = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.SET_NULL, related_name="children"
    )
    recipe = models.JSONField(
        default=list, help_text="The operations that made this dataset out of its parent."
    )
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["-created_at", "id"]
        constraints = [
            models.CheckConstraint(
                name="data_source_progress_is_a_percentage",
                condition=models.Q(progress_percent__lte=100),
            ),
            models.CheckConstraint(
                name="data_source_ready_is_published",
                condition=~models.Q(status="READY")
                | (models.Q(revision__gte=1) & ~models.Q(fingerprint="")),
            ),
        ]
        indexes = [
            models.Index(fields=["owner", "-created_at"], name="data_source_owner_recent"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_published(self) -> bool:
        """Whether there are rows to read, if only those from before a file that is being loaded."""
        return self.revision > 0 and self.status != self.Status.ERROR


class DataRow(models.Model):
    """One row of one revision of a dataset: its values as a JSON array, in column order.

    `row_number` is dense: 1, 2, 3 … `row_count`. A missing value is JSON null. Dates are ISO 8601
    text. The database refuses UPDATE (migration 0002); rows leave with their
    dataset, and those of a superseded revision when nobody needs them (`old_revisions`).

    The foreign key has no database constraint: a per-row check would cost more than the COPY
    itself, and rows are only ever written by `ingest`, in the transaction that publishes them.
    """

    pk = models.CompositePrimaryKey("dataset_id", "revision", "row_number")
    dataset = models.ForeignKey(
        DataSource,
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        db_index=False,
        related_name="+",
    )
    revision = models.PositiveIntegerField()
    row_number = models.BigIntegerField()
    values = models.JSONField()

    def __str__(self) -> str:
        return f"{self.dataset_id} r{self.revision} #{self.row_number}"
