"""The forms that an export takes: workbooks, and CSV for other programs and other countries."""

from __future__ import annotations

import csv
import io
import zipfile
from pathlib import Path
from typing import Any

import openpyxl
import orjson
import pytest
from django.contrib.auth.models import User

from data_tools.exporting import sheet_limits
from data_tools.ingest import load_file
from data_tools.models import DataRow, DataSource
from tests.support.small_datasets import publish
from tests.support.studio_client import Answer, Studio
from tests.support.studios import open_studio, studio_of

pytestmark = pytest.mark.django_db

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def exported(studio: Studio, file_format: str = "csv", **query: Any) -> Answer:
    answer = studio.get("export/", {"format": file_format, **query})
    assert answer.status == 200, answer
    return answer


def refused(studio: Studio, **query: Any) -> dict[str, Any]:
    answer = studio.get("export/", query)
    assert answer.status == 400, answer
    return answer.error


def texts(user: User, *values: str | None) -> Studio:
    return studio_of(user, publish(user, [("t", "text")], [[value] for value in values]))


def sheet_of(content: bytes) -> list[list[Any]]:
    workbook = openpyxl.load_workbook(io.BytesIO(content))
    assert len(workbook.worksheets) == 1
    return [[cell.value for cell in row] for row in workbook.worksheets[0].iter_rows()]


# CSV


@pytest.mark.parametrize(
    ("asked", "written"), [(",", ","), (";", ";"), ("|", "|"), ("tab", "\t"), ("\t", "\t")]
)
def test_csv_is_written_with_the_delimiter_asked_for(user: User, asked: str, written: str) -> None:
    rows = [["a,b;c|d\te", 1, 2.5], ['say "hi"', None, -1.0], ["", 3, None]]
    columns = [("the; name", "text"), ("n", "integer"), ("x", "float")]
    studio = studio_of(user, publish(user, columns, rows))

    content = exported(studio, delimiter=asked).content.decode()

    read = list(csv.reader(io.StringIO(content, newline=""), delimiter=written, strict=True))
    assert read == [
        ["the; name", "n", "x"],
        ["a,b;c|d\te", "1", "2.5"],
        ['say "hi"', "", "-1"],
        ["", "3", ""],
    ]


@pytest.mark.parametrize(
    ("encoding", "text", "charset"),
    [
        ("utf-8", "größe 名 😀", "utf-8"),
        ("cp1252", "größe €", "windows-1252"),
        ("iso-8859-1", "größe", "iso-8859-1"),
        ("iso-8859-15", "größe €", "iso-8859-15"),
        ("cp1250", "žluťoučký", "windows-1250"),
        ("cp1251", "Привет", "windows-1251"),
        ("cp1253", "Ελλάδα", "windows-1253"),
        ("koi8-r", "Привет", "koi8-r"),
        ("cp932", "日本語", "windows-31j"),
        ("cp949", "한국어", "ks_c_5601-1987"),
        ("big5", "中文", "big5"),
        ("gb18030", "中文 😀", "gb18030"),
    ],
)
def test_csv_is_written_in_the_encoding_asked_for(
    user: User, encoding: str, text: str, charset: str
) -> None:
    answer = exported(texts(user, text, "plain"), encoding=encoding)

    assert answer.content.decode(encoding) == f"t\r\n{text}\r\nplain\r\n"
    assert answer.headers["Content-Type"] == f"text/csv; charset={charset}"


def test_csv_in_utf_16_has_one_mark_however_many_slices_it_takes(user: User) -> None:
    values = [f"größe {number}" for number in range(1_000)]

    content = exported(texts(user, *values), encoding="utf-16").content

    assert content[:2] == b"\xff\xfe"
    assert content[2:].decode("utf-16-le").split("\r\n")[1:-1] == values


def test_csv_in_utf_8_begins_with_a_mark_only_if_asked(user: User) -> None:
    studio = texts(user, "é")

    assert exported(studio, bom="true").content == b"\xef\xbb\xbft\r\n\xc3\xa9\r\n"
    assert exported(studio, bom="false").content == b"t\r\n\xc3\xa9\r\n"
    assert exported(studio).content == b"t\r\n\xc3\xa9\r\n"


