"""Small datasets, published as ingest publishes them, or waiting to be loaded."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.contrib.auth.models import User
from django.core.files.base import ContentFile

from data_tools.models import DataRow, DataSource
from session_events.services import DatasetFacts

# One column of each type. `delay` has gaps; the first `id` is too large for a float to hold.
COLUMNS = (
    ("id", "integer"),
    ("carrier", "text"),
    ("delay", "float"),
    ("cancelled", "boolean"),
    ("day", "date"),
    ("seen_at", "datetime"),
)
ROWS: tuple[list[Any], ...] = (
    [9007199254740993, "UA", 2.5, False, "2013-01-01", "2013-01-01T05:15:00"],
    [2, "AA", None, True, "2013-01-01", None],
    [3, "", 4.0, False, None, "2013-01-01T05:40:00Z"],
    [4, None, -1.0, None, "2013-01-02", "2013-01-02T06:00:00"],
    [5, "007", None, False, "2013-01-02", "2013-01-02T06:10:00"],
    [6, "UA", 33.25, False, "2013-01-03", None],
    [7, "DL", 0.0, True, "2013-01-03", "2013-01-03T23:59:00"],
)


def publish(
    owner: User,
    columns: Sequence[tuple[str, str]] = COLUMNS,
    rows: Sequence[list[Any]] = ROWS,
    name: str = "flights",
) -> DataSource:
    """Create a READY dataset of these rows, at revision 1."""
    datasource = DataSource.objects.create(
        owner=owner,
        name=name,
        original_filename=f"{name}.csv",
        status=DataSource.Status.READY,
        progress_percent=100,
        revision=1,
        row_count=len(rows),
        columns=[{"name": column, "type": column_type} for column, column_type in columns],
        fingerprint="f" * 64,
    )
    store_rows(datasource.pk, rows)
    return datasource


def waiting(user: User, content: bytes = b"id\n1\n2\n", name: str = "waiting.csv") -> DataSource:
    """Create a dataset whose uploaded file is still to be loaded."""
    dataset = DataSource(owner=user, name=name, status=DataSource.Status.UPLOADING)
    dataset.file.save(name, ContentFile(content), save=False)
    dataset.file_bytes = len(content)
    dataset.save()
    return dataset


def wait_for_another_file(dataset: DataSource, content: bytes = b"id\n3\n") -> None:
    """Give a published dataset a file that is to replace its rows and is still to be loaded."""
    dataset.reupload_file.save("another.csv", ContentFile(content), save=False)
    dataset.reupload_file_bytes = len(content)
    dataset.status = DataSource.Status.UPLOADING
    dataset.save()


def publish_facts(owner: User, facts: DatasetFacts) -> DataSource:
    """Create the READY dataset that `facts` describe, without any rows."""
    return DataSource.objects.create(
        pk=facts.dataset_id,
        owner=owner,
        name="facts",
        original_filename="facts.csv",
        status=DataSource.Status.READY,
        progress_percent=100,
        revision=facts.revision,
        row_count=facts.row_count,
        columns=[{"name": column.name, "type": column.type} for column in facts.columns],
        fingerprint=facts.fingerprint,
    )


def replace_rows(
    datasource: DataSource,
    rows: Sequence[list[Any]],
    columns: Sequence[tuple[str, str]] = COLUMNS,
) -> None:
    """Publish these rows as the next revision, as ingest does."""
    datasource.refresh_from_db()
    datasource.revision += 1
    datasource.fingerprint = f"{datasource.revision:x}" * 64
    datasource.row_count = len(rows)
    datasource.columns = [{"name": name, "type": column_type} for name, column_type in columns]
    store_rows(datasource.pk, rows, revision=datasource.revision)
    datasource.save()


def store_rows(dataset_id: UUID, rows: Sequence[list[Any]], revision: int = 1) -> None:
    """Store the rows of a revision, numbered from 1, and publish nothing."""
    DataRow.objects.bulk_create(
        DataRow(dataset_id=dataset_id, revision=revision, row_number=number, values=values)
        for number, values in enumerate(rows, start=1)
    )
