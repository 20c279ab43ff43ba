"""Export a session's rows: exact, typed, in bounded memory, and never silently incomplete."""

from __future__ import annotations

import csv
import io
import os
import subprocess
import sys
from http.client import HTTPConnection, IncompleteRead
from pathlib import Path
from typing import Any

import orjson
import pyarrow as pa
import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.db import connection
from pyarrow import parquet

from data_tools.column_blocks import cutting
from data_tools.ingest import load_file
from data_tools.models import DataRow, DataSource, RowList
from data_tools.rows.slices import json_slices
from tests.support.packed_rows import pack
from tests.support.packed_rows import rows_of as rows_in
from tests.support.patience import PATIENCE_SECONDS
from tests.support.processes import database_url
from tests.support.reference_rows import Table
from tests.support.serving import Server
from tests.support.small_datasets import COLUMNS, ROWS, publish
from tests.support.stored_rows import stored
from tests.support.studio_client import MOUNTS, STRUCTURED, Answer, Studio
from tests.support.studios import studio_of
from tests.support.users import UserFactory, token_of
from tests.support.written_log import everything

pytestmark = pytest.mark.django_db

FORMATS = ("csv", "jsonl", "parquet")
NAMES = [name for name, _ in COLUMNS]
AWKWARD_CSV = """number,float,text,flag,day,seen,local,exact
9007199254740993,1e16,"q ""x"", y",true,2013-01-01,2013-01-01T05:15:00.120Z,2013-01-01T05:15,
-1,0.1,"two
lines",false,0001-01-01,9999-12-31T23:59:59.000Z,,2013-01-01T05:15:00.123456
,5e-324,"",,9999-12-31,,1969-12-31T23:59:59,1969-12-31T23:59:59.999999
3,,back\\slash é 名 \x1f,true,,2013-01-01T05:15:00.999Z,0001-01-01T00:00:00,
,2.5,,,,,,
4,1.7976931348623157e+308,NA,false,2013-01-01,2013-01-01T00:00:00.000Z,2013-01-01T00:00:00,
"""


@pytest.fixture
def studio(user: User, datasource: DataSource) -> Studio:
    return studio_of(user, datasource, headers=STRUCTURED)


def exported(studio: Studio, file_format: str, **query: Any) -> Answer:
    answer = studio.get("export/", {"format": file_format, **query})
    assert answer.status == 200, answer
    return answer


def csv_rows(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode(), newline=""), strict=True))


# The content of the file


def test_csv_is_rfc_4180_with_empty_fields_for_what_is_missing(studio: Studio) -> None:
    content = exported(studio, "csv").content

    lines = content.decode().split("\r\n")
    assert lines[0] == ",".join(NAMES)
    assert lines[1] == "9007199254740993,UA,2.5,false,2013-01-01,2013-01-01T05:15:00"
    assert lines[3] == '3,"",4,false,,2013-01-01T05:40:00Z'
    assert lines[4] == "4,,-1,,2013-01-02,2013-01-02T06:00:00"
    assert (lines[-1], len(lines)) == ("", len(ROWS) + 2)


def test_csv_quotes_what_a_reader_would_take_apart(user: User) -> None:
    texts = ['say "hi"', "a,b", "two\r\nlines", "one\nline", "é 名 😀", " padded ", "", "=1+1"]
    rows = [[text, number] for number, text in enumerate(texts)]
    names = [("the, name", "text"), ("é", "integer")]

    content = exported(studio_of(user, publish(user, names, rows)), "csv").content

    assert csv_rows(content) == [
        ["the, name", "é"],
        *([text, str(number)] for number, text in enumerate(texts)),
    ]


def test_formulas_are_kept_as_they_are_unless_escaping_is_asked_for(user: User) -> None:
    texts = ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx", "a=b", "'=1", None]
    names = [("=cmd", "text"), ("n", "integer")]
    studio = studio_of(user, publish(user, names, [[text, -1] for text in texts]))

    kept, escaped = exported(studio, "csv"), exported(studio, "csv", formulas="escape")

    assert [row[0] for row in csv_rows(kept.content)] == ["=cmd", *texts[:-1], ""]
    assert csv_rows(escaped.content) == [
        ["'=cmd", "n"],
        *([f"'{text}", "-1"] for text in texts[:6] if text),
        ["a=b", "-1"],
        ["'=1", "-1"],
        ["", "-1"],
    ]


