"""How a file would be read, before it is loaded: `POST /api/datasources/preview/`."""

from __future__ import annotations

import io
import json
import os
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from django.contrib.auth.models import User

from data_tools.ingest import preview as preview_module
from data_tools.ingest.exceptions import IngestError, UnfoldsTooLarge, WorkbookTooLarge
from data_tools.ingest.limits import Limits
from data_tools.ingest.preview import TEXT_BYTES
from data_tools.models import DataRow, DataSource
from data_tools.services import preview_service
from tests.contract.error_shape import faults
from tests.support.patience import wait_for_ingests
from tests.support.studio_client import Answer, Studio
from tests.support.uploads import DATASETS, MULTIPART, form, part
from tests.support.users import token_of
from tests.support.workbooks import xlsx

pytestmark = pytest.mark.django_db(transaction=True)

PREVIEW = f"{DATASETS}preview/"


@pytest.fixture(autouse=True)
def places(media: Path, settings: Any, tmp_path: Path) -> Path:
    """Return the folder below which everything that is written must lie."""
    for name in ("media", "temporary"):
        (tmp_path / name).mkdir()
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.FILE_UPLOAD_TEMP_DIR = tmp_path / "temporary"
    settings.FILE_UPLOAD_MAX_MEMORY_SIZE = 100
    return tmp_path


@pytest.fixture
def studio(user: User) -> Studio:
    return Studio(token=token_of(user))


def send(studio: Studio, content: bytes, filename: str = "a.csv", **fields: Any) -> Answer:
    texts = {
        name: value if isinstance(value, str) else json.dumps(value)
        for name, value in fields.items()
    }
    body = form(content, filename, **texts)
    return studio.request("POST", PREVIEW, content=body, headers=MULTIPART)


def preview(studio: Studio, content: bytes, filename: str = "a.csv", **fields: Any) -> Any:
    answer = send(studio, content, filename, **fields)
    assert answer.status == 200, answer
    return answer.body["preview"]


def files_below(place: Path) -> list[Path]:
    return [path for path in place.rglob("*") if path.is_file() or path.is_symlink()]


def test_it_shows_the_rows_and_the_columns_and_how_sure_it_is(studio: Studio) -> None:
    shown = preview(studio, "id;name;day\n1;Ärger;2013-01-31\n2;;2013-02-01\n".encode())

    assert shown["rows"] == [
        {"id": 1, "name": "Ärger", "day": "2013-01-31"},
        {"id": 2, "name": None, "day": "2013-02-01"},
    ]
    assert [(column["name"], column["type"]) for column in shown["columns"]] == [
        ("id", "integer"),
        ("name", "text"),
        ("day", "date"),
    ]
    assert {column["certainty"] for column in shown["columns"]} <= {"certain", "likely", "guess"}
    assert all(column["why"].endswith(".") for column in shown["columns"])
    guesses = shown["guesses"]
    assert {name: guess["value"] for name, guess in guesses.items()} == {
        "kind": "csv",
        "encoding": "utf-8",
        "delimiter": ";",
        "quote": '"',
        "escape": "",
        "header_row": 1,
    }
    assert all(guess["certainty"] in ("certain", "likely", "guess") for guess in guesses.values())
    assert all(guess["why"].endswith(".") for guess in guesses.values())
    assert (shown["error"], shown["is_partial"], shown["rows_read"]) == (None, False, 2)
    assert shown["options"] == {}


def test_it_reads_as_the_options_say_and_repeats_them(studio: Studio) -> None:
    options = {
        "delimiter": "|",
        "header_row": None,
        "columns": {"column_2": {"type": "text", "name": "code"}},
    }

    shown = preview(studio, b"1|007\n2|008\n", options=options)

    assert shown["rows"] == [{"column_1": 1, "code": "007"}, {"column_1": 2, "code": "008"}]
    assert shown["options"] == options


CONTENTS = {
    "CSV": ("a,b\n" + "".join(f"{n},x{n}\n" for n in range(150))).encode(),
    "CSV with guesses": b"a;b\n1;caf\xe9\n2;5E1\n",
    "JSON": json.dumps([{"a": n, "b": [n, None]} for n in range(150)]).encode(),
    "a header alone": b"a,b\n",
}


