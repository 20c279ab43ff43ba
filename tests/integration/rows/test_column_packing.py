"""The column blocks of old revisions are written while the service runs, all of them or none."""

from __future__ import annotations

import datetime as dt
import io
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from data_tools import tasks
from data_tools.column_blocks import cutting, storage
from data_tools.column_blocks.storage import ColumnKey
from data_tools.ingest import ingest
from data_tools.models import ColumnBlock, DataRow, DataSource, StoredColumn
from data_tools.revisions import column_packing, pruning
from tests.support.at_once import at_once
from tests.support.packed_rows import by_blocks, by_sql, pack, rows_of
from tests.support.patience import PATIENCE_SECONDS, eventually
from tests.support.small_datasets import COLUMNS, ROWS, publish, replace_rows, store_rows
from tests.support.studios import open_studio

pytestmark = pytest.mark.django_db(transaction=True)

WHOLE = COLUMNS[:5]
WHOLE_ROWS = [row[:5] for row in ROWS]


@pytest.fixture(autouse=True)
def two_rows_a_block(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cutting, "BLOCK_ROWS", 2)


@pytest.fixture
def datasource(user: User) -> DataSource:
    """A dataset without blocks, as an older server publishes it."""
    return publish(user, WHOLE, WHOLE_ROWS)


def packed_revisions() -> list[int]:
    return sorted(StoredColumn.objects.filter(column="b0").values_list("revision", flat=True))


def assert_packed(datasource: DataSource) -> None:
    datasource.refresh_from_db()
    rows = rows_of(datasource)
    for column in rows.columns:
        values = by_blocks(rows, column)
        assert values is not None
        written = values.cast("string") if column.type == "date" else values
        assert written.to_pylist() == by_sql(rows, column)


def test_the_job_packs_what_has_no_blocks_once(datasource: DataSource) -> None:
    assert tasks.pack_columns() == {"revisions": 1}
    assert tasks.pack_columns() == {"revisions": 0}

    assert_packed(datasource)
    assert (StoredColumn.objects.count(), ColumnBlock.objects.count()) == (5, 5 * 4)


def test_an_older_revision_is_packed_while_a_session_needs_it(
    user: User, datasource: DataSource
) -> None:
    open_studio(user, datasource)
    replace_rows(datasource, WHOLE_ROWS, WHOLE)
    replace_rows(datasource, WHOLE_ROWS, WHOLE)  # nobody needs the second

    assert tasks.pack_columns() == {"revisions": 2}

    assert packed_revisions() == [1, 3]


def test_a_run_begins_nothing_new_once_it_has_done_enough(user: User) -> None:
    for _ in range(3):
        publish(user, WHOLE, WHOLE_ROWS)

    done = column_packing.pack_missing(most_rows=len(ROWS) + 1)

    assert done == column_packing.Packed(revisions=2, is_complete=False)
    assert column_packing.pack_missing(most_rows=100).is_complete


def test_what_an_operator_deleted_in_part_is_packed_anew(datasource: DataSource) -> None:
    tasks.pack_columns()
    StoredColumn.objects.filter(column="b0").delete()

    assert tasks.pack_columns() == {"revisions": 1}

    assert_packed(datasource)


def test_two_jobs_at_once_pack_a_revision_once(datasource: DataSource) -> None:
    packed = at_once([lambda: tasks.pack_columns()["revisions"]] * 4)

    assert sum(packed) == 1
    assert_packed(datasource)