def test_json_lines_are_objects_by_column_name(studio: Studio) -> None:
    content = exported(studio, "jsonl").content

    assert content.endswith(b"\n")
    rows = [orjson.loads(line) for line in content.splitlines()]
    assert rows == [dict(zip(NAMES, row, strict=True)) for row in ROWS]
    assert [list(row) for row in rows] == [NAMES] * len(ROWS)


def test_parquet_columns_have_the_types_of_the_dataset(user: User) -> None:
    plain = [[*row[:5], row[5] and row[5].rstrip("Z")] for row in ROWS]
    studio = studio_of(user, publish(user, COLUMNS, plain))

    table = parquet.read_table(io.BytesIO(exported(studio, "parquet").content))

    assert table.schema.types == [
        *(pa.int64(), pa.string(), pa.float64(), pa.bool_(), pa.date32(), pa.timestamp("ms"))
    ]
    assert table.column("carrier").to_pylist() == [row[1] for row in ROWS]
    assert table.column("seen_at").to_pylist()[0].isoformat() == plain[0][5]


def test_parquet_holds_datetimes_of_which_only_some_have_an_offset_as_text(studio: Studio) -> None:
    table = parquet.read_table(io.BytesIO(exported(studio, "parquet").content))

    assert table.column("seen_at").to_pylist() == [row[5] for row in ROWS]


@pytest.mark.parametrize("file_format", FORMATS)
def test_an_export_shows_the_session_with_its_operations(studio: Studio, file_format: str) -> None:
    studio.post("session/initialize/")
    studio.post("session/fill-missing-values/", {"columns": ["delay"], "strategy": "mean"})
    studio.post("transform/columns/", {"operation": "drop", "columns": ["seen_at"]})
    studio.post("session/rename-column/", {"old_name": "delay", "new_name": "late"})
    shown = studio.get("data/").body["data"]

    content = exported(studio, file_format).content

    match file_format:
        case "jsonl":
            read = [orjson.loads(line) for line in content.splitlines()]
        case "parquet":
            read = parquet.read_table(io.BytesIO(content)).to_pylist()
            read = [row | {"day": row["day"] and row["day"].isoformat()} for row in read]
        case _:
            header, *rows = csv_rows(content)
            assert header == list(shown[0])
            assert [float(row[2]) for row in rows] == [row["late"] for row in shown]
            return
    assert read == shown


@pytest.mark.parametrize("file_format", FORMATS)
def test_an_export_of_no_rows_is_a_complete_file(user: User, file_format: str) -> None:
    content = exported(studio_of(user, publish(user, rows=[])), file_format).content

    match file_format:
        case "csv":
            assert csv_rows(content) == [NAMES]
        case "jsonl":
            assert content == b""
        case _:
            assert parquet.read_table(io.BytesIO(content)).column_names == NAMES


@pytest.mark.parametrize("keeps_lists", [True, False], ids=["listed", "lists emptied"])
def test_rows_that_an_operation_removed_are_neither_exported_nor_saved(
    studio: Studio, keeps_lists: bool
) -> None:
    studio.post("session/initialize/")
    step = {"operation": "drop_missing_rows", "parameters": {"columns": ["carrier"]}}
    recipe = {"format": "data-studio-recipe", "format_version": 1, "operations": [step]}
    assert studio.post("session/apply-recipe/", {"recipe": recipe}).body["applied"] == 1
    shown = studio.get("data/").body["data"]
    assert 0 < len(shown) < len(ROWS)
    if not keeps_lists:
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM data_tools_rowlist")

    answer = exported(studio, "jsonl")
    saved = DataSource.objects.get(pk=studio.post("session/save/").body["new_datasource"]["id"])

    assert [orjson.loads(line) for line in answer.content.splitlines()] == shown
    assert answer.headers["X-Total-Rows"] == str(len(shown))
    assert rows_of(saved) == [
        (number, list(row.values())) for number, row in enumerate(shown, start=1)
    ]