@pytest.mark.parametrize("kind", CONTENTS)
def test_the_file_is_loaded_as_it_was_previewed(studio: Studio, kind: str) -> None:
    content, filename = CONTENTS[kind], "a.json" if kind == "JSON" else "a.csv"

    shown = preview(studio, content, filename)
    body = form(content, filename)
    answer = studio.request("POST", DATASETS, content=body, headers=MULTIPART)
    wait_for_ingests()
    dataset_id = answer.body["datasource"]["id"]
    loaded = studio.get(f"{DATASETS}{dataset_id}/").body["datasource"]
    rows = studio.get(f"/api/studio/{dataset_id}/data/?page_size=100").body["data"]

    assert shown["rows"] == rows
    assert shown["ingest_report"] == loaded["ingest_report"]


def workbook() -> bytes:
    return xlsx(Eins=[["a"], [1]], Zwei=[["b", "c"], [2, "x"], [3, "y"]])


def parquet() -> bytes:
    file = io.BytesIO()
    pq.write_table(pa.table({"b": [2, 3], "c": ["x", "y"]}), file)
    return file.getvalue()


def test_a_workbook_is_read_with_its_sheet(studio: Studio) -> None:
    shown = preview(studio, workbook(), "a.xlsx", options={"sheet": "Zwei"})

    assert shown["rows"] == [{"b": 2, "c": "x"}, {"b": 3, "c": "y"}]
    assert shown["guesses"]["kind"]["value"] == "workbook"
    assert shown["ingest_report"]["sheets"] == ["Eins", "Zwei"]
    assert preview(studio, workbook(), "a.xlsx", sheet="Zwei")["rows"] == shown["rows"]


def test_a_parquet_file_is_read(studio: Studio) -> None:
    shown = preview(studio, parquet(), "a.parquet")

    assert shown["rows"] == [{"b": 2, "c": "x"}, {"b": 3, "c": "y"}]
    assert shown["guesses"]["kind"] == {
        "value": "parquet",
        "certainty": "certain",
        "why": "It begins with the bytes that mark such files.",
    }


# Parts of a file


LINES = b"id,name\n" + b"".join(b"%d,name %d\n" % (n, n) for n in range(100_000))


def test_of_a_large_text_file_the_first_mebibyte_is_read(studio: Studio) -> None:
    assert len(LINES) > TEXT_BYTES
    shown = preview(studio, LINES + b"x,not a number\n")

    assert shown["is_partial"]
    assert len(shown["rows"]) == 100
    read = LINES[:TEXT_BYTES].count(b"\n") - 1
    assert shown["rows_read"] in (read, read - 1)  # the header, and a record that may be cut off
    assert shown["columns"][0]["type"] == "integer"
    assert shown["columns"][0]["certainty"] == "likely"


@pytest.mark.parametrize("end", [1, 2, 3, 4, 5, 6, 10, 12])
def test_the_head_of_a_file_may_end_anywhere(studio: Studio, end: int) -> None:
    whole = 'n,t\n1,"a\nb"\n2,é\n3,c\n'.encode()

    shown = preview(studio, whole[:-end], is_head="true")

    assert shown["error"] is None, shown
    assert shown["is_partial"]
    rows = [{"n": 1, "t": "a\nb"}, {"n": 2, "t": "é"}, {"n": 3, "t": "c"}]
    assert shown["rows"] == rows[: len(shown["rows"])]
    assert len(shown["rows"]) >= (2 if end < 4 else 1 if end < 9 else 0)


def test_the_head_of_a_json_file_is_read_too(studio: Studio) -> None:
    whole = json.dumps([{"a": n} for n in range(50)]).encode()

    shown = preview(studio, whole[:-20], "a.json", is_head="true")

    assert shown["error"] is None, shown["error"]
    assert shown["rows"][:2] == [{"a": 0}, {"a": 1}]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
@pytest.mark.parametrize("end", range(2, 14))
def test_the_head_of_a_json_file_may_end_within_a_letter(
    studio: Studio, encoding: str, end: int
) -> None:
    whole = '[{"n": "é"}, {"n": "𝄞"}, {"n": "é"}]'.encode(encoding)

    shown = preview(studio, whole[:-end], "a.json", is_head="true")

    assert shown["error"] is None, shown["error"]
    assert shown["rows"][:1] == [{"n": "é"}]


@pytest.mark.parametrize(
    ("head", "filename", "options"),
    [
        (b"a,b", "a.csv", {}),
        (b"a,b\n1,2\n3,4\n", "a.csv", {"skip_rows": 9}),
        (b"a,b\n1,2\n3,4\n", "a.csv", {"header_row": 9}),
        (b'[{"a": "', "a.json", {}),
        (b"[", "a.json", {}),
    ],
    ids=["half a header", "skipped lines", "a header below", "half a record", "half a list"],
)
def test_a_head_without_a_row_is_not_said_to_be_refused(
    studio: Studio, head: bytes, filename: str, options: Any
) -> None:
    shown = preview(studio, head, filename, options=options, is_head="true")

    assert (shown["error"], shown["rows"], shown["is_partial"]) == (None, [], True)
    assert shown["warnings"] == ["The part of the file that was read ends before its first row."]


