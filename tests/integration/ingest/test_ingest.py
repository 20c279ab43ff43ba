"""Files become datasets in the database: READY with all rows, or a reason and no rows."""

from __future__ import annotations

import csv
import hashlib
import io
import time
import tracemalloc
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import orjson
import pyarrow as pa
import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.db import connection
from hypothesis import given, settings
from hypothesis import strategies as st
from pyarrow import parquet

from data_tools.columns import ColumnType
from data_tools.ingest import ingest, load_file
from data_tools.ingest.formats.csv_file import CsvFile
from data_tools.ingest.loading.advisory_locks import lock_for_transaction
from data_tools.ingest.stored_rows import copying, json_texts
from data_tools.jobs.connections import second_connection
from data_tools.models import DataRow, DataSource
from session_events.advisory_locks import open_lock_holder
from tests.support.examples import examples

pytestmark = pytest.mark.django_db(transaction=True)

Status = DataSource.Status


@pytest.fixture
def user(transactional_db: None) -> User:
    return User.objects.create(username="mia")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "table.csv"


@pytest.fixture
def load(user: User, path: Path) -> Callable[[str | bytes], DataSource]:
    def load(content: str | bytes) -> DataSource:
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return load_file(path, owner=user, name="table")

    return load


def rows_of(datasource: DataSource) -> list[list[Any]]:
    rows = DataRow.objects.filter(dataset_id=datasource.pk, revision=datasource.revision)
    numbers, values = [], []
    for row in rows.order_by("row_number"):
        numbers.append(row.row_number)
        values.append(row.values)
    assert numbers == list(range(1, datasource.row_count + 1))
    return values


def test_a_file_becomes_a_ready_dataset_with_numbered_rows(
    load: Callable[[str], DataSource], user: User
) -> None:
    datasource = load("n,f,t,b,d,s\n1,0.5,x,true,2013-01-31,2013-01-31 05:00\n2,NA,,,,\n")

    assert (datasource.owner, datasource.name) == (user, "table")
    assert (datasource.status, datasource.error_reason) == (Status.READY, "")
    assert (datasource.revision, datasource.row_count, datasource.progress_percent) == (1, 2, 100)
    assert datasource.original_filename == "table.csv"
    assert datasource.columns == [
        {"name": "n", "type": "integer"},
        {"name": "f", "type": "float"},
        {"name": "t", "type": "text"},
        {"name": "b", "type": "boolean"},
        {"name": "d", "type": "date"},
        {"name": "s", "type": "datetime"},
    ]
    assert rows_of(datasource) == [
        [1, 0.5, "x", True, "2013-01-31", "2013-01-31T05:00:00"],
        [2, None, None, None, None, None],
    ]


def test_the_report_describes_the_file_and_each_column(load: Callable[[str], DataSource]) -> None:
    report = load("f;t;t\n1.5;NA;x\nNaN;;y\n-inf;z;\n-0.0;;\n").ingest_report

    guesses = report["guesses"]
    assert {name: guess["value"] for name, guess in guesses.items()} == {
        "kind": "csv",
        "encoding": "utf-8",
        "delimiter": ";",
        "quote": '"',
        "escape": "",
        "header_row": 1,
    }
    assert all(set(guess) == {"value", "certainty", "why"} for guess in guesses.values())
    assert {key: report[key] for key in report if key not in ("columns", "guesses")} == {
        "format": "csv",
        "encoding": "utf-8",
        "encoding_known_by": "valid UTF-8",
        "delimiter": ";",
        "quote": '"',
        "escape": "",
        "header_row": 1,
        "row_count": 4,
        "renamed_columns": [{"position": 3, "written": "t", "name": "t_2"}],
    }
    assert report["columns"][0] == {
        "name": "f",
        "type": "float",
        "certainty": "likely",
        "why": "Each of the 2 values is a number. Row 1, “1.5”, is the first that is not an "
        "integer. There is little to judge by.",
        "missing_count": 2,
        "missing_spellings": {"NaN": 1, "-inf": 1},
        "kept_spellings": {},
        "nan_count": 1,
        "infinity_count": 1,
        "negative_zero_count": 1,
        "rounded_values": 0,
        "respelled": {"count": 1, "first": {"row": 4, "written": "-0.0", "stored": "0"}},
        "first_missing_spelling": {"row": 2, "written": "NaN", "stored": None},
        "first_rounded_value": None,
        "date_formats": [],
        "suggested_options": {},
        "notes": [],
    }
    assert report["columns"][1]["kept_spellings"] == {"NA": 1}
    assert report["columns"][1]["missing_count"] == 2