@pytest.mark.parametrize(
    ("encoding", "character"),
    [("cp1252", "名"), ("iso-8859-1", "€"), ("cp1251", "é"), ("cp932", "한"), ("big5", "😀")],
)
def test_a_character_that_the_encoding_lacks_is_named_before_a_byte_is_sent(
    user: User, encoding: str, character: str
) -> None:
    """In the last row of many, which is read long after the first piece."""
    studio = texts(user, *["plain"] * 3_000, f"x{character}")

    error = refused(studio, format="csv", encoding=encoding)

    assert error["code"] == "EXPORT_DOES_NOT_FIT"
    assert error["details"] == {
        "parameter": "encoding",
        "encoding": encoding,
        "column": "t",
        "character": character,
        "row": 3_001,
    }
    assert f'"{character}" in row 3001' in error["user_message"]


def test_a_name_that_the_encoding_lacks_is_refused_too(user: User) -> None:
    studio = studio_of(user, publish(user, [("名", "integer")], [[1]]))

    assert refused(studio, format="csv", encoding="cp1252")["details"]["column"] == "名"


def test_a_row_that_is_not_chosen_does_not_spoil_the_encoding(user: User) -> None:
    chosen = orjson.dumps([{"column": "t", "op": "eq", "value": "plain"}]).decode()

    content = exported(texts(user, "plain", "名"), encoding="cp1252", filter=chosen).content

    assert content == b"t\r\nplain\r\n"


@pytest.mark.parametrize("form", [{"delimiter": ";"}, {"encoding": "cp1252"}, {"bom": "true"}])
def test_a_file_in_another_form_loads_again_with_the_same_values(
    user: User, tmp_path: Path, transactional_db: None, form: dict[str, str]
) -> None:
    rows = [[number, f"größe; {number}, x", number / 4] for number in range(40)]
    columns = [("n", "integer"), ("t", "text"), ("x", "float")]
    studio = studio_of(user, publish(user, columns, rows))
    file = tmp_path / "again.csv"
    file.write_bytes(exported(studio, **form).content)

    again = load_file(file, owner=user, name="again")

    assert again.status == DataSource.Status.READY, again.error_reason
    assert values_of(again) == rows


# What an export does not take


@pytest.mark.parametrize(
    ("query", "path"),
    [
        ({"delimeter": ";"}, "delimeter"),
        ({"page": "2"}, "page"),
        ({"limit": "10"}, "limit"),
        ({"columns": "a"}, "columns"),
        ({"Encoding": "utf-8"}, "Encoding"),
        ({"format": "xlsx", "delimiter": ";"}, "delimiter"),
        ({"format": "jsonl", "encoding": "utf-8"}, "encoding"),
        ({"format": "xlsx", "formulas": "escape"}, "formulas"),
        ({"format": "parquet", "formulas": "keep"}, "formulas"),
        ({"format": "parquet", "bom": "false"}, "bom"),
        ({"encoding": "cp1252", "bom": "true"}, "bom"),
        ({"encoding": "utf-16", "bom": "false"}, "bom"),
    ],
)
def test_a_parameter_that_means_nothing_is_refused_by_name(
    user: User, query: dict[str, str], path: str
) -> None:
    error = refused(texts(user, "x"), **{"format": "csv", **query})

    assert error["code"] == "INVALID_PARAMETER"
    assert error["details"]["path"] == path


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ({"delimiter": "x"}, "delimiter"),
        ({"delimiter": ""}, "delimiter"),
        ({"encoding": "utf-7"}, "encoding"),
        ({"encoding": "rot13"}, "encoding"),
        ({"bom": "yes"}, "bom"),
        ({"format": "xls"}, "format"),
    ],
)
def test_a_wrong_value_is_refused_by_the_name_of_its_parameter(
    user: User, query: dict[str, str], name: str
) -> None:
    error = refused(texts(user, "x"), **{"format": "csv", **query})

    assert list(error["details"]["fields"]) == [name]


@pytest.mark.parametrize(
    "query",
    [
        {"sort": "-t"},
        {"sortField": "t", "sortOrder": "desc"},
        {"sort_by": "t", "sort_order": "desc"},
        {"filter": "[]", "sort": "-t", "formulas": "keep"},
    ],
)
def test_every_spelling_of_an_order_is_still_read(user: User, query: dict[str, str]) -> None:
    content = exported(texts(user, "a", "b"), **query).content

    assert sorted(content.split()) == [b"a", b"b", b"t"]


