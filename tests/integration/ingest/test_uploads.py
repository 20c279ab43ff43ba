"""An upload before its file is read: refused at once, or stored under a safe name."""

from __future__ import annotations

import http.client
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, OperationalError

from data_tools.models import DataSource
from data_tools.services import dataset_service
from data_tools.sql.postgres.calls import OutcomeUnknown
from data_tools.sql.postgres.connections import Connection
from data_tools.under_way.requests import under_way
from tests.contract.error_shape import faults
from tests.support.patience import PATIENCE_SECONDS, wait_for_ingests
from tests.support.serving import Server
from tests.support.small_datasets import publish
from tests.support.studio_client import Answer, Studio
from tests.support.time_over import time_is_over_after
from tests.support.uploads import DATASETS, MULTIPART, form
from tests.support.users import token_of
from tests.support.workbooks import xlsx

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def places(media: Path, settings: Any, tmp_path: Path) -> Path:
    """Return the folder below which an upload writes everything."""
    for name in ("media", "temporary"):
        (tmp_path / name).mkdir()
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.FILE_UPLOAD_TEMP_DIR = tmp_path / "temporary"
    settings.FILE_UPLOAD_MAX_MEMORY_SIZE = 100  # larger files go to the disk while they come
    return tmp_path


@pytest.fixture
def studio(user: User) -> Studio:
    return Studio(token=token_of(user))


def send(studio: Studio, body: bytes, path: str = DATASETS) -> Answer:
    return studio.request("POST", path, content=body, headers=MULTIPART)


def loaded(studio: Studio, answer: Answer) -> dict[str, Any]:
    wait_for_ingests()
    path = f"{DATASETS}{answer.body['datasource']['id']}/"
    return studio.get(path).body["datasource"]


def files_below(place: Path) -> list[Path]:
    return [path for path in place.rglob("*") if path.is_file() or path.is_symlink()]


def limited(settings: Any, **limits: int) -> None:
    settings.UPLOADS = settings.UPLOADS | limits


# Limits


def test_a_file_beyond_the_limit_is_refused_and_leaves_nothing(
    studio: Studio, settings: Any, places: Path
) -> None:
    limited(settings, MAX_BYTES=1_000)
    most, more = b"a\n" + b"1" * 998, b"a\n" + b"1" * 999

    refused = send(studio, form(more))

    assert list(faults(refused, "PAYLOAD_TOO_LARGE")) == []
    assert refused.error["details"] == {"maximum_bytes": 1_000}
    assert "1,000 bytes" in refused.error["user_message"]
    assert not DataSource.objects.exists()
    assert files_below(places) == []
    assert send(studio, form(most)).status == 201


@pytest.mark.parametrize("declared", ["10", "1000000", "100000000000", "-5", "x"])
def test_a_wrong_content_length_makes_no_dataset(
    studio: Studio, settings: Any, places: Path, declared: str
) -> None:
    limited(settings, MAX_BYTES=200_000)

    answer = declare(studio, form(b"a\n" + b"1\n" * 50_000), declared)

    assert answer.status in (400, 413), answer
    assert answer.error["code"] in ("INVALID_UPLOAD", "PAYLOAD_TOO_LARGE", "INVALID_PARAMETER")
    assert files_below(places) == []


def declare(studio: Studio, body: bytes, length: str) -> Answer:
    """Send the body with this Content-Length."""
    client = studio.transport.client
    response = client.generic(
        "POST",
        DATASETS,
        data=body,
        content_type=MULTIPART["Content-Type"],
        headers={"Authorization": f"Token {studio.token}"},
        CONTENT_LENGTH=length,
    )
    return Answer(
        status=response.status_code, headers=dict(response.items()), content=response.content
    )


@pytest.mark.parametrize("cut", [1, 5, 50, 50_000])
def test_an_upload_that_breaks_off_makes_no_dataset(studio: Studio, places: Path, cut: int) -> None:
    body = form(b"a\n" + b"1\n" * 50_000)[: -cut - 4]

    answer = send(studio, body)

    assert list(faults(answer, "INVALID_UPLOAD")) == []
    assert "broke off" in answer.error["user_message"]
    assert not DataSource.objects.exists()
    assert files_below(places) == []