SELECTIONS: tuple[dict[str, str], ...] = (
    {"filter": '[{"column": "delay", "op": "not_null"}]'},
    {"sort": "-carrier,id"},
    {"filter": '{"not": {"column": "carrier", "op": "eq", "value": "UA"}}', "sort": "-delay"},
    {"filter": '[{"column": "id", "op": "lt", "value": 0}]', "sort": "id"},
)


@pytest.mark.parametrize("selection", SELECTIONS)
@pytest.mark.parametrize("at_version", [None, 2], ids=["now", "earlier"])
@pytest.mark.parametrize("keeps_lists", [True, False], ids=["listed", "lists emptied"])
def test_a_filter_and_an_order_choose_the_rows_of_the_file_as_those_of_a_page(
    studio: Studio, selection: dict[str, str], at_version: int | None, keeps_lists: bool
) -> None:
    studio.post("session/initialize/")
    fill = {"columns": ["delay"], "strategy": "forward_fill"}
    assert studio.post("session/fill-missing-values/", fill).status == 200
    step = {"operation": "drop_missing_rows", "parameters": {"columns": ["carrier"]}}
    assert studio.post("operations/", step).status == 200
    query = selection if at_version is None else {**selection, "at_version": str(at_version)}
    page = studio.get("data/", query).body
    if not keeps_lists:
        RowList.objects.all().delete()

    lines, table = exported(studio, "jsonl", **query), exported(studio, "parquet", **query)

    assert [orjson.loads(line) for line in lines.content.splitlines()] == page["data"]
    assert lines.headers["X-Total-Rows"] == str(page["pagination"]["filtered_rows"])
    ids = parquet.read_table(io.BytesIO(table.content)).column("id").to_pylist()
    assert ids == [row["id"] for row in page["data"]]
    assert len(csv_rows(exported(studio, "csv", **query).content)) == 1 + len(ids)


def test_a_selection_of_many_slices_is_in_the_file_whole_and_in_order(user: User) -> None:
    numbers = [(number * 7_919) % 5_003 for number in range(5_000)]
    rows = [[number, f"text {number % 10}"] for number in numbers]
    studio = studio_of(user, publish(user, [("n", "integer"), ("t", "text")], rows))
    chosen = '[{"column": "t", "op": "ne", "value": "text 3"}]'

    content = exported(studio, "jsonl", filter=chosen, sort="-n").content

    read = [orjson.loads(line)["n"] for line in content.splitlines()]
    assert read == sorted((n for n in numbers if n % 10 != 3), reverse=True)


def test_a_wrong_filter_is_refused_before_the_file_begins_and_says_where(studio: Studio) -> None:
    wrong = '[{"column": "id", "op": "eq", "value": "x"}]'

    answer = studio.get("export/", {"format": "csv", "filter": wrong})

    assert (answer.status, answer.error["code"]) == (400, "INVALID_FILTER")
    assert answer.error["details"]["path"] == "filter[0].value"


def test_an_earlier_version_and_an_ended_session_can_be_exported(studio: Studio) -> None:
    opened = studio.post("session/initialize/").body
    studio.post("session/rename-column/", {"old_name": "id", "new_name": "key"})

    before, after = exported(studio, "csv", at_version=1), exported(studio, "csv")
    studio.post("session/clear/")
    ended = exported(studio, "csv", session_id=opened["session_info"]["session_id"])

    assert before.content.startswith(b"id,")
    assert after.content.startswith(b"key,")
    assert ended.content == after.content
    assert exported(studio, "csv").content == before.content