def test_texts_that_json_or_copy_might_trip_over_arrive_unchanged(
    load: Callable[[str], DataSource], path: Path
) -> None:
    texts = ['"', "\\", "\\N", "\\.", "\n", "\r\n", "\t", "\x01", "\x02", "\x1f", "\x7f", "\u2028"]
    texts += ["𝄞", "null", "[1]", "a\x02b\x01c", '\\"', "'", "%s", " x "]
    file = io.StringIO(newline="")
    csv.writer(file, quoting=csv.QUOTE_ALL).writerows([["t"], *([text] for text in texts)])

    assert rows_of(load(file.getvalue())) == [[text] for text in texts]


def test_a_header_alone_is_a_ready_dataset_without_rows(load: Callable[[str], DataSource]) -> None:
    datasource = load("a,b\n")

    assert (datasource.status, datasource.row_count) == (Status.READY, 0)
    assert [column["type"] for column in datasource.columns] == ["text", "text"]


@pytest.mark.parametrize(
    ("content", "code", "reason"),
    [
        (b"", "INGEST_EMPTY_FILE", "empty"),
        (b"a,b\n1\n", "INGEST_RAGGED_LINES", "line 2 has 1"),
        (b"a,b\n1,x\0y\n", "INGEST_NUL_CHARACTER", "row 1 of column “b”"),
        (b"\x89PNG\0\xff\xfe\x00", "INGEST_NOT_A_TABLE", "neither text nor Parquet"),
        (b"PAR1 and then nothing", "INGEST_BROKEN_PARQUET", "damaged"),
        (b'a,b\n1,"x\n', "INGEST_BROKEN_QUOTING", "never closed"),
    ],
)
def test_a_refused_file_is_an_error_with_a_reason_and_no_rows(
    load: Callable[[bytes], DataSource], content: bytes, code: str, reason: str
) -> None:
    datasource = load(content)

    assert datasource.status == Status.ERROR
    assert reason in datasource.error_reason
    assert datasource.ingest_report["code"] == code
    assert not DataRow.objects.exists()


def test_ragged_lines_are_in_the_report_too(load: Callable[[str], DataSource]) -> None:
    assert load("a,b\n1,2\n3\n").ingest_report["ragged_lines"] == {
        "count": 1,
        "first": [{"line": 3, "found": 1, "expected": 2}],
    }


def test_a_missing_file_is_an_error_that_names_no_path(user: User, tmp_path: Path) -> None:
    datasource = load_file(tmp_path / "gone.csv", owner=user, name="gone")

    assert datasource.status == Status.ERROR
    assert str(tmp_path) not in datasource.error_reason


def test_a_long_record_is_read_with_larger_blocks(load: Callable[[str], DataSource]) -> None:
    datasource = load("a,b\n1,2\n3," + "x" * (3 << 20) + "\n")

    assert (datasource.status, datasource.row_count) == (Status.READY, 2)
    assert datasource.ingest_report["columns"][0]["type"] == "integer"


def test_the_fingerprint_is_of_the_columns_and_rows_as_stored(
    load: Callable[[str], DataSource],
) -> None:
    datasource = load('n,t\n1,"x""y"\n,é\n')

    expected = hashlib.sha256(
        b'[{"name":"n","type":"integer"},{"name":"t","type":"text"}]\n'
        b'[1,"x\\"y"]\n' + '[null,"é"]\n'.encode()
    )
    assert datasource.fingerprint == expected.hexdigest()


