"""Datasets and their rows. Rows are written once, by `ingest` or `saving`, and never change."""

from __future__ import annotations

import uuid
from typing import Any

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from knox.models import AbstractAuthToken

from data_tools.models.derived import ColumnBlock, RowList, RowListBlock, StoredColumn
from data_tools.written_json import WrittenJSONField

__all__ = [
    "ApiToken",
    "ColumnBlock",
    "DataRow",
    "DataSource",
    "FeatureFlag",
    "KeptProfile",
    "MovedRevision",
    "RowList",
    "RowListBlock",
    "SignOfLife",
    "StoredColumn",
    "StoredRevision",
    "UserQuotas",
]


class DataSource(models.Model):
    """A user's dataset: a file, or a session's result, as typed, numbered rows.

    The rows of `revision` are published all at once, in the transaction that sets `status` to
    READY. `columns` is a list of ``{"name": str, "type": str}`` in file order; the types are those
    of `data_tools.columns`.

    A dataset may get another file (`reupload_file`). While that file is loaded, `status` and
    `progress_percent` show its progress, and everything else stays as published. If it cannot be
    loaded, `reupload_failure` says why, and the dataset is READY as before.

    `reading_options` are how its owner wants its files to be read, in the form in which clients
    send options. Another file is read in the same way, unless options come with it.

    A dataset saved from a session names it in `saved_from`: ``{"session_id", "version",
    "attempts", "rows"}``, where the version is the one that ended the session, the attempts are
    those made to write the rows, and so many rows the session had.
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
    file_bytes = models.BigIntegerField(
        default=0, db_default=0, help_text="The size of `file`; says nothing if that is empty."
    )
    original_filename = models.CharField(max_length=255, blank=True, default="")
    status = models.CharField(max_length=20, choices=Status, default=Status.UPLOADING)
    progress_percent = models.PositiveSmallIntegerField(default=0)
    load_attempts = models.PositiveSmallIntegerField(
        default=0, db_default=0, help_text="How often loading the newest file has begun."
    )
    error_reason = models.TextField(blank=True, default="")
    revision = models.PositiveIntegerField(
        default=0, help_text="Which set of rows is published; 0 before the first."
    )
    row_count = models.BigIntegerField(default=0)
    columns = models.JSONField(default=list)
    fingerprint = models.CharField(
        max_length=64, blank=True, default="", help_text="SHA-256 of columns and rows as stored."
    )
    own_tables = ArrayField(
        models.PositiveIntegerField(),
        default=list,
        db_default=models.Value([], ArrayField(models.PositiveIntegerField())),
        blank=True,
        editable=False,
        help_text="The revisions whose rows lie in a table of their own; see `row_tables`.",
    )
    ingest_report = WrittenJSONField(default=dict)
    reupload_file = models.FileField(upload_to="datasources/%Y/%m/", blank=True, max_length=500)
    reupload_file_bytes = models.BigIntegerField(
        default=0, db_default=0, help_text="The size of `reupload_file`, likewise."
    )
    reupload_filename = models.CharField(max_length=255, blank=True, default="")
    requested_sheet = models.CharField(
        max_length=255,
        blank=True,
        default="",
        db_default="",
        help_text="The sheet to read of the newest file only; empty if none was named.",
    )
    reading_options = models.JSONField(
        default=dict,
        blank=True,
        db_default=models.Value({}, models.JSONField()),
        help_text="How its owner wants its files to be read.",
    )
    reupload_options = models.JSONField(
        null=True,
        blank=True,
        help_text="Options sent with `reupload_file`; once published, they replace the others.",
    )
    reupload_failure = WrittenJSONField(
        null=True, blank=True, help_text="Why the last file that was to replace the rows did not."
    )
    parent = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.SET_NULL, related_name="children"
    )
    recipe = WrittenJSONField(
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
    def newest_options(self) -> dict[str, Any]:
        """How the newest file is read, in the form of `ingest.written_options`.

        The dataset's own options, or those sent with a file that is to replace its rows; and the
        sheet that was asked for of this file alone.
        """
        kept = self.reading_options
        if self.reupload_file and self.reupload_options is not None:
            kept = self.reupload_options
        return kept | ({"sheet": self.requested_sheet} if self.requested_sheet else {})

    @property
    def restarts(self) -> int:
        """How often the loading of the newest file, or the writing of saved rows, began again."""
        attempts = self.load_attempts or (self.saved_from or {}).get("attempts", 0)
        return max(0, int(attempts) - 1)

    @property
    def is_published(self) -> bool:
        """Whether there are rows to read, also while another file is being loaded."""
        return self.revision > 0 and self.status != self.Status.ERROR


class DataRow(models.Model):
    """One row of one revision of a dataset: its values as a JSON array, in column order.

    The rows of a large revision lie in a table of its own, and queries of this model see them as
    well, by a look at every such table; `data_tools.row_tables` says how to read one revision.

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