def test_the_server_refuses_a_large_file_before_it_has_arrived(tmp_path: Path, user: User) -> None:
    """The request announces a hundred gigabytes and sends one piece of them."""
    limits = {"UPLOAD_MAX_BYTES": "1000"}
    with Server(log=tmp_path / "log", workers=1, environment=limits) as server:
        connection = http.client.HTTPConnection("127.0.0.1", server.port, PATIENCE_SECONDS)
        connection.putrequest("POST", DATASETS)
        connection.putheader("Authorization", f"Token {token_of(user)}")
        connection.putheader("Content-Type", MULTIPART["Content-Type"])
        connection.putheader("Content-Length", str(100 << 30))
        connection.endheaders(form(b"a\n" + b"1" * 5_000)[:2_000])
        answer = Answer.read(connection.getresponse())
        connection.close()

    assert list(faults(answer, "PAYLOAD_TOO_LARGE")) == []
    assert not DataSource.objects.exists()


def test_a_file_is_not_kept_if_its_dataset_cannot_be_stored(
    user: User, places: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(datasource: DataSource) -> None:
        raise DatabaseError

    monkeypatch.setattr(dataset_service, "start_ingest", fail)
    file = SimpleUploadedFile("a.csv", b"a\n1\n")

    with pytest.raises(DatabaseError):
        dataset_service.create_from_upload(owner=user, uploaded_file=file)

    assert not DataSource.objects.exists()
    assert files_below(places) == []


def store(user: User, dataset: DataSource | None) -> DataSource:
    """Upload a file as a new dataset, or again for the one that is given."""
    file = SimpleUploadedFile("a.csv", b"a\n1\n")
    if dataset is None:
        return dataset_service.create_from_upload(owner=user, uploaded_file=file)
    return dataset_service.upload_again(owner=user, datasource_id=dataset.pk, uploaded_file=file)


@pytest.mark.parametrize("is_again", [False, True], ids=["new", "again"])
def test_a_file_is_kept_if_its_dataset_may_be_committed(
    user: User, places: Path, monkeypatch: pytest.MonkeyPatch, is_again: bool
) -> None:
    """The COMMIT goes through, and its answer never comes."""
    dataset = publish(user) if is_again else None
    commit = Connection.commit

    def unanswered(connection: Connection) -> None:
        commit(connection)
        raise OutcomeUnknown

    monkeypatch.setattr(dataset_service, "start_ingest", lambda _: None)
    monkeypatch.setattr(Connection, "commit", unanswered)
    with pytest.raises(OperationalError):
        store(user, dataset)
    monkeypatch.undo()

    waiting = DataSource.objects.get(status="UPLOADING")
    with (waiting.reupload_file if is_again else waiting.file).open() as stored:
        assert stored.read() == b"a\n1\n"


@pytest.mark.parametrize("is_again", [False, True], ids=["new", "again"])
def test_a_file_is_not_kept_if_the_time_is_over_before_its_dataset_is_committed(
    user: User, places: Path, is_again: bool
) -> None:
    dataset = publish(user) if is_again else None
    at_the_end = '"owner_id", "data_tools_datasource"."file_bytes"'

    with under_way(PATIENCE_SECONDS), time_is_over_after(at_the_end):
        with pytest.raises(OperationalError):
            store(user, dataset)

    assert not DataSource.objects.filter(status="UPLOADING").exists()
    assert files_below(places) == []


# Names


@pytest.mark.parametrize(
    ("filename", "kept"),
    [
        ("../../etc/passwd", "passwd"),
        ("..\\\\..\\\\x", "x"),
        ("/etc/passwd", "passwd"),
        ("C:\\\\x\\\\a.csv", "a.csv"),
        ("&#46;&#46;&#47;a.csv", "a.csv"),
        ("a\u202egnp.csv", "agnp.csv"),
        ("a\u0007b.csv", "ab.csv"),
        ("con.csv", "con.csv"),
        (".htaccess", ".htaccess"),
        ("a;b&c|d$(e)`f`.csv", "a;b&c|d$(e)`f`.csv"),
        ("x" * 900, "x" * 255),
    ],
)
def test_a_file_name_cannot_escape_the_folder_and_is_shown_without_its_path(
    studio: Studio, places: Path, settings: Any, filename: str, kept: str
) -> None:
    settings.KEEP_UPLOADED_FILES = True
    dataset = loaded(studio, send(studio, form(b"a,b\n1,2\n", filename=filename)))

    assert (dataset["status"], dataset["original_filename"]) == ("READY", kept)
    (stored,) = files_below(places)
    assert stored.resolve().is_relative_to(places / "media" / "datasources")
    assert not stored.is_symlink()
    assert all(character.isalnum() or character in "._-" for character in stored.name)


@pytest.mark.parametrize("filename", ["..", ".", "", "x/", "\u202e", "x" * 10_000])
def test_an_unusable_file_name_is_refused(studio: Studio, places: Path, filename: str) -> None:
    answer = send(studio, form(b"a,b\n1,2\n", filename=filename))

    assert answer.status == 400, answer
    assert answer.error["code"] in ("INVALID_PARAMETER", "INVALID_UPLOAD")
    assert files_below(places) == []


# Sheets

TWO_SHEETS = xlsx(Eins=[["a"], [1]], Zwei=[["b", "c"], [2, 3]])


def test_the_sheet_of_a_workbook_can_be_chosen(studio: Studio) -> None:
    first = loaded(studio, send(studio, form(TWO_SHEETS, "a.xlsx")))
    second = loaded(studio, send(studio, form(TWO_SHEETS, "a.xlsx", sheet="Zwei")))
    absent = loaded(studio, send(studio, form(TWO_SHEETS, "a.xlsx", sheet="Drei")))

    assert [column["name"] for column in first["columns"]] == ["a"]
    assert [column["name"] for column in second["columns"]] == ["b", "c"]
    assert second["ingest_report"]["sheets"] == ["Eins", "Zwei"]
    assert (absent["status"], absent["ingest_report"]["code"]) == (
        "ERROR",
        "INGEST_SHEET_NOT_FOUND",
    )
    assert "“Eins”, “Zwei”" in absent["error_reason"]


def test_another_file_can_load_another_sheet(studio: Studio, user: User) -> None:
    datasource = publish(user)
    path = f"{DATASETS}{datasource.pk}/file/"

    answer = send(studio, form(TWO_SHEETS, "a.xlsx", sheet="Zwei"), path)

    dataset = loaded(studio, answer)
    assert (dataset["revision"], dataset["ingest_report"]["sheet"]) == (2, "Zwei")
    dataset = loaded(studio, send(studio, form(TWO_SHEETS, "a.xlsx"), path))
    assert (dataset["revision"], dataset["ingest_report"]["sheet"]) == (3, "Eins")


@pytest.mark.parametrize("sheet", ["x" * 256, "a\x00b"])
def test_an_impossible_sheet_name_is_refused(studio: Studio, sheet: str) -> None:
    answer = send(studio, form(TWO_SHEETS, "a.xlsx", sheet=sheet))

    assert list(faults(answer, "INVALID_PARAMETER")) == []
    assert not DataSource.objects.exists()


@pytest.mark.parametrize(
    ("path", "field"),
    [
        ("", "delimiter"),
        ("", "is_head"),
        ("{}/file/", "name"),
        ("{}/file/", "Sheet"),
        ("preview/", "name"),
        ("preview/", "File"),
    ],
)
def test_a_field_that_the_form_does_not_have_is_refused_by_name(
    studio: Studio, user: User, places: Path, path: str, field: str
) -> None:
    datasource = publish(user)
    body = form(b"a\n" + b"1\n" * 100, **{field: "true"})

    answer = send(studio, body, DATASETS + path.format(datasource.pk))

    assert list(faults(answer, "INVALID_PARAMETER")) == []
    assert answer.error["details"]["path"] == field
    assert "options" in answer.error["details"]["known"]
    assert DataSource.objects.get() == datasource
    datasource.refresh_from_db()
    assert datasource.revision == 1
    assert files_below(places) == []


def test_a_page_may_send_its_csrf_token_in_the_form(studio: Studio) -> None:
    answer = send(studio, form(b"a\n1\n", csrfmiddlewaretoken="a" * 64))

    assert loaded(studio, answer)["row_count"] == 1
