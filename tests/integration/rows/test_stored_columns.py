"""Column blocks hold what SQL reads of the rows, for as long as there are the rows."""

from __future__ import annotations

import datetime as dt
import logging
import threading
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from django.contrib.auth.models import User
from django.db import IntegrityError, OperationalError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st
from pytest_django.fixtures import Settings

from data_tools import tasks
from data_tools.column_blocks import cutting, storage
from data_tools.column_blocks.storage import ColumnKey
from data_tools.columns import ColumnType
from data_tools.features import Feature
from data_tools.ingest import load_file
from data_tools.ingest.loading.job import load_file_again
from data_tools.ingest.stored_rows import json_texts
from data_tools.models import ColumnBlock, DataSource, StoredColumn
from data_tools.observing.metrics import DAMAGED_COLUMNS
from data_tools.rows import packed_columns
from data_tools.rows.packed_columns import PackedRows
from session_events.events import Column
from tests.support.at_once import at_once
from tests.support.packed_rows import by_blocks, by_sql, pack, rows_of
from tests.support.patience import PATIENCE_SECONDS, eventually
from tests.support.reference_rows import Table
from tests.support.small_datasets import publish
from tests.support.stored_blocks import stored_with_blocks
from tests.support.stored_rows import stored
from tests.support.studio_client import STRUCTURED
from tests.support.studios import open_studio

pytestmark = pytest.mark.django_db

ALL_TYPES_CSV = """number,float,text,flag,day,seen
9007199254740993,1e16,"a ""quote"", and a comma",true,2013-01-01,2013-01-01T05:15:00.120Z
-1,0.1,"two
lines",false,0001-01-01,9999-12-31T23:59:59.000Z
,5e-324,"",,9999-12-31,
3,,back\\slash é 名 \x1f,true,,2013-01-01T05:15:00.999Z
4,-0.0,NA,false,2013-01-01,2013-01-01T00:00:00.000Z
"""


def iso(moment: dt.date) -> str:
    return moment.isoformat()


VALUES: dict[ColumnType, st.SearchStrategy[Any]] = {
    ColumnType.INTEGER: st.integers(-(2**63), 2**63 - 1),
    ColumnType.FLOAT: st.floats(allow_nan=False, allow_infinity=False),
    ColumnType.TEXT: st.text(
        st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=5
    ),
    ColumnType.BOOLEAN: st.booleans(),
    ColumnType.DATE: st.dates().map(iso),
    ColumnType.DATETIME: st.datetimes().map(
        lambda moment: f"{moment.isoformat(timespec='milliseconds')}Z"
    ),
}


def values_as_sql_has_them(values: pa.ChunkedArray) -> list[Any]:
    """The values in the carriers of `sql.expressions`: dates and times are their texts."""
    if pa.types.is_date(values.type):
        return values.cast(pa.string()).to_pylist()
    if pa.types.is_timestamp(values.type):
        return [
            text for chunk in values.chunks for text in json_texts.iso_datetimes(chunk).to_pylist()
        ]
    return list(values.to_pylist())


def assert_same_as_by_sql(table_rows: Any, column: Column) -> None:
    by_block = by_blocks(table_rows, column)
    assert by_block is not None, column
    assert repr(values_as_sql_has_them(by_block)) == repr(by_sql(table_rows, column))


@settings(max_examples=60)
@given(
    rows=st.lists(
        st.tuples(*(st.none() | values for values in VALUES.values())), min_size=1, max_size=12
    ),
    block_rows=st.integers(1, 5),
)
def test_blocks_have_the_values_that_sql_reads_of_the_rows(
    rows: list[tuple[Any, ...]], block_rows: int
) -> None:
    table = Table(
        names=[str(each) for each in VALUES],
        types=[str(each) for each in VALUES],
        rows=[list(row) for row in rows],
    )
    table_rows = stored(table)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cutting, "BLOCK_ROWS", block_rows)
        pack(table_rows)

    for column in table_rows.columns:
        assert_same_as_by_sql(table_rows, column)