def test_the_same_table_has_the_same_fingerprint_from_csv_and_from_parquet(
    load: Callable[[str | bytes], DataSource], user: User, tmp_path: Path
) -> None:
    from_csv = load("n,f,t,b,d,s\n1,1.0,x,TRUE,2013-01-31,2013-01-31 05:00:00\n2,0.10,,,,\n")
    columns = {
        "n": pa.array([1, 2], pa.int32()),
        "f": pa.array([1.0, 0.1]),
        "t": pa.array(["x", None]).dictionary_encode(),
        "b": pa.array([True, None]),
        "d": pa.array(["2013-01-31", None]).cast(pa.date32()),
        "s": pa.array(["2013-01-31 05:00:00", None]).cast(pa.timestamp("ms")),
    }
    parquet.write_table(pa.table(columns), tmp_path / "t.parquet")

    from_parquet = load_file(tmp_path / "t.parquet", owner=user, name="t")

    assert from_parquet.status == Status.READY
    assert from_parquet.columns == from_csv.columns
    assert rows_of(from_parquet) == rows_of(from_csv)
    assert from_parquet.fingerprint == from_csv.fingerprint
    assert load("n\n1\n").fingerprint != load("n\n2\n").fingerprint
    assert load("n\n-0.0\n2.5\n").fingerprint == load("n\n0.0\n2.5\n").fingerprint


def test_ingest_leaves_a_finished_dataset_as_it_is(
    load: Callable[[str], DataSource], path: Path
) -> None:
    ready, refused = load("a\n1\n"), load("")

    assert ingest(ready.pk).status == Status.READY
    assert ingest(refused.pk).error_reason == refused.error_reason
    assert DataRow.objects.count() == 1


def test_one_ingest_at_a_time_per_dataset(user: User) -> None:
    datasource = DataSource.objects.create(owner=user, name="x", status=Status.PROCESSING)

    with open_lock_holder() as holder:
        assert lock_for_transaction(holder, datasource.pk)
        assert ingest(datasource.pk).status == Status.PROCESSING

    assert ingest(datasource.pk).status == Status.ERROR  # its file is missing: it was looked at