@pytest.mark.parametrize("deleted", ["before the rows are read", "after the blocks are written"])
def test_a_dataset_that_is_deleted_meanwhile_leaves_no_block(
    datasource: DataSource, deleted: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    tasks.pack_columns()
    StoredColumn.objects.filter(column="b0").delete()  # as of a revision with a damaged block
    write = column_packing._write

    def write_and_delete(*arguments: Any) -> bool:
        if deleted.startswith("before"):
            at_once([DataSource.objects.all().delete])
        is_written = write(*arguments)
        if deleted.startswith("after"):
            assert ColumnBlock.objects.exists()
            at_once([DataSource.objects.all().delete])
        return is_written

    monkeypatch.setattr(column_packing, "_write", write_and_delete)

    assert tasks.pack_columns() == {"revisions": 0}

    assert not StoredColumn.objects.exists()
    assert not ColumnBlock.objects.exists()


def test_columns_go_with_the_rows_that_are_pruned_and_so_do_those_that_come_too_late(
    datasource: DataSource,
) -> None:
    tasks.pack_columns()
    replace_rows(datasource, WHOLE_ROWS, WHOLE)
    tasks.pack_columns()
    DataSource.objects.update(updated_at=timezone.now() - dt.timedelta(hours=1))
    assert packed_revisions() == [1, 2]

    assert pruning.prune(limit=100).rows == len(ROWS)

    assert packed_revisions() == [2]
    late = ColumnKey(dataset_id=datasource.pk, revision=1, column="d" * 64)
    storage.keep_computed(late, pa.chunked_array([[1]]))
    pruning.prune(limit=100)
    assert set(StoredColumn.objects.values_list("revision", flat=True)) == {2}
    assert set(ColumnBlock.objects.values_list("revision", flat=True)) == {2}


def test_rows_that_do_not_fit_their_columns_have_no_blocks_and_stop_nothing_else(
    user: User, datasource: DataSource, caplog: pytest.LogCaptureFixture
) -> None:
    damaged = publish(user, [("n", "float")], [[1.5], ["no number"]])

    assert tasks.pack_columns() == {"revisions": 1}

    assert_packed(datasource)
    assert not StoredColumn.objects.filter(dataset_id=damaged.pk).exists()
    assert f"dataset {damaged.pk} has no column blocks" in caplog.text


def test_rows_of_revisions_that_cannot_be_packed_use_up_no_run(user: User) -> None:
    for _ in range(3):
        publish(user, [("n", "float")], [[1.5], ["no number"]])
    datasets = [publish(user, WHOLE, WHOLE_ROWS) for _ in range(3)]

    for left in (2, 1, 0):
        assert column_packing.pack_missing(most_rows=1).revisions == 1
        packed = StoredColumn.objects.values("dataset_id").distinct().count()
        assert packed == len(datasets) - left


# The command


def run(*arguments: str) -> str:
    out = io.StringIO()
    call_command("pack_columns", *arguments, stdout=out)
    return out.getvalue()


def test_the_command_packs_everything_and_says_how_much(datasource: DataSource) -> None:
    assert run() == "Packed the columns of 1 revisions.\n"
    assert run("--check").endswith("All other blocks are what their rows say.\n")


def other_values(datasource: DataSource) -> None:
    """Blocks of other rows, with their right digests."""
    StoredColumn.objects.all().delete()
    rows = rows_of(datasource)
    DataRow.objects.all().delete()
    store_rows(datasource.pk, [[row[0] + 1, *row[1:]] for row in WHOLE_ROWS])
    pack(rows)
    DataRow.objects.all().delete()
    store_rows(datasource.pk, WHOLE_ROWS)


WRONG: dict[str, Callable[[DataSource], object]] = {
    "other values": other_values,
    "a damaged block": lambda _: ColumnBlock.objects.filter(column="b0", block=0).update(
        packed=b"x"
    ),
    "a missing block": lambda _: ColumnBlock.objects.filter(column="b0", block=3).delete(),
    "a wrong count": lambda _: StoredColumn.objects.filter(column="b0").update(row_count=3),
    "wrong missing values": lambda _: ColumnBlock.objects.filter(column="b0", block=0).update(
        missing_count=1
    ),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_the_check_finds_blocks_that_are_not_what_the_rows_say_and_writes_them_anew(
    datasource: DataSource, wrong: str
) -> None:
    tasks.pack_columns()
    WRONG[wrong](datasource)
    out = io.StringIO()

    with pytest.raises(CommandError, match="The blocks of 1 of them were wrong"):
        call_command("pack_columns", "--check", stdout=out)

    assert f"{datasource.pk} r1: the blocks of 1 columns differ from the rows" in out.getvalue()
    assert_packed(datasource)
    run("--check")


# kill -9

KILLED = """
import json, os, signal, sys
from pathlib import Path
import django
from django.conf import settings
settings.DATABASES["default"] |= json.loads(sys.argv[1])
settings.MEDIA_ROOT = sys.argv[4]
django.setup()
from data_tools.column_blocks import cutting, writing

cutting.BLOCK_ROWS = 2
insert_blocks, calls = writing.insert_blocks, 0

def insert_or_die(*arguments):
    global calls
    calls += 1
    if calls > int(sys.argv[2]):
        os.kill(os.getpid(), signal.SIGKILL)
    return insert_blocks(*arguments)

writing.insert_blocks = insert_or_die
if sys.argv[3] == "pack":
    from data_tools import tasks
    tasks.pack_columns()
else:
    from uuid import UUID
    from data_tools.ingest import ingest
    ingest(UUID(sys.argv[3]))
"""


def kill(after: int, work: str) -> None:
    keys = ("HOST", "PORT", "USER", "PASSWORD", "NAME")
    database = json.dumps({key: connection.settings_dict[key] for key in keys})
    killed = subprocess.run(
        [sys.executable, "-c", KILLED, database, str(after), work, str(settings.MEDIA_ROOT)],
        check=False,
        timeout=PATIENCE_SECONDS,
    )
    assert killed.returncode == -9


@pytest.mark.parametrize("after", [0, 2])
def test_a_killed_job_leaves_no_half_and_the_next_one_packs(
    datasource: DataSource, after: int
) -> None:
    kill(after, "pack")

    assert not StoredColumn.objects.exists()
    eventually(lambda: tasks.pack_columns() == {"revisions": 1})
    assert_packed(datasource)


@pytest.mark.parametrize("after", [0, 2])
def test_a_load_that_is_killed_between_its_blocks_leaves_none_and_begins_again(
    user: User, media: Path, after: int
) -> None:
    (media / "x.csv").write_text("a,b\n1,x\n2,\n3,y\n4,x\n5,z\n")
    datasource = DataSource.objects.create(
        owner=user, name="x", file="x.csv", status=DataSource.Status.UPLOADING
    )

    kill(after, str(datasource.pk))

    assert DataSource.objects.get().status == DataSource.Status.PROCESSING
    assert not StoredColumn.objects.exists()
    assert not ColumnBlock.objects.exists()
    eventually(lambda: ingest(datasource.pk).status == DataSource.Status.READY)
    assert_packed(datasource)
    assert ColumnBlock.objects.count() == 2 * 3