def test_of_a_file_that_can_only_be_read_whole_the_head_says_so(studio: Studio) -> None:
    for content, filename in ((workbook(), "a.xlsx"), (parquet(), "a.parquet")):
        shown = preview(studio, content[: len(content) // 2], filename, is_head="true")

        assert (shown["error"], shown["rows"], shown["is_partial"]) == (None, [], True)
        assert "if all of it is sent" in shown["warnings"][0]
        assert preview(studio, content, filename, is_head="true")["rows"]
        assert preview(studio, content[:200], filename)["error"]


# Complaints


def test_a_type_that_a_file_does_not_have_is_refused_and_mended(studio: Studio) -> None:
    options = {"columns": {"b": {"type": "text", "name": "n"}}}

    shown = preview(studio, parquet(), "a.parquet", options=options)

    assert shown["error"]["code"] == "INGEST_VALUE_NOT_OF_TYPE"
    assert shown["error"]["remedies"] == [{"columns": {"b": {"name": "n"}}}]
    assert shown["rows"] == [{"n": 2, "c": "x"}, {"n": 3, "c": "y"}]


@pytest.mark.parametrize(
    ("content", "line", "text"),
    [
        pytest.param(b"a,b\n1,2\n3\n4,5\n6\n", 3, "3", id="too few fields"),
        pytest.param(b'a,b\r\n1,2\r\n3,"4\r\n5,6\r\n', 3, '3,"4', id="an open quote"),
        pytest.param(b'a,b\n1,"2"x\n', 2, '1,"2"x', id="text behind a quote"),
        pytest.param(
            "n,m\nJosé,1\n".encode() + b"x,Ren\xe9\ny,2\n", 3, "x,Ren\ufffd", id="a bad byte"
        ),
        pytest.param("a,b\nJosé,2\nÅsa\n".encode("utf-16"), 3, "Åsa", id="UTF-16"),
        pytest.param(b'[{"a": 1},\n{"a": }]', 2, '{"a": }]', id="JSON"),
        pytest.param(b'[{"a": 1}]\n\nmore', 3, "more", id="behind the JSON"),
        pytest.param(b"a,b\n1,2\n" + b"x" * 900, 3, "x" * 500, id="a long line"),
    ],
)
def test_an_error_at_a_line_shows_it_and_so_does_the_dataset(
    studio: Studio, content: bytes, line: int, text: str
) -> None:
    details = preview(studio, content)["error"]["details"]

    assert (details["line"], details["line_text"]) == (line, text)
    answer = studio.request("POST", DATASETS, content=form(content), headers=MULTIPART)
    wait_for_ingests()
    path = f"{DATASETS}{answer.body['datasource']['id']}/"
    report = studio.get(path).body["datasource"]["ingest_report"]
    assert (report["line"], report["line_text"]) == (line, text)


def test_an_error_at_a_cell_names_its_row_and_column_and_shows_the_value(studio: Studio) -> None:
    options = {"columns": {"n": {"type": "integer"}}}

    shown = preview(studio, b"a,n\nx,1\ny," + b"z" * 900 + b"\n", options=options)

    assert shown["error"]["details"] == {"column": "n", "row": 2, "value": "z" * 500}


@pytest.mark.parametrize(
    ("content", "code", "remedies", "rows"),
    [
        (
            b"a,b\n1,2\n3\n",
            "INGEST_RAGGED_LINES",
            [{"ragged": "pad"}],
            [{"a": 1, "b": 2}, {"a": 3, "b": None}],
        ),
        (
            b'a,b\n1,"2\n3,4\n',
            "INGEST_BROKEN_QUOTING",
            [{"quote": ""}],
            [{"a": 1, "b": '"2'}, {"a": 3, "b": "4"}],
        ),
        (
            "n\nJosé\n".encode() + b"Ren\xe9\n",
            "INGEST_UNREADABLE_ENCODING",
            [{"bad_bytes": "replace"}],
            [{"n": "José"}, {"n": "Ren\ufffd"}],
        ),
        (b"\x89PNG\r\n", "INGEST_NOT_A_TABLE", [], []),
        (b"<html>", "INGEST_NOT_A_TABLE", [], []),
        (b"\n\n", "INGEST_EMPTY_FILE", [], []),
    ],
    ids=["ragged", "open quote", "bad byte", "image", "web page", "blank"],
)
def test_a_refusal_is_an_answer_with_rows_and_options_that_would_mend_it(
    studio: Studio, content: bytes, code: str, remedies: list[Any], rows: list[Any]
) -> None:
    shown = preview(studio, content)

    assert (shown["error"]["code"], shown["error"]["remedies"]) == (code, remedies)
    assert shown["rows"] == rows
    body = form(content)
    answer = studio.request("POST", DATASETS, content=body, headers=MULTIPART)
    wait_for_ingests()
    path = f"{DATASETS}{answer.body['datasource']['id']}/"
    loaded = studio.get(path).body["datasource"]
    assert loaded["error_reason"] == shown["error"]["reason"]
    for remedy in remedies:
        assert preview(studio, content, options=remedy)["error"] is None


def test_a_remedy_is_not_taken_for_what_the_owner_said(studio: Studio) -> None:
    guesses = preview(studio, b'a,b\n1,"2\n3,4\n')["guesses"]

    assert (guesses["quote"]["value"], guesses["quote"]["certainty"]) == ("", "guess")
    assert "see the error" in guesses["quote"]["why"]
    assert "see the error" not in guesses["delimiter"]["why"]


def test_a_wrong_sheet_is_answered_with_the_sheets_there_are(studio: Studio) -> None:
    shown = preview(studio, workbook(), "a.xlsx", options={"sheet": "Drei"})

    assert shown["error"]["code"] == "INGEST_SHEET_NOT_FOUND"
    assert "“Eins”, “Zwei”" in shown["error"]["reason"]
    assert shown["error"]["remedies"] == [{"sheet": None}]
    assert shown["rows"] == [{"a": 1}]


def test_an_option_that_does_not_apply_is_named_and_left_out(studio: Studio) -> None:
    shown = preview(studio, workbook(), "a.xlsx", options={"delimiter": ";", "sheet": "Zwei"})

    assert shown["error"]["code"] == "INGEST_OPTION_NOT_APPLICABLE"
    assert shown["error"]["remedies"] == [{"delimiter": None}]
    assert shown["rows"][0] == {"b": 2, "c": "x"}


@pytest.mark.parametrize(
    ("content", "options", "remedies", "rows"),
    [
        (
            b'[["a", "b"], [1, 2], [3]]',
            {},
            [{"ragged": "pad"}],
            [{"a": 1, "b": 2}, {"a": 3, "b": None}],
        ),
        (b'[["a", "b"], [1, 2], [3, 4, 5]]', {}, [], [{"a": 1, "b": 2}]),
        (b'[{"a": 1}]', {"header_row": 1}, [{"header_row": None}], [{"a": 1}]),
        (b"a,b\n1,2\n", {"quote": "\xfe"}, [{"quote": None}], [{"a": 1, "b": 2}]),
        (b"a,b\n1,2\n", {"comment": ",#"}, [{"comment": None}], [{"a": 1, "b": 2}]),
    ],
    ids=["short list", "long list", "header of records", "thorn", "delimiter as comment"],
)
def test_what_a_kind_of_file_makes_impossible_is_mended_too(
    studio: Studio, content: bytes, options: Any, remedies: list[Any], rows: list[Any]
) -> None:
    shown = preview(studio, content, options=options)

    assert shown["error"]["remedies"] == remedies
    assert shown["rows"] == (rows if remedies else [])


def test_a_type_that_does_not_fit_is_an_error_with_the_rows_as_they_would_be_without_it(
    studio: Studio,
) -> None:
    options = {"columns": {"a": {"type": "integer", "name": "n"}}}

    shown = preview(studio, b"a,b\n1,2\nx,4\n", options=options)

    assert shown["error"]["code"] == "INGEST_VALUE_NOT_OF_TYPE"
    assert shown["error"]["remedies"] == [{"columns": {"a": {"name": "n"}}}]
    assert shown["rows"] == [{"n": "1", "b": 2}, {"n": "x", "b": 4}]


def test_one_refusal_behind_another_is_mended_as_well(studio: Studio) -> None:
    content = "n,t\n1,José\n2\n".encode() + b"3,Ren\xe9\n"
    options = {"columns": {"x": {"type": "text"}}}

    shown = preview(studio, content, options=options)

    assert shown["error"]["code"] == "INGEST_UNREADABLE_ENCODING"
    (remedy,) = shown["error"]["remedies"]
    assert remedy == {"bad_bytes": "replace", "ragged": "pad", "columns": None}
    assert [row["t"] for row in shown["rows"]] == ["José", None, "Ren\ufffd"]


@pytest.mark.parametrize("error", [WorkbookTooLarge, UnfoldsTooLarge])
def test_a_file_that_takes_too_long_for_a_preview_is_not_said_to_be_refused(
    studio: Studio, monkeypatch: pytest.MonkeyPatch, error: type[IngestError]
) -> None:
    seconds: list[int] = []

    def give_up(path: Path, *, limits: Limits, **how: Any) -> None:
        seconds.extend([limits.workbook.cpu_seconds, limits.parquet.cpu_seconds])
        raise error

    monkeypatch.setattr(preview_module, "open_table", give_up)

    shown = preview(studio, workbook(), "a.xlsx")

    assert (shown["error"], shown["rows"]) == (None, [])
    assert "takes too long" in shown["warnings"][0]
    assert max(seconds) <= 20


def test_warnings_are_sentences(studio: Studio) -> None:
    content = b"a,a,c\n1,caf\xe9,NaN\n2,x,1.50\n-0,y,2\n"

    warnings = preview(studio, content)["warnings"]

    assert any("encoding is a guess" in warning for warning in warnings)
    assert any("“a_2”" in warning for warning in warnings)
    assert any("“NaN” becomes missing" in warning for warning in warnings)
    assert all(warning.endswith(".") for warning in warnings)


# Nothing is left


@pytest.mark.parametrize(
    ("content", "filename"),
    [
        (LINES, "a.csv"),
        (b"a,b\n1,2\n3\n", "a.csv"),
        (b"\x89PNG\r\n", "a.csv"),
        (workbook(), "a.xlsx"),
    ],
    ids=["large", "ragged", "image", "workbook"],
)
def test_nothing_is_stored(studio: Studio, places: Path, content: bytes, filename: str) -> None:
    send(studio, content, filename)

    assert files_below(places) == []
    assert not DataSource.objects.exists()
    assert not DataRow.objects.exists()


def test_the_file_has_no_name_while_it_is_read_so_that_a_killed_process_leaves_nothing(
    studio: Studio, places: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[list[Path]] = []
    preview_file = preview_service.preview_file

    def look(path: Path, **how: Any) -> Any:
        seen.append(files_below(places))
        return preview_file(path, **how)

    monkeypatch.setattr(preview_service, "preview_file", look)

    preview(studio, LINES)

    assert seen == [[]]


def test_its_descriptors_are_closed(studio: Studio) -> None:
    before = len(os.listdir("/proc/self/fd"))

    for content in (LINES, b"a,b\n1\n", b"\x89PNG\r\n"):
        send(studio, content)
    send(studio, LINES, options="{")

    assert len(os.listdir("/proc/self/fd")) <= before


def test_a_file_beyond_the_limit_is_refused(studio: Studio, settings: Any, places: Path) -> None:
    settings.UPLOADS = settings.UPLOADS | {"MAX_BYTES": 1_000}

    answer = send(studio, b"a\n" + b"1" * 999)

    assert list(faults(answer, "PAYLOAD_TOO_LARGE")) == []
    assert files_below(places) == []


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"--x--\r\n", "INVALID_PARAMETER"),
        (part("file", b"", "a.csv") + b"--x--\r\n", "INVALID_PARAMETER"),
        (form(b"a\n", is_head="perhaps"), "INVALID_PARAMETER"),
        (form(b"a\n", options='{"trim": 1}'), "INVALID_PARAMETER"),
        (form(b"a\n", delimiter=";"), "INVALID_PARAMETER"),
        (form(LINES)[:-4], "INVALID_UPLOAD"),
        (b"x", "INVALID_UPLOAD"),
    ],
    ids=[
        "no file",
        "an empty file",
        "no boolean",
        "a wrong option",
        "another field",
        "broken off",
        "no form",
    ],
)
def test_a_request_that_is_none_is_refused(
    studio: Studio, places: Path, body: bytes, code: str
) -> None:
    answer = studio.request("POST", PREVIEW, content=body, headers=MULTIPART)

    assert list(faults(answer, code)) == []
    assert files_below(places) == []


def test_it_needs_a_user() -> None:
    answer = send(Studio(token=""), b"a,b\n1,2\n")

    assert answer.status == 401