# Floats


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (5.0, "5.0"),
        (0.0, "0.0"),
        (1e16, "1e+16"),
        (1e300, "1e+300"),
        (100000.0, "100000.0"),
        (0.1, "0.1"),
        (5e-324, "5e-324"),
        (123456789012345680.0, "123456789012345680.0"),
    ],
)
def test_json_lines_keep_floats_floats(user: User, value: float, written: str) -> None:
    columns = [("x", "float"), ("n", "integer")]
    studio = studio_of(user, publish(user, columns, [[value, 5], [None, None]]))

    first, second = exported(studio, "jsonl").content.splitlines()

    assert type(orjson.loads(first)["x"]) is float
    assert str(orjson.loads(first)["x"]) == str(float(written))
    assert orjson.loads(first)["n"] == 5
    assert type(orjson.loads(first)["n"]) is int
    assert orjson.loads(second) == {"x": None, "n": None}
    page = studio.get("data/").body["data"][0]["x"]
    assert (type(page), str(page)) == (float, str(value))


def test_json_lines_of_floats_load_again_as_floats(
    user: User, tmp_path: Path, transactional_db: None
) -> None:
    studio = studio_of(user, publish(user, [("x", "float")], [[5.0], [1e16], [-3.0]]))
    file = tmp_path / "again.jsonl"
    file.write_bytes(exported(studio, "jsonl").content)

    again = load_file(file, owner=user, name="again")

    assert again.columns == [{"name": "x", "type": "float"}]


# Workbooks

AWKWARD = [
    ("=1+1", "='=HYPERLINK(1)"),
    ("https://example.org", "mailto:a@b"),
    ("007", "1e5"),
    (" padded ", "two\nlines"),
    ("a & b < c > d", '"quoted"'),
    ("größe 名 😀", "x" * 32_767),
    ("_x0041_", "_x005F_"),
    ("tab\there", "bell\x07 and \x1f"),
    ("carriage\rreturn", "both\r\nends"),
    ("TRUE", "2013-01-01"),
    ("#N/A", "'quoted"),
]


def test_a_workbook_has_the_types_of_the_columns(user: User) -> None:
    columns = [
        ("id", "integer"),
        ("x", "float"),
        ("flag", "boolean"),
        ("day", "date"),
        ("at", "datetime"),
        ("text", "text"),
    ]
    rows = [
        [1, 2.5, True, "2013-01-31", "2013-01-31T05:15:00", "a"],
        [9007199254740993, 0.1 + 0.2, False, "1850-01-01", "2013-01-31T23:59:59", None],
        [-(2**63), 1e300, None, None, None, "b"],
    ]

    answer = exported(studio_of(user, publish(user, columns, rows)), "xlsx")

    assert answer.headers["Content-Type"] == XLSX
    assert answer.headers["Content-Disposition"].endswith('.xlsx"')
    header, first, second, third = sheet_of(answer.content)
    assert header == [name for name, _ in columns]
    assert first[:3] == [1, 2.5, True]
    assert [first[3].isoformat(), first[4].isoformat()] == [
        "2013-01-31T00:00:00",
        "2013-01-31T05:15:00",
    ]
    assert second == ["9007199254740993", 0.1 + 0.2, False, "1850-01-01", second[4], None]
    assert second[4].isoformat() == "2013-01-31T23:59:59"
    assert third == [str(-(2**63)), 1e300, None, None, None, "b"]


@pytest.mark.parametrize(
    "written",
    [
        "2013-01-31T05:15:00Z",
        "2013-01-31T05:15:00.123456",
        "1900-02-28T00:00:00",
        "0001-01-01T00:00:00",
        "2013-01-31T05:15:00.120Z",
    ],
)
def test_a_datetime_that_no_sheet_can_hold_exactly_is_text(user: User, written: str) -> None:
    studio = studio_of(user, publish(user, [("at", "datetime")], [[written]]))

    assert sheet_of(exported(studio, "xlsx").content) == [["at"], [written]]


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("2013-01-31T05:15:00", "2013-01-31T05:15:00"),
        ("2013-01-31T05:15:00.120", "2013-01-31T05:15:00.120000"),
        ("2013-01-31T05:15:00.120000", "2013-01-31T05:15:00.120000"),
        ("1900-03-01T00:00:00", "1900-03-01T00:00:00"),
        ("9999-12-31T23:59:59.999", "9999-12-31T23:59:59.999000"),
    ],
)
def test_other_datetimes_are_dates_of_the_sheet(user: User, written: str, read: str) -> None:
    studio = studio_of(user, publish(user, [("at", "datetime")], [[written]]))

    _, [cell] = sheet_of(exported(studio, "xlsx").content)

    assert cell.isoformat() == read


