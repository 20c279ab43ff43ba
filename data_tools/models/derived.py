"""What is computed from rows and kept, all of which may be gone at any time."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models


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


class StoredColumn(models.Model):
    """A column of one revision of a dataset, kept in blocks; see `data_tools.column_blocks`.

    `column` is `b3` for the dataset's fourth column, or a digest of what defines a computed one.
    `block_count` is 0 for a column that has no blocks, because its texts do not follow from values.
    `used_at` is when a computed column was last used, null for those of the dataset itself.

    Derived data: all of it may be deleted at any time. The database deletes the columns with their
    dataset, and the blocks with their column (migration 0021).
    """

    pk = models.CompositePrimaryKey("dataset_id", "revision", "column")
    dataset_id = models.UUIDField()
    revision = models.PositiveIntegerField()
    column = models.CharField(max_length=64)
    row_count = models.BigIntegerField()
    block_count = models.PositiveIntegerField()
    packed_bytes = models.BigIntegerField()
    used_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["used_at"],
                name="stored_column_computed",
                condition=models.Q(used_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.dataset_id} r{self.revision} {self.column}"


class ColumnBlock(models.Model):
    """The values of some consecutive rows, packed by `column_blocks.packing`; blocks count from 0.

    `digest` is the SHA-256 of `packed`.
    """

    pk = models.CompositePrimaryKey("dataset_id", "revision", "column", "block")
    dataset_id = models.UUIDField()
    revision = models.PositiveIntegerField()
    column = models.CharField(max_length=64)
    block = models.PositiveIntegerField()
    missing_count = models.PositiveIntegerField()
    digest = models.BinaryField(max_length=32)
    packed = models.BinaryField()

    def __str__(self) -> str:
        return f"{self.dataset_id} r{self.revision} {self.column} #{self.block}"