def test_nobody_sees_rows_before_all_are_there(
    user: User, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path.write_text("a\n" + "1\n" * 500_000)
    seen = []
    batches = CsvFile.batches

    def watched(file: CsvFile) -> Iterator[pa.RecordBatch]:
        yield from batches(file)
        with second_connection() as other, other.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM data_tools_datarow")
            rows = cursor.fetchone()[0]
            cursor.execute("SELECT status FROM data_tools_datasource")
            seen.append((cursor.fetchone()[0], rows))

    monkeypatch.setattr(CsvFile, "batches", watched)

    assert load_file(path, owner=user, name="x").status == Status.READY
    assert seen == [("PROCESSING", 0), ("PROCESSING", 0)]


def test_an_unexpected_error_is_raised_after_a_neutral_reason_was_stored(
    user: User, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path.write_text("a\n1\n2\n")

    def faulty(columns: Any) -> pa.StringArray:
        raise ZeroDivisionError(f"secret {path}")

    monkeypatch.setattr(json_texts, "lines", faulty)

    with pytest.raises(ZeroDivisionError):
        load_file(path, owner=user, name="x")
    datasource = DataSource.objects.get()
    assert datasource.status == Status.ERROR
    assert "error in the service" in datasource.error_reason
    assert not DataRow.objects.exists()


def test_a_file_that_changes_between_the_passes_is_refused(
    user: User, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path.write_text("a\n1\n2\n")
    copy_rows = copying.copy_rows

    def change_first(*args: Any, **kwargs: Any) -> Any:
        path.write_text("a\n1\nx\n3.5\n")
        return copy_rows(*args, **kwargs)

    monkeypatch.setattr("data_tools.ingest.loading.job.copy_rows", change_first)

    datasource = load_file(path, owner=user, name="x")

    assert (datasource.status, datasource.ingest_report["code"]) == (
        Status.ERROR,
        "INGEST_FILE_CHANGED",
    )


def test_progress_is_visible_to_other_connections_while_the_rows_load(
    user: User, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("data_tools.ingest.loading.progress._SECONDS_BETWEEN_WRITES", 0.0)
    path.write_text("a,b\n" + "1,abcdefgh\n" * 500_000)
    told: list[int] = []
    seen: list[int] = []

    def look(percent: int) -> None:
        told.append(percent)
        with second_connection() as other, other.cursor() as cursor:
            cursor.execute("SELECT progress_percent FROM data_tools_datasource")
            seen.append(cursor.fetchone()[0])

    load_file(path, owner=user, name="x", on_progress=look)

    assert told == sorted(set(told))
    assert told[-1] == 100
    assert len([percent for percent in told if 35 < percent < 99]) >= 3
    assert len({percent for percent in seen if 35 < percent < 99}) >= 3


@pytest.mark.session_setting
def test_the_limits_of_requests_do_not_stop_a_long_load(user: User, path: Path) -> None:
    path.write_text("a,b\n" + "1,abcdefgh\n" * 20_000)
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = '2s'")
    limits: dict[str, str] = {}

    def note_limit(execute: Callable[..., Any], sql: str, *more: Any) -> Any:
        if not sql.startswith("SHOW"):
            with connection.cursor() as cursor:
                cursor.execute("SHOW statement_timeout")
                limits[sql.split()[0]] = cursor.fetchone()[0]
        return execute(sql, *more)

    def take_long_to_copy(percent: int) -> None:
        if 35 < percent <= 85:
            time.sleep(2.5)

    try:
        with connection.execute_wrapper(note_limit):
            loaded = load_file(path, owner=user, name="x", on_progress=take_long_to_copy)
        assert loaded.row_count == 20_000
        assert limits["ANALYZE"] == "0"
    finally:
        connection.close()


def test_a_dataset_deleted_while_it_loads_leaves_no_rows(
    user: User, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path.write_text("a\n1\n")
    copy_rows = copying.copy_rows

    def delete_meanwhile(*args: Any, **kwargs: Any) -> Any:
        loaded = copy_rows(*args, **kwargs)
        with second_connection() as other, other.cursor() as cursor:
            cursor.execute("DELETE FROM data_tools_datasource")
        return loaded

    monkeypatch.setattr("data_tools.ingest.loading.job.copy_rows", delete_meanwhile)

    with pytest.raises(DataSource.DoesNotExist):
        load_file(path, owner=user, name="x")
    assert not DataRow.objects.exists()


@pytest.mark.no_cover  # the same lines, very often
def test_memory_does_not_grow_with_the_rows(
    user: User, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Small blocks, so that a small file is already many more of them than are kept at a time.
    monkeypatch.setattr("data_tools.ingest.typed_table.RECORD_BYTES", (1 << 16,))
    monkeypatch.setattr("data_tools.column_blocks.cutting.MOST_CUT_BYTES", 1 << 20)

    def peak(rows: int) -> int:
        text = "text " * 100
        path.write_text("n,f,t\n" + "".join(f"{n},{n / 7},{text}{n}\n" for n in range(rows)))
        arrow = pa.default_memory_pool()
        tracemalloc.start()
        before, peaks = arrow.bytes_allocated(), []
        load_file(
            path,
            owner=user,
            name="x",
            on_progress=lambda _: peaks.append(arrow.bytes_allocated() - before),
        )
        _, python_peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return max(peaks) + python_peak

    few, many = peak(15_000), peak(60_000)

    assert many < few * 1.3
    assert many < 32 << 20


CELLS = st.one_of(
    st.integers(-(2**70), 2**70).map(str),
    st.floats(allow_nan=False, allow_infinity=False).map(repr),
    st.booleans().map(str),
    st.dates().map(str),
    st.datetimes().map(lambda moment: moment.isoformat()),
    st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=8),
    st.sampled_from(["NA", "007", "-0", "", "inf", "\\N", "a,b", 'q"q', "x\ny", "1e5"]),
)


@st.composite
def tables(draw: st.DrawFn) -> tuple[list[list[str]], int]:
    """Draw a table and a way to quote it; each column has one kind of cell, or any."""
    width, height = draw(st.integers(1, 4)), draw(st.integers(0, 6))
    kinds = [draw(st.sampled_from([CELLS, *CELLS.original_strategies])) for _ in range(width)]
    rows = [[draw(kind) for kind in kinds] for _ in range(height)]
    return rows, draw(st.sampled_from([csv.QUOTE_ALL, csv.QUOTE_MINIMAL, csv.QUOTE_NONNUMERIC]))


@settings(max_examples=examples(60))
@given(table=tables())
def test_rows_mean_what_the_csv_module_wrote(
    load: Callable[[str], DataSource], table: tuple[list[list[str]], int]
) -> None:
    rows, quoting = table
    names = [f"c{position}" for position in range(len(rows[0]) if rows else 2)]
    file = io.StringIO(newline="")
    csv.writer(file, quoting=quoting).writerows([names, *rows])

    datasource = load(file.getvalue())

    assert (datasource.status, datasource.error_reason) == (Status.READY, "")
    stored = rows_of(datasource)
    assert len(stored) == len(rows)
    for position, column in enumerate(datasource.columns):
        for written, kept in zip(rows, stored, strict=True):
            assert means(ColumnType(column["type"]), written[position], kept[position]), (
                column,
                written[position],
                kept[position],
            )


def means(type_: ColumnType, written: str, stored: Any) -> bool:
    """Whether a stored value means what was written, judged without the code under test."""
    if stored is None:
        return written in ("", "NA", "inf")
    match type_:
        case ColumnType.TEXT:
            return bool(stored == written)
        case ColumnType.INTEGER:
            return str(stored) == written
        case ColumnType.FLOAT:
            return float(stored) == float(written)
        case ColumnType.BOOLEAN:
            return str(stored) == written
        case ColumnType.DATE:
            return bool(stored == written)
        case ColumnType.DATETIME:
            short, long = sorted([stored, written], key=len)
            return long.startswith(short) and set(long[len(short) :]) <= set(".0")


def test_all_flights_of_2013(flights_csv: Path, user: User) -> None:
    datasource = load_file(flights_csv, owner=user, name="flights")

    types = {column["name"]: column["type"] for column in datasource.columns}
    report = {column["name"]: column for column in datasource.ingest_report["columns"]}
    assert (datasource.status, datasource.row_count) == (Status.READY, 336_776)
    assert (len(types), types["dep_delay"], types["time_hour"]) == (19, "integer", "datetime")
    assert report["dep_delay"]["missing_count"] == 8_255
    assert (types["tailnum"], report["tailnum"]["kept_spellings"]) == ("text", {"NA": 2_512})
    last = DataRow.objects.get(dataset_id=datasource.pk, revision=1, row_number=336_776)
    assert orjson.dumps(last.values) == (
        b'[2013,9,30,null,840,null,null,1020,null,"MQ",3531,"N839MQ","LGA","RDU",null,431,8,40,'
        b'"2013-09-30T12:00:00Z"]'
    )


def test_load_dataset_prints_what_was_found(user: User, path: Path) -> None:
    path.write_text("n,t\n1,NA\nNaN,x\n")
    out = io.StringIO()

    call_command("load_dataset", str(path), owner="mia", name="My table", stdout=out)

    assert DataSource.objects.get().name == "My table"
    printed = out.getvalue()
    assert "My table: 2 rows, 2 columns" in printed
    assert "n  integer; 1 missing; 1 NaN" in printed
    assert "t  text; 1 “NA” kept as text" in printed


def test_load_dataset_fails_with_the_reason(user: User, path: Path) -> None:
    path.write_text("a,b\n1\n")

    with pytest.raises(CommandError, match="line 2 has 1"):
        call_command("load_dataset", str(path), owner="mia")


def test_load_dataset_reports_an_unknown_user_or_file(user: User, path: Path) -> None:
    with pytest.raises(CommandError, match="There is no user “zoe”"):
        call_command("load_dataset", str(path), owner="zoe")
    with pytest.raises(CommandError, match="There is no file"):
        call_command("load_dataset", str(path), owner="mia")