@pytest.mark.parametrize("file_format", ["csv", "parquet"])
def test_an_exported_file_loaded_again_has_the_same_values(
    user: User, tmp_path: Path, transactional_db: None, file_format: str
) -> None:
    """CSV has no types, but here they can be told from each column's values."""
    original, again = tmp_path / "awkward.csv", tmp_path / f"again.{file_format}"
    original.write_text(AWKWARD_CSV)
    loaded = load_file(original, owner=user, name="awkward")
    assert loaded.row_count == 6
    again.write_bytes(exported(studio_of(user, loaded), file_format).content)

    returned = load_file(again, owner=user, name="again")

    assert returned.status == DataSource.Status.READY, returned.error_reason
    assert returned.columns == loaded.columns
    assert rows_of(returned) == rows_of(loaded)
    assert returned.fingerprint == loaded.fingerprint


def test_an_exported_session_and_its_saved_dataset_have_one_fingerprint(
    user: User, tmp_path: Path, transactional_db: None
) -> None:
    studio = studio_of(user, publish(user, COLUMNS[:5], [row[:5] for row in ROWS]))
    studio.post("session/initialize/")
    studio.post("session/fill-missing-values/", {"columns": ["delay"], "strategy": "mean"})
    studio.post("session/change-column-type/", {"column_name": "cancelled", "new_type": "float"})
    file = tmp_path / "session.parquet"
    file.write_bytes(exported(studio, "parquet").content)

    saved = studio.post("session/save/").body["new_datasource"]["id"]

    returned = load_file(file, owner=user, name="again")
    assert returned.fingerprint == DataSource.objects.get(pk=saved).fingerprint


def rows_of(datasource: DataSource) -> list[Any]:
    rows = DataRow.objects.filter(dataset_id=datasource.pk, revision=datasource.revision)
    return list(rows.order_by("row_number").values_list("row_number", "values"))


# The answer


@pytest.mark.parametrize("mount", MOUNTS)
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_the_headers_name_type_file_and_rows(
    datasource: DataSource, user: User, mount: str, method: str
) -> None:
    studio = studio_of(user, datasource, mount=mount)

    answer = studio.request(method, "export/", query={"format": "csv"})

    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="flights.csv"'
    assert answer.headers["X-Total-Rows"] == str(len(ROWS))
    assert "Content-Length" not in answer.headers or method == "HEAD"
    assert bool(answer.content) is (method == "GET")


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ('a "b"\\c/d', 'attachment; filename="a _b__c_d.csv"'),
        ("Flüge 名", "attachment; filename*=utf-8''Fl%C3%BCge%20%E5%90%8D.csv"),
        ("x\r\nSet-Cookie: a", 'attachment; filename="x__Set-Cookie_ a.csv"'),
        ("../..", 'attachment; filename="_.csv"'),
        (" . ", 'attachment; filename="dataset.csv"'),
    ],
)
def test_the_file_is_named_after_the_dataset_whatever_its_name_is(
    user: User, name: str, written: str
) -> None:
    datasource = publish(user)
    DataSource.objects.filter(pk=datasource.pk).update(name=name)

    answer = studio_of(user, datasource).request("HEAD", "export/", query={"format": "csv"})

    assert answer.headers["Content-Disposition"] == written


@pytest.mark.parametrize("accept", ["*/*", "text/csv", "application/json", "text/csv;q=0.9, x/y"])
def test_a_client_that_accepts_the_media_type_gets_the_file(studio: Studio, accept: str) -> None:
    answer = studio.get("export/", {"format": "csv"}, headers={"Accept": accept})

    assert answer.status == 200


def test_an_export_records_nothing(studio: Studio) -> None:
    studio.post("session/initialize/")
    before = everything()

    for file_format in FORMATS:
        exported(studio, file_format)

    assert everything() == before


@pytest.mark.parametrize("file_format", FORMATS)
def test_a_failure_before_the_first_row_is_an_error_like_any_other(
    studio: Studio, file_format: str
) -> None:
    DataRow.objects.filter(row_number=2).delete()

    answer = studio.get("export/", {"format": file_format})

    assert (answer.status, answer.error["code"]) == (409, "ROWS_GONE")