@pytest.fixture
def loaded(user: User, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> DataSource:
    """A dataset of five rows and six columns, in blocks of two rows."""
    monkeypatch.setattr(cutting, "BLOCK_ROWS", 2)
    path = tmp_path / "all.csv"
    path.write_text(ALL_TYPES_CSV)
    return load_file(path, owner=user, name="all")


def blocks_by_revision() -> dict[int, int]:
    revisions = ColumnBlock.objects.values_list("revision", flat=True)
    return {revision: list(revisions).count(revision) for revision in set(revisions)}


def test_a_loaded_file_has_the_blocks_of_all_its_columns(loaded: DataSource) -> None:
    for column in rows_of(loaded).columns:
        assert_same_as_by_sql(rows_of(loaded), column)

    assert {column.type for column in rows_of(loaded).columns} == set(ColumnType)
    assert blocks_by_revision() == {1: 6 * 3}
    known = StoredColumn.objects.values_list("column", "row_count", "block_count", "used_at")
    assert sorted(known) == [(f"b{position}", 5, 3, None) for position in range(6)]
    for stored_column in StoredColumn.objects.all():
        blocks = ColumnBlock.objects.filter(column=stored_column.column)
        assert stored_column.packed_bytes == sum(len(block.packed) for block in blocks)


def test_missing_values_are_counted_for_each_block(loaded: DataSource) -> None:
    numbers = ColumnBlock.objects.filter(column="b0").order_by("block")

    assert list(numbers.values_list("block", "missing_count")) == [(0, 0), (1, 1), (2, 0)]


def test_another_file_has_blocks_of_its_own_and_the_same_file_none(
    loaded: DataSource, tmp_path: Path
) -> None:
    path = tmp_path / "all.csv"

    again = load_file_again(path, datasource_id=loaded.pk)
    assert (again.revision, blocks_by_revision()) == (1, {1: 18})

    path.write_text(ALL_TYPES_CSV.replace("0.1", "0.2"))
    another = load_file_again(path, datasource_id=loaded.pk)

    assert (another.revision, blocks_by_revision()) == (2, {1: 18, 2: 18})
    for column in rows_of(another).columns:
        assert_same_as_by_sql(rows_of(another), column)


@pytest.mark.django_db(transaction=True)
def test_a_load_that_fails_at_its_end_leaves_no_blocks(
    user: User, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fault(*_: object, **__: object) -> None:
        assert ColumnBlock.objects.exists()
        raise ZeroDivisionError

    monkeypatch.setattr("data_tools.ingest.loading.job.publish", fault)
    path = tmp_path / "x.csv"
    path.write_text("a\n1\n2\n")

    with pytest.raises(ZeroDivisionError):
        load_file(path, owner=user, name="x")

    assert not ColumnBlock.objects.exists()
    assert not StoredColumn.objects.exists()


def test_a_saved_session_has_blocks_and_a_column_of_mixed_datetimes_has_none(user: User) -> None:
    studio = open_studio(user, publish(user), headers=STRUCTURED)

    answer = studio.post("session/save/")

    saved = DataSource.objects.get(pk=answer.body["new_datasource"]["id"])
    for column in rows_of(saved).columns[:-1]:
        assert_same_as_by_sql(rows_of(saved), column)
    assert by_blocks(rows_of(saved), rows_of(saved).columns[-1]) is None
    seen_at = StoredColumn.objects.get(column="b5")
    assert (seen_at.row_count, seen_at.block_count, seen_at.packed_bytes) == (7, 0, 0)
    assert storage.present(saved.pk, 1, ["b0", "b5", "b6"]) == {"b0"}


def test_a_column_that_turns_out_to_be_mixed_later_leaves_no_block(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(cutting, "BLOCK_ROWS", 1)
    times = [["2013-01-01T05:15:00"], [None], ["2013-01-01T05:15:00Z"], ["2013-01-01T05:15:00Z"]]
    rows = stored(Table(names=["t"], types=["datetime"], rows=times))

    pack(rows)

    assert StoredColumn.objects.get().block_count == 0
    assert not ColumnBlock.objects.exists()


def test_a_column_without_a_value_is_read_as_one_of_its_type() -> None:
    rows = stored(Table(names=["t", "w"], types=["datetime", "text"], rows=[[None, None]] * 3))
    pack(rows)

    times, words = (by_blocks(rows, column) for column in rows.columns)

    assert times is not None
    assert words is not None
    assert (str(times.type), times.null_count) == ("timestamp[us]", 3)
    assert (pa.types.is_dictionary(words.type), words.null_count) == (True, 3)


# What goes with what


def test_blocks_go_with_their_dataset_whoever_deletes_it(loaded: DataSource) -> None:
    DataSource.objects.all().delete()

    assert not StoredColumn.objects.exists()
    assert not ColumnBlock.objects.exists()


def test_blocks_go_with_their_column(loaded: DataSource) -> None:
    StoredColumn.objects.filter(column="b0").delete()

    assert blocks_by_revision() == {1: 5 * 3}


@pytest.mark.django_db(transaction=True)
def test_no_block_is_without_its_column() -> None:
    with pytest.raises(IntegrityError, match="column_block_goes_with_its_column"):
        with transaction.atomic():
            storage.insert_blocks(uuid.uuid4(), 1, [("b0", 0, pa.array([1, 2]))])


@pytest.mark.django_db(transaction=True)
def test_a_revision_with_more_columns_than_can_be_removed_in_time_is_removed_in_parts(
    loaded: DataSource,
) -> None:
    deleted = []

    def fail_at_the_third(execute: Callable[..., Any], sql: str, *arguments: Any) -> Any:
        if sql.strip().startswith("DELETE"):
            deleted.append(sql)
        if len(deleted) == 3:
            raise OperationalError
        return execute(sql, *arguments)

    with connection.execute_wrapper(fail_at_the_third), pytest.raises(OperationalError):
        storage.remove_of(loaded.pk, 1)

    left = StoredColumn.objects.values_list("column", flat=True)
    assert sorted(left) == ["b2", "b3", "b4", "b5"]
    assert set(ColumnBlock.objects.values_list("column", flat=True)) == set(left)
    storage.remove_of(loaded.pk, 1)
    assert not StoredColumn.objects.exists()
    assert not ColumnBlock.objects.exists()


# Damage


def change_a_byte(packed: bytes) -> bytes:
    return packed[:-9] + bytes([packed[-9] ^ 1]) + packed[-8:]


def alter_block() -> None:
    block = ColumnBlock.objects.get(column="b0", block=1)
    packed = change_a_byte(bytes(block.packed))
    ColumnBlock.objects.filter(column="b0", block=1).update(packed=packed)


DAMAGES: dict[str, Callable[[], object]] = {
    "another byte": alter_block,
    "a missing block": lambda: ColumnBlock.objects.filter(column="b0", block=1).delete(),
    "a missing last block": lambda: ColumnBlock.objects.filter(column="b0", block=2).delete(),
    "half a block": lambda: ColumnBlock.objects.filter(column="b0", block=1).update(packed=b"half"),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_column_is_reported_passed_over_and_made_anew(
    loaded: DataSource, damage: str, caplog: pytest.LogCaptureFixture
) -> None:
    numbers, floats, *_ = rows_of(loaded).columns
    counted = DAMAGED_COLUMNS._value.get()
    DAMAGES[damage]()

    with caplog.at_level(logging.ERROR):
        assert by_blocks(rows_of(loaded), numbers) is None

    assert DAMAGED_COLUMNS._value.get() == counted + 1
    assert f"column b0 of dataset {loaded.pk}, revision 1, are damaged" in caplog.text
    assert by_blocks(rows_of(loaded), floats) is not None  # another column needs no second look
    assert by_blocks(rows_of(loaded), numbers) is None
    assert DAMAGED_COLUMNS._value.get() == counted + 1
    assert tasks.pack_columns() == {"revisions": 1}
    for column in rows_of(loaded).columns:
        assert_same_as_by_sql(rows_of(loaded), column)


@pytest.mark.parametrize("read_ahead_bytes", [0, 100, 4 << 20])
def test_columns_in_turn_are_those_that_are_read_one_by_one(
    loaded: DataSource, read_ahead_bytes: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(packed_columns, "_READ_AHEAD_BYTES", read_ahead_bytes)
    keys = [column.key for column in rows_of(loaded).columns]
    one_by_one = [PackedRows(rows_of(loaded)).columns([key]) for key in keys]

    in_turn = list(PackedRows(rows_of(loaded)).in_turn(keys))

    assert [[column] for column in in_turn] == one_by_one


def test_small_columns_in_turn_are_read_by_one_statement(
    loaded: DataSource, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = [column.key for column in rows_of(loaded).columns]
    monkeypatch.delattr(packed_columns, "read_column")

    assert None not in list(PackedRows(rows_of(loaded)).in_turn(keys))


def test_columns_without_blocks_let_no_other_column_be_read_twice() -> None:
    mixed = ["2013-01-01T05:00:00", "2013-01-01T05:00:00Z"]
    names = [f"{kind}{at}" for at in range(10) for kind in ("t", "n")]
    types = ["datetime", "integer"] * 10
    rows = stored_with_blocks(Table(names, types, [[time, 1] * 10 for time in mixed]))

    with CaptureQueriesContext(connection) as queries:
        in_turn = list(PackedRows(rows).in_turn([column.key for column in rows.columns]))

    assert [column is None for column in in_turn] == [True, False] * 10
    assert sum("= ANY" in query["sql"] for query in queries) == 1


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_column_in_turn_is_reported_and_the_others_are_read(
    loaded: DataSource, damage: str
) -> None:
    keys = [column.key for column in rows_of(loaded).columns]
    counted = DAMAGED_COLUMNS._value.get()
    DAMAGES[damage]()

    damaged, *others = PackedRows(rows_of(loaded)).in_turn(keys)

    assert damaged is None
    assert None not in others
    assert DAMAGED_COLUMNS._value.get() == counted + 1


def test_with_a_damaged_column_only_what_marks_its_revision_as_packed_is_removed(
    loaded: DataSource,
) -> None:
    ColumnBlock.objects.filter(column="b3", block=1).update(packed=b"half")

    assert by_blocks(rows_of(loaded), rows_of(loaded).columns[3]) is None

    left = StoredColumn.objects.values_list("column", flat=True)
    assert sorted(left) == ["b1", "b2", "b4", "b5"]
    assert tasks.pack_columns() == {"revisions": 1}
    for column in rows_of(loaded).columns:
        assert_same_as_by_sql(rows_of(loaded), column)


def test_damage_is_passed_over_in_a_transaction_that_only_reads(
    loaded: DataSource, caplog: pytest.LogCaptureFixture
) -> None:
    alter_block()

    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION READ ONLY")
        assert by_blocks(rows_of(loaded), rows_of(loaded).columns[0]) is None
        assert DataSource.objects.count() == 1
        transaction.set_rollback(True)


def test_while_the_feature_is_off_nothing_is_read_from_blocks_and_they_are_still_written(
    user: User, tmp_path: Path, switch_off: Callable[..., None]
) -> None:
    switch_off(Feature.COLUMN_BLOCKS)
    path = tmp_path / "x.csv"
    path.write_text("a\n1\n2\n")

    rows = rows_of(load_file(path, owner=user, name="x"))

    assert by_blocks(rows, rows.columns[0]) is None
    assert ColumnBlock.objects.count() == 1


# Computed columns

DIGEST = "d" * 64


def computed_key(dataset: DataSource, column: str = DIGEST) -> ColumnKey:
    return ColumnKey(dataset_id=dataset.pk, revision=1, column=column)


def test_a_computed_column_is_kept_once(user: User) -> None:
    key = computed_key(publish(user))
    values = pa.chunked_array([[1, None], [3]], pa.int64())

    storage.keep_computed(key, values)
    storage.keep_computed(key, pa.chunked_array([[7]], pa.int64()))

    assert storage.fetch(key, row_count=3) == values
    kept = StoredColumn.objects.get()
    assert (kept.row_count, kept.block_count, kept.used_at is None) == (3, 2, False)
    assert storage.fetch(computed_key(publish(user)), row_count=3) is None


@pytest.mark.django_db(transaction=True)
def test_a_column_of_a_dataset_that_was_deleted_meanwhile_is_not_kept(user: User) -> None:
    key = computed_key(publish(user))

    with transaction.atomic():
        DataSource.objects.all().delete()
        keeping = threading.Thread(target=keep_and_close, args=[key])
        keeping.start()
        eventually(lambda: waiting_for_a_lock() == 1)  # it began before the deletion was committed
    keeping.join(PATIENCE_SECONDS)

    assert not StoredColumn.objects.exists()
    assert not ColumnBlock.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_the_deletion_of_a_dataset_and_the_removal_of_its_columns_do_not_block_each_other(
    user: User,
) -> None:
    dataset = publish(user)
    for letter in "ab":
        key = computed_key(dataset, letter * 64)
        storage.keep_computed(key, pa.chunked_array([[1]], pa.int64()))

    with transaction.atomic():  # somebody removes one, and has locked it
        removed = StoredColumn.objects.filter(column="a" * 64)
        assert len(removed.select_for_update()) == 1
        deleting = threading.Thread(target=delete_and_close)
        deleting.start()
        eventually(lambda: waiting_for_a_lock() == 1)
        removed.delete()  # and its blocks, which the deletion has not locked
    deleting.join(PATIENCE_SECONDS)

    assert not DataSource.objects.exists()
    assert not StoredColumn.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_columns_of_a_dataset_that_is_being_deleted_are_not_waited_for(
    user: User, settings: Settings
) -> None:
    storage.keep_computed(computed_key(publish(user)), pa.chunked_array([[1]], pa.int64()))
    StoredColumn.objects.update(used_at="2026-01-01T00:00Z")
    settings.COMPUTED_COLUMNS = {"UNUSED_SECONDS": 60, "MOST_BYTES": 10**9}

    with transaction.atomic():
        DataSource.objects.all().delete()
        assert at_once([storage.prune]) == [0]


def delete_and_close() -> None:
    DataSource.objects.all().delete()
    connection.close()


def keep_and_close(key: ColumnKey) -> None:
    storage.keep_computed(key, pa.chunked_array([[1]], pa.int64()))
    connection.close()


def waiting_for_a_lock() -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(DISTINCT pid) FROM pg_locks AS wanted JOIN pg_locks AS held USING (pid)"
            " JOIN pg_database ON pg_database.oid = held.database"
            " WHERE NOT wanted.granted AND datname = current_database()"
        )
        return int(cursor.fetchone()[0])


def test_computed_columns_that_are_unused_or_too_many_are_removed(
    user: User, settings: Settings
) -> None:
    dataset = publish(user)
    keys = [computed_key(dataset, letter * 64) for letter in "abcd"]
    for age, key in enumerate(keys):
        storage.keep_computed(key, pa.chunked_array([[age] * 1_000], pa.int64()))
        if age:
            used_at = f"2026-01-0{9 - age}T00:00Z"
            StoredColumn.objects.filter(column=key.column).update(used_at=used_at)
    pack(stored(Table(names=["n"], types=["integer"], rows=[[1]])))

    settings.COMPUTED_COLUMNS = {"UNUSED_SECONDS": 10**9, "MOST_BYTES": 17_000}
    assert tasks.prune_row_lists() == {"lists": 0, "columns": 2}
    assert {stored.column[0] for stored in StoredColumn.objects.all()} == {"a", "b"}
    assert StoredColumn.objects.filter(column="b0").exists()

    settings.COMPUTED_COLUMNS = {"UNUSED_SECONDS": 60, "MOST_BYTES": 10**9}
    storage.note_use(keys[1].dataset_id, 1, [keys[1].column])
    assert tasks.prune_row_lists() == {"lists": 0, "columns": 0}
    StoredColumn.objects.filter(column=keys[1].column).update(used_at="2026-01-01T00:00Z")
    assert tasks.prune_row_lists() == {"lists": 0, "columns": 1}
    assert StoredColumn.objects.filter(used_at__isnull=True).count() == 1


def test_columns_made_lately_are_removed_beyond_twice_the_limit_for_each_owner(
    user: User, other_user: User, settings: Settings
) -> None:
    mine, theirs = publish(user), publish(other_user)
    keys = [computed_key(mine, letter * 64) for letter in "abcd"] + [computed_key(theirs, "e" * 64)]
    for age, key in enumerate(keys):
        storage.keep_computed(key, pa.chunked_array([[age] * 1_000], pa.int64()))
        used_at = timezone.now() - dt.timedelta(minutes=2 * age)
        StoredColumn.objects.filter(column=key.column).update(used_at=used_at)

    settings.COMPUTED_COLUMNS = {"UNUSED_SECONDS": 10**9, "MOST_BYTES": 8_500}

    assert storage.prune() == 2
    assert {stored.column[0] for stored in StoredColumn.objects.all()} == {"a", "b", "e"}
    settings.COMPUTED_COLUMNS = {"UNUSED_SECONDS": 10**9, "MOST_BYTES": 1}
    assert storage.prune() == 2
    assert StoredColumn.objects.get().column[0] == "a"  # it was made in the last minute