class MovedRevision(models.Model):
    """A revision whose rows were copied from the shared table into one of their own.

    They are in both until those who may still read the old ones are done: see
    `revisions.row_moving`. The database deletes the entry with the dataset (migration 0022).
    """

    pk = models.CompositePrimaryKey("dataset_id", "revision")
    dataset_id = models.UUIDField()
    revision = models.PositiveIntegerField()
    copied_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.dataset_id} r{self.revision}, copied at {self.copied_at}"


class StoredRevision(models.Model):
    """How many bytes the rows of one revision of a dataset take up; see `quotas.stored_bytes`.

    Written in the transaction that publishes the rows. Revisions older than this table have no
    entry until `manage.py measure_rows`, or the job of that name, has measured them.
    """

    dataset = models.ForeignKey(
        DataSource, on_delete=models.CASCADE, db_index=False, related_name="+"
    )
    revision = models.PositiveIntegerField()
    row_bytes = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(name="stored_revision_once", fields=["dataset", "revision"]),
        ]

    def __str__(self) -> str:
        return f"{self.dataset_id} r{self.revision}: {self.row_bytes} bytes"


class UserQuotas(models.Model):
    """How much one user may keep, where that differs from the settings; null means the setting."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="quotas", primary_key=True
    )
    rows_bytes = models.PositiveBigIntegerField("bytes of rows", null=True, blank=True)
    files_bytes = models.PositiveBigIntegerField("bytes of files", null=True, blank=True)
    lists_bytes = models.PositiveBigIntegerField("bytes of row lists", null=True, blank=True)
    events = models.PositiveBigIntegerField(null=True, blank=True)
    open_sessions = models.PositiveBigIntegerField(null=True, blank=True)
    datasets = models.PositiveBigIntegerField(null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "quotas of a user"

    def __str__(self) -> str:
        return f"quotas of user {self.user_id}"


class KeptProfile(models.Model):
    """A column's profile, stored because rows never change; `profiles.stored` finds it again.

    `profile` is the JSON text of a `ColumnProfile`, not jsonb, which would turn 1e300 into an
    integer. Deleting every row of this table loses nothing; the next request measures again.
    `counted_values` are all values of a column of the file, as PostgreSQL writes them, with the
    number of rows of each; null until somebody asked for them, and if they are many.
    """

    dataset = models.ForeignKey(DataSource, on_delete=models.CASCADE, related_name="+")
    revision = models.PositiveIntegerField()
    digest = models.CharField(max_length=64)
    is_base = models.BooleanField(help_text="Whether the column is one of the file, unchanged.")
    profile = models.TextField()
    counted_values = ArrayField(models.TextField(null=True), null=True)
    value_counts = ArrayField(models.BigIntegerField(), null=True)
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


class SignOfLife(models.Model):
    """When a part of the service that answers no requests was last seen at work.

    `name` is `beat` or `worker`, of which any counts.
    """

    name = models.CharField(max_length=20, primary_key=True)
    seen_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.name} at {self.seen_at}"


class ApiToken(AbstractAuthToken):
    """A token of a program. The database has its SHA-512 and first characters, never the token.

    No slow hash is needed: a token has 256 random bits, which nobody can try out. Those that
    migration 0018 carried over have 160. Its trigger deletes a user's tokens when the password
    changes or the account is closed, however that is done.

    `replaces` is the digest of the token that this one replaced, "" if none.
    """

    public_id = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=100, blank=True, default="")
    last_used_at = models.DateTimeField(null=True, blank=True)
    replaces = models.CharField(max_length=128, blank=True, default="", db_index=True)

    class Meta:
        ordering = ["-created", "public_id"]
        verbose_name = "token"

    def __str__(self) -> str:
        return f"{self.token_key}…"