@pytest.mark.parametrize("file_format", FORMATS)
def test_a_file_that_breaks_off_is_visibly_incomplete(
    transactional_db: None, server: Server, file_format: str
) -> None:
    """Rows are missing after the first slices, long after the status was sent."""
    user = UserFactory()
    rows = [[number, str(number) * 50] for number in range(4_000)]
    datasource = publish(user, [("n", "integer"), ("t", "text")], rows)
    DataRow.objects.filter(dataset_id=datasource.pk, row_number=3_900).delete()
    client = HTTPConnection("127.0.0.1", server.port, PATIENCE_SECONDS)
    client.request(
        "GET",
        f"/api/studio/{datasource.pk}/export/?format={file_format}",
        headers={"Authorization": f"Token {token_of(user)}"},
    )

    response = client.getresponse()

    assert response.status == 200
    with pytest.raises(IncompleteRead) as broken:
        response.read()
    client.close()
    if file_format == "parquet":
        with pytest.raises(pa.ArrowInvalid):
            parquet.read_table(io.BytesIO(broken.value.partial))


CHILD = """
import sys, django
django.setup()
from data_tools.exporting.csv_form import CsvForm
from data_tools.exporting.file_format import FileFormat, pieces
from data_tools.models import DataSource
from data_tools.rows.session_rows import SessionRows
from data_tools.services.session_data import facts
datasource = DataSource.objects.get(pk=sys.argv[1])
rows = SessionRows.of_dataset(facts(datasource))
for file_format in FileFormat:
    for piece in pieces(rows, file_format, csv_form=CsvForm(escapes_formulas=True)):
        pass
print(next(line.split()[1] for line in open("/proc/self/status") if line.startswith("VmHWM")))
"""


def peak_kib(datasource: DataSource) -> int:
    """Return the peak memory of a separate process that exports the rows in every format."""
    child = subprocess.run(
        [sys.executable, "-c", CHILD, str(datasource.pk)],
        env={**os.environ, "DATABASE_URL": database_url()},
        cwd=settings.BASE_DIR,
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        check=True,
    )
    return int(child.stdout)


@pytest.mark.parametrize("is_packed", [False, True], ids=["rows", "blocks"])
def test_memory_does_not_grow_with_the_rows(
    transactional_db: None, user: User, is_packed: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As plain text the larger dataset alone takes 40 MiB more than the smaller one, and as values
    more than twice that. The smaller one is already larger than a row group. The allocator alone
    makes the peaks of two runs differ by up to 23 MiB."""
    small, large = (
        generated(publish(user, [("n", "integer"), ("t", "text")], []), rows=rows)
        for rows in (40_000, 80_000)
    )
    if is_packed:
        monkeypatch.setattr(cutting, "MOST_CUT_BYTES", 8 << 20)  # both have several blocks
        for dataset in (small, large):
            pack(rows_in(dataset))

    grown_kib = peak_kib(large) - peak_kib(small)

    assert grown_kib < 35 << 10


def generated(datasource: DataSource, *, rows: int) -> DataSource:
    with connection.cursor() as cursor:
        cursor.execute(
            'INSERT INTO data_tools_datarow (dataset_id, revision, row_number, "values")'
            " SELECT %s::uuid, 1, n, jsonb_build_array(n, repeat(md5(n::text), 32))"
            " FROM generate_series(1, %s) AS n",
            [str(datasource.pk), rows],
        )
    datasource.row_count = rows
    datasource.save()
    return datasource


def test_the_rows_are_read_by_the_primary_key_a_slice_at_a_time(db: None) -> None:
    names, types = ("n", "t"), ("integer", "text")
    rows = stored(Table(names=names, types=types, rows=[[n, str(n)] for n in range(3_000)]))

    slices = list(json_slices(rows))

    assert [len(texts) for texts in slices] == [256, 512, 1024, 1208]
    assert [orjson.loads(text)[0] for texts in slices for text in texts] == list(range(3_000))
    for query, condition in (
        (rows.rows_between(6, 9), "row_number >= 6"),
        (rows.rows_in_order(5, 4), "row_number > 5"),
    ):
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL enable_seqscan = off")
            cursor.execute(f"EXPLAIN {query.text}", query.parameters)
            plan = "\n".join(line for (line,) in cursor.fetchall())
        assert condition in plan.split("Index Cond")[1]