def test_a_text_of_a_workbook_is_text_whatever_it_looks_like(user: User) -> None:
    studio = studio_of(
        user, publish(user, [("=a", "text"), ("b", "text")], list(map(list, AWKWARD)))
    )

    content = exported(studio, "xlsx").content

    [sheet] = openpyxl.load_workbook(io.BytesIO(content)).worksheets
    cells = [cell for row in sheet.iter_rows() for cell in row]
    assert {cell.data_type for cell in cells} <= {"s", "inlineStr"}
    assert not any(cell.hyperlink for cell in cells)
    assert sheet["A1"].value == "=a"
    assert (sheet["A2"].value, sheet["B6"].value) == ("=1+1", '"quoted"')
    xml = zipfile.ZipFile(io.BytesIO(content)).read("xl/worksheets/sheet1.xml").decode()
    assert "<f>" not in xml
    assert "bell_x0007_ and _x001F_" in xml
    assert "_x005F_x0041_" in xml


def test_a_workbook_loads_again_with_the_same_values(
    user: User, tmp_path: Path, transactional_db: None
) -> None:
    columns = [
        ("n", "integer"),
        ("x", "float"),
        ("flag", "boolean"),
        ("day", "date"),
        ("at", "datetime"),
        ("a", "text"),
        ("b", "text"),
    ]
    rows = [
        [at, at / 3, at % 2 == 0, f"2013-01-{at + 1:02}", f"2013-01-01T05:{at:02}:59.120", a, b]
        for at, (a, b) in enumerate(AWKWARD)
    ]
    rows += [[None] * 5 + ["x", "y"], [2**53, 5e-324, None, "9999-12-31", None, None, None]]
    studio = studio_of(user, publish(user, columns, rows))
    file = tmp_path / "again.xlsx"
    file.write_bytes(exported(studio, "xlsx").content)

    again = load_file(file, owner=user, name="again")

    assert again.status == DataSource.Status.READY, again.error_reason
    assert [(column["name"], column["type"]) for column in again.columns] == columns
    assert values_of(again) == rows


def test_a_workbook_of_no_rows_and_of_many_slices_is_whole(user: User) -> None:
    columns = [("n", "integer"), ("t", "text")]
    empty = studio_of(user, publish(user, columns, []))
    many = studio_of(user, publish(user, columns, [[n, f"{n} x"] for n in range(5_000)]))

    assert sheet_of(exported(empty, "xlsx").content) == [["n", "t"]]
    assert sheet_of(exported(many, "xlsx", sort="-n").content) == [
        ["n", "t"],
        *([n, f"{n} x"] for n in reversed(range(5_000))),
    ]


def test_a_workbook_shows_the_session_with_its_operations(user: User) -> None:
    studio = open_studio(user, publish(user, [("n", "integer")], [[1], [None], [3]]))
    studio.post("session/fill-missing-values/", {"columns": ["n"], "strategy": "mean"})
    studio.post("session/rename-column/", {"old_name": "n", "new_name": "m"})

    assert sheet_of(exported(studio, "xlsx").content) == [["m"], [1], [2], [3]]


def test_what_does_not_fit_into_a_sheet_is_refused_before_the_work(
    user: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    long = texts(user, "short", "😀" * 16_384)
    row_filter = orjson.dumps([{"column": "t", "op": "eq", "value": "short"}]).decode()

    error = refused(long, format="xlsx")
    assert (error["code"], error["details"]["found"]) == ("EXPORT_DOES_NOT_FIT", 32_768)
    assert "32,767 characters" in error["user_message"]
    assert "row 2" in error["user_message"]
    assert sheet_of(exported(long, "xlsx", filter=row_filter).content) == [["t"], ["short"]]
    fits = texts(user, "é" * 32_767)
    assert len(sheet_of(exported(fits, "xlsx").content)[1][0]) == 32_767

    monkeypatch.setattr(sheet_limits, "MOST_ROWS", 3)
    error = refused(texts(user, "a", "b", "c"), format="xlsx")
    assert "at most 2 rows" in error["user_message"]
    assert len(sheet_of(exported(texts(user, "a", "b"), "xlsx").content)) == 3

    monkeypatch.setattr(sheet_limits, "MOST_COLUMNS", 1)
    two = studio_of(user, publish(user, [("a", "integer"), ("b", "integer")], [[1, 2]]))
    assert "at most 1 columns" in refused(two, format="xlsx")["user_message"]


def values_of(datasource: DataSource) -> list[Any]:
    rows = DataRow.objects.filter(dataset_id=datasource.pk, revision=datasource.revision)
    return list(rows.order_by("row_number").values_list("values", flat=True))
