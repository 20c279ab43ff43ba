"""Rows stored before there were quotas are measured, and every figure can be checked."""

from __future__ import annotations

import io
from pathlib import Path

import pyarrow as pa
import pytest
from django.contrib.auth.models import User
from django.core.files.base import ContentFile
from django.core.management import CommandError, call_command
from hypothesis import given
from hypothesis import strategies as st

from data_tools import tasks
from data_tools.ingest.stored_rows import json_texts
from data_tools.ingest.stored_rows.fingerprint import Fingerprint
from data_tools.models import DataRow, DataSource, StoredRevision
from data_tools.quotas.stored_bytes import bytes_of_rows, measure
from tests.support.quotas import used
from tests.support.small_datasets import ROWS, publish, replace_rows
from tests.support.studios import studio_of

pytestmark = pytest.mark.django_db


def checked() -> str:
    out = io.StringIO()
    call_command("measure_rows", "--check", stdout=out)
    return out.getvalue()


def test_the_job_measures_every_stored_revision_once(user: User) -> None:
    dataset = publish(user)
    replace_rows(dataset, ROWS[:3])
    studio = studio_of(user, dataset)
    assert used(studio, "rows_bytes") == 0

    assert tasks.measure_rows() == {"revisions": 2}
    assert tasks.measure_rows() == {"revisions": 0}

    expected = measure(dataset.pk, 1) + measure(dataset.pk, 2)
    assert used(studio, "rows_bytes") == expected > 10 * 128
    assert "Every figure is right" in checked()


def test_a_dataset_whose_own_table_is_gone_keeps_no_other_from_being_measured(user: User) -> None:
    gone, other = publish(user), publish(user)
    DataSource.objects.filter(pk=gone.pk).update(own_tables=[1])  # there is none

    assert measure(gone.pk, 1) == 0
    assert tasks.measure_rows() == {"revisions": 2}
    assert StoredRevision.objects.get(dataset=other).row_bytes == measure(other.pk, 1) > 0


def test_an_old_revision_is_measured_where_the_new_one_has_been(user: User) -> None:
    dataset = publish(user)
    replace_rows(dataset, ROWS[:3])
    StoredRevision.objects.create(dataset=dataset, revision=2, row_bytes=measure(dataset.pk, 2))

    assert tasks.measure_rows() == {"revisions": 1}


def test_a_wrong_figure_is_told_and_corrected(user: User) -> None:
    dataset = publish(user)
    tasks.measure_rows()
    StoredRevision.objects.update(row_bytes=5)

    with pytest.raises(CommandError, match="1 figures were wrong"):
        checked()

    assert StoredRevision.objects.get().row_bytes == measure(dataset.pk, 1)
    assert "Every figure is right" in checked()


def test_a_figure_without_rows_is_corrected_to_nothing(user: User) -> None:
    dataset = publish(user)
    tasks.measure_rows()
    DataRow.objects.filter(dataset=dataset).delete()

    with pytest.raises(CommandError):
        checked()

    assert used(studio_of(user, dataset), "rows_bytes") == 0


def test_files_that_were_there_are_measured(user: User, media: Path) -> None:
    dataset = publish(user)
    dataset.file.save("a.csv", ContentFile(b"a\n1\n"))
    DataSource.objects.update(reupload_file="datasources/gone.csv")

    tasks.measure_rows()

    assert used(studio_of(user, dataset), "files_bytes") == 4


texts = st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), max_size=20)


@given(rows=st.lists(st.tuples(texts, texts), min_size=1, max_size=4))
def test_what_is_counted_on_the_way_in_is_what_is_measured_later(
    user: User, rows: list[tuple[str, str]]
) -> None:
    dataset = publish(user, [("a", "text"), ("b", "text")], [list(row) for row in rows])
    fingerprint = Fingerprint(dataset.columns)
    columns = [json_texts.of_texts(pa.array(column)) for column in zip(*rows, strict=True)]
    fingerprint.add(json_texts.lines(columns))

    counted = bytes_of_rows(fingerprint.text_bytes, rows=len(rows), columns=2)

    assert counted == measure(dataset.pk, 1)
