"""Datasets and their rows. Rows are written once, by `ingest` or `saving`, and never change."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models


class DataSource(models.Model):
    """A user's dataset: a file, or a session's result, as typed, numbered rows.

    The rows of `revision` are published all at once, in the transaction that sets `status` to
    READY. `columns` is a list of ``{"name": str, "type": str}`` in file order; the types are those
    of `data_tools.columns`.

    A dataset may get another file (`reupload_file`). While that file is loaded, `status` and
    `progress_percent` show its progress, and everything else stays as published. If it cannot be
    loaded, `reupload_failure` says why, and the dataset is READY as before.

    A dataset saved from a session names it in `saved_from`: ``{"session_id", "version",
    "attempts"}``, where the version is the one that ended the session, and the attempts are those
    made to write the rows.
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
    requested_sheet = models.CharField(
        max_length=255,
        blank=True,
        default="",
        help_text="The sheet to load of the newest file, a workbook; empty for its first.",
    )
    reupload_failure = models.JSONField(
        null=True, blank=True, help_text="Why the last file that was to replace the rows did not."
    )
    parent = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.SET_NULL, related_name="children"
    )
    recipe = models.JSONField(
        default=list, help_text="The recipe that made this dataset out of its parent."
    )
    saved_from = models.JSONField(null=True, blank=True, help_text="The session it was saved from.")
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

    @classmethod
    def waiting_for_saved_rows(cls) -> models.QuerySet[DataSource]:
        """Return the datasets saved from a session whose rows are still to be written."""
        return cls.objects.filter(
            saved_from__isnull=False, revision=0, status=cls.Status.PROCESSING, reupload_file=""
        )

    @property
    def is_published(self) -> bool:
        """Whether there are rows to read, also while another file is being loaded."""
        return self.revision > 0 and self.status != self.Status.ERROR


class DataRow(models.Model):
    """One row of one revision of a dataset: its values as a JSON array, in column order.

    `row_number` is dense: 1, 2, 3 … `row_count`. A missing value is JSON null. Dates are ISO 8601
    text. The database refuses UPDATE (migration 0002). Rows are deleted with their dataset, and
    those of a superseded revision when nobody needs them any more (`revisions.pruning`).

    The foreign key has no database constraint: a per-row check would cost more than the COPY
    itself, and only `ingest` and `saving` ever write rows, in the transaction that publishes them.
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

    @classmethod
    def are_kept(cls, dataset_id: uuid.UUID, *, revision: int, row_count: int) -> bool:
        """Tell whether a revision's rows are there, by its first and its last row."""
        ends = {1, row_count} if row_count else set()
        rows = cls.objects.filter(dataset_id=dataset_id, revision=revision, row_number__in=ends)
        return rows.count() == len(ends)


class KeptProfile(models.Model):
    """A column's profile, stored because rows never change; `profiles.stored` finds it again.

    `profile` is the JSON text of a `ColumnProfile`, not jsonb, which would turn 1e300 into an
    integer. Deleting every row of this table loses nothing; the next request measures again.
    """

    dataset = models.ForeignKey(DataSource, on_delete=models.CASCADE, related_name="+")
    revision = models.PositiveIntegerField()
    digest = models.CharField(max_length=64)
    is_base = models.BooleanField(help_text="Whether the column is one of the file, unchanged.")
    profile = models.TextField()
    kept_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="kept_profile_once", fields=["dataset", "revision", "digest"]
            ),
        ]

    def __str__(self) -> str:
        return f"{self.dataset_id} r{self.revision} {self.digest}"


class FeatureFlag(models.Model):
    """The switch of one enhancement; without a row it is on. Read by `data_tools.features`."""

    name = models.CharField(max_length=40, primary_key=True)
    is_on = models.BooleanField(default=True)
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return f"{self.name} is {'on' if self.is_on else 'off'}"


class RowList(models.Model):
    """An ordered list of row numbers of one revision of a dataset; see `data_tools.rows.lists`.

    Derived data in unlogged tables: all of it may be gone at any time. The database deletes a list
    with its dataset, its blocks with the list, and the lists made from its rows with their `parent`
    (migration 0007).
    """

    id = models.UUIDField(primary_key=True, editable=False)
    parent = models.ForeignKey(
        "self", null=True, on_delete=models.DO_NOTHING, db_constraint=False, related_name="+"
    )
    dataset_id = models.UUIDField()
    revision = models.PositiveIntegerField()
    row_count = models.BigIntegerField()
    used_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["dataset_id", "revision"], name="row_list_of_dataset")]

    def __str__(self) -> str:
        return f"{self.row_count} rows of {self.dataset_id} r{self.revision}"


class RowListBlock(models.Model):
    """A piece of a list, never empty; `rows_before` row numbers of the list come before it."""

    pk = models.CompositePrimaryKey("list_id", "block")
    list_id = models.UUIDField()
    block = models.BigIntegerField()
    rows_before = models.BigIntegerField()
    row_numbers = ArrayField(models.BigIntegerField())

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["list_id", "rows_before"], name="row_list_block_has_its_place"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.list_id} #{self.block}"
