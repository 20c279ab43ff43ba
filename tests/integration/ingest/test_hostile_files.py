"""Hostile and odd files: loaded correctly, or refused with the place, and then nothing is left."""

from __future__ import annotations

import gzip
import io
import random
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from pyarrow import parquet

from data_tools.models import DataRow, DataSource
from data_tools.services import dataset_service
from tests.support.patience import wait_for_ingests
from tests.support.studios import open_studio, studio_of
from tests.support.workbooks import raw_xlsx, sheet_xml, xlsx

pytestmark = pytest.mark.django_db(transaction=True)

Status = DataSource.Status
Upload = Callable[..., DataSource]


@pytest.fixture(autouse=True)
def places(media: Path, settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the folder below which an ingest writes everything."""
    for name in ("media", "temporary"):
        (tmp_path / name).mkdir()
    settings.MEDIA_ROOT = tmp_path / "media"
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    return tmp_path


@pytest.fixture
def upload(user: User) -> Upload:
    def upload(content: bytes | str, name: str = "table.csv") -> DataSource:
        content = content.encode() if isinstance(content, str) else content
        datasource = dataset_service.create_from_upload(
            owner=user, uploaded_file=SimpleUploadedFile(name, content)
        )
        wait_for_ingests()
        datasource.refresh_from_db()
        return datasource

    return upload


def rows_of(datasource: DataSource) -> list[list[Any]]:
    rows = DataRow.objects.filter(dataset_id=datasource.pk).order_by("row_number")
    return [row.values for row in rows]


def columns_of(datasource: DataSource) -> dict[str, str]:
    return {column["name"]: column["type"] for column in datasource.columns}


def assert_nothing_is_left(places: Path) -> None:
    assert not DataRow.objects.exists()
    assert [path for path in places.rglob("*") if not path.is_dir()] == []


# Loaded correctly


@pytest.mark.parametrize(
    ("content", "name", "columns", "rows"),
    [
        ("Stadt;Größe\nKöln;1,5\n".encode("latin-1"), "a.csv", "Stadt Größe", [["Köln", "1,5"]]),
        ("a,b\n€,1\n".encode("utf-16"), "a.csv", "a b", [["€", 1]]),
        ("\ufeffa,b\nä,1\n", "a.csv", "a b", [["ä", 1]]),
        ("a;b\n1;2\n", "a.csv", "a b", [[1, 2]]),
        ("name\nalpha\nbeta\n", "a.csv", "name", [["alpha"], ["beta"]]),
        ("a,b\n", "a.csv", "a b", []),
        ("a,a,\n1,2,3\n", "a.csv", "a a_2 column_3", [[1, 2, 3]]),
        ("a,b\r1,2\r3,4\r", "a.csv", "a b", [[1, 2], [3, 4]]),
        ("a,b\n=cmd|' /C calc'!A0,@x\n", "a.csv", "a b", [["=cmd|' /C calc'!A0", "@x"]]),
        ("a,b\n1,2\n", "a.xlsx", "a b", [[1, 2]]),
        ("a,b\n1,2\n", "a.parquet", "a b", [[1, 2]]),
        ("a,b\n1,2\n", "../../etc/passwd", "a b", [[1, 2]]),
        (xlsx(S=[["a", "b"], [1, "007"]]), "a.csv", "a b", [[1, "007"]]),
        (xlsx(S=[["a", "a", None], [1, 2, 3]]), "a.xlsx", "a a_2 column_3", [[1, 2, 3]]),
        (b'[{"a": 1, "b": [1]}]', "a.csv", "a b", [[1, "[1]"]]),
        (b'{"a": 1}\n{"b": "x"}\n', "a.ndjson", "a b", [[1, None], [None, "x"]]),
    ],
    ids=[
        *("Latin-1", "UTF-16", "a mark", "semicolons", "one column", "no rows", "doubled names"),
        *("lone CR", "a formula", "CSV named .xlsx", "CSV named .parquet", "a name that climbs"),
        *("Excel named .csv", "Excel", "JSON named .csv", "JSON Lines"),
    ],
)
def test_a_file_of_any_kind_is_loaded_unchanged(
    upload: Upload, content: bytes | str, name: str, columns: str, rows: list[list[Any]]
) -> None:
    datasource = upload(content, name)

    assert (datasource.status, datasource.error_reason) == (Status.READY, "")
    assert list(columns_of(datasource)) == columns.split()
    assert rows_of(datasource) == rows


def test_parquet_is_recognized_whatever_its_name(upload: Upload) -> None:
    file = io.BytesIO()
    parquet.write_table(pa.table({"a": [1, None]}), file)

    assert rows_of(upload(file.getvalue(), "a.csv")) == [[1], [None]]


@pytest.mark.parametrize("name", ["wide.csv", "wide.xlsx", "wide.json"])
def test_five_thousand_columns_are_loaded_and_can_be_paged(
    upload: Upload, user: User, name: str
) -> None:
    width = 5_000
    names = [f"c{position}" for position in range(width)]
    content = {
        "wide.csv": lambda: ",".join(names) + ("\n" + ",".join(map(str, range(width)))) * 2,
        "wide.xlsx": lambda: xlsx(S=[names, range(width), range(width)]),
        "wide.json": lambda: repr([dict(zip(names, range(width), strict=True))] * 2).replace(
            "'", '"'
        ),
    }[name]()

    datasource = upload(content, name)

    assert (datasource.status, datasource.error_reason) == (Status.READY, "")
    assert (len(datasource.columns), datasource.row_count) == (width, 2)
    studio = open_studio(user, datasource)
    (first, _) = studio.get("data/").body["data"]
    assert (len(first), first["c0"], first["c4999"]) == (width, 0, 4_999)


def test_a_formula_is_returned_as_plain_data(upload: Upload, user: User) -> None:
    formula = '=HYPERLINK("http://x","<script>alert(1)</script>")'
    datasource = upload(xlsx(S=[["a"], ["'" + formula]]), "a.xlsx")

    answer = studio_of(user, datasource).get("data/")

    assert answer.body["data"] == [{"a": "'" + formula}]
    assert answer.headers["Content-Type"] == "application/json"


# Refused, with the place


def wide_header(columns: int) -> str:
    return ",".join("a" for _ in range(columns)) + "\n"


def bomb() -> bytes:
    return raw_xlsx(sheet_xml(""), more={"xl/media/image1.png": bytes(50 << 20)})


@pytest.mark.parametrize(
    ("make", "name", "code", "words"),
    [
        (lambda: b"a,b\n1,2\n3\n4,5,6\n", "a.csv", "RAGGED_LINES", "line 3 has 1; line 4 has 3"),
        (lambda: b'a,b\n1,"2\n3,4\n', "a.csv", "BROKEN_QUOTING", "never closed"),
        (lambda: b"a,b\n1,x\0y\n", "a.csv", "NUL_CHARACTER", "row 1 of column “b”"),
        (lambda: b"a\0,b\n1,2\n", "a.csv", "NUL_CHARACTER", "header"),
        (lambda: b"\n\n\n", "a.csv", "EMPTY_FILE", "empty"),
        (lambda: wide_header(20_000), "a.csv", "TOO_MANY_COLUMNS", "columns; at most 10,000"),
        (lambda: wide_header(400_000), "a.csv", "TOO_MANY_COLUMNS", "400,000 columns"),
        (lambda: wide_header(1_000_000), "a.csv", "RECORD_TOO_LONG", "header"),
        (lambda: xlsx(S=[range(10_001)]), "a.xlsx", "TOO_MANY_COLUMNS", "column 10,001"),
        (bomb, "a.xlsx", "WORKBOOK_TOO_LARGE", "image1.png” unpacks to more than 200 times"),
        (lambda: xlsx(S=[["a"]])[:500], "a.xlsx", "BROKEN_WORKBOOK", "damaged"),
        (lambda: random.Random(7).randbytes(5_000), "a.csv", "NOT_A_TABLE", "neither text"),
        (lambda: b"%PDF-1.7\n1 0 obj", "a.csv", "NOT_A_TABLE", "a PDF document"),
        (lambda: b"\x89PNG\r\n\x1a\n" + bytes(50), "a.csv", "NOT_A_TABLE", "a PNG image"),
        (lambda: gzip.compress(b"a,b\n1,2\n"), "a.csv", "NOT_A_TABLE", "a gzip archive"),
        (lambda: b"<html><table><tr><td>1", "a.xls", "NOT_A_TABLE", "web page"),
        (lambda: b"PAR1" + bytes(100) + b"PAR1", "a.parquet", "BROKEN_PARQUET", "damaged"),
        (
            lambda: b'[{"a": 1},\n{"a": NaN}]',
            "a.json",
            "BROKEN_JSON",
            "line 2: record 2 contains NaN",
        ),
        (lambda: b"a,b\n1,2\n", "a.json", "BROKEN_JSON", "line 1"),
        (lambda: "ä,b\n1,2\n".encode("utf-16") + b"x", "a.csv", "UNREADABLE_ENCODING", "utf-16"),
    ],
    ids=[
        *("ragged", "an open quote", "a NUL", "a NUL in the header", "blank", "too wide"),
        *("much too wide", "a million columns", "a wide sheet", "a zip bomb", "half a workbook"),
        *("rubbish", "a PDF", "a PNG", "gzip", "a web page", "no Parquet", "NaN", "no JSON"),
        "half a character",
    ],
)
def test_a_file_that_cannot_be_loaded_is_refused_with_the_place_and_leaves_nothing_behind(
    upload: Upload,
    places: Path,
    make: Callable[[], bytes | str],
    name: str,
    code: str,
    words: str,
) -> None:
    datasource = upload(make(), name)

    assert datasource.status == Status.ERROR
    assert datasource.ingest_report["code"] == f"INGEST_{code}", datasource.error_reason
    assert words in datasource.error_reason
    assert str(places) not in datasource.error_reason
    assert (datasource.columns, datasource.row_count) == ([], 0)
    assert_nothing_is_left(places)


@pytest.mark.parametrize(
    ("limit", "content", "code", "words"),
    [
        ({"MAX_ROWS": 2}, "a\n1\n2\n3\n", "TOO_MANY_ROWS", "more than 2 rows"),
        ({"MAX_COLUMNS": 2}, "a,b,c\n1,2,3\n", "TOO_MANY_COLUMNS", "3 columns; at most 2"),
        (
            {"MAX_CELL_BYTES": 10},
            "a,b\n1,x\n2,éééééé\n",
            "CELL_TOO_LARGE",
            "row 2 of column “b” holds 12 bytes; at most 10",
        ),
        ({"MAX_CELL_BYTES": 10}, '[{"b": "éééééé"}]', "CELL_TOO_LARGE", "row 1 of column “b”"),
    ],
)
def test_a_file_beyond_a_limit_is_refused_with_the_place_and_leaves_nothing_behind(
    upload: Upload,
    places: Path,
    settings: Any,
    limit: dict[str, int],
    content: str,
    code: str,
    words: str,
) -> None:
    settings.UPLOADS = settings.UPLOADS | limit

    datasource = upload(content)

    assert datasource.ingest_report["code"] == f"INGEST_{code}"
    assert words in datasource.error_reason
    assert_nothing_is_left(places)


@pytest.mark.parametrize("name", ["a.csv", "a.json"])
def test_a_cell_that_is_far_too_long_is_refused_with_the_place(
    upload: Upload, places: Path, name: str
) -> None:
    """The cell has 40 MB here; one gigabyte was tried by hand (docs/uploads.md)."""
    cell = b"x" * (40 << 20)
    content = b"a,b\n1,2\n3," + cell if name == "a.csv" else b'[{"a":1},\n{"a":"' + cell + b'"}]'

    datasource = upload(content, name)

    assert datasource.ingest_report["code"] == "INGEST_RECORD_TOO_LONG"
    place = "begins on line 3" if name == "a.csv" else "begins on line 2"
    assert place in datasource.error_reason
    assert_nothing_is_left(places)
