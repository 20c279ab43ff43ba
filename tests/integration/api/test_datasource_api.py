"""Datasets over HTTP: upload, see it load, read it, delete it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson
import pytest
from django.contrib.auth.models import User

from data_tools.ingest.loading import progress
from data_tools.models import DataRow, DataSource
from tests.contract.error_shape import faults
from tests.contract.shapes import PAGINATION, iso_time, mismatches, written_uuid
from tests.support.patience import PATIENCE_SECONDS
from tests.support.serving import Server
from tests.support.small_datasets import publish
from tests.support.studio_client import Answer, InProcess, Studio, Transport
from tests.support.uploads import DATASETS, MULTIPART, form
from tests.support.users import token_of

LISTED = {
    "id": written_uuid,
    "name": str,
    "description": str,
    "original_filename": str,
    "status": {"UPLOADING", "PROCESSING", "READY", "ERROR"},
    "progress": int,
    "error_reason": str,
    "row_count": int,
    "column_count": int,
    "fingerprint": str,
    "parent": (written_uuid, None),
    "created_at": iso_time,
}
SINGLE = LISTED | {"columns": [{"name": str, "type": str}], "ingest_report": dict}


class Datasets:
    """A user's client of `/api/datasources/`."""

    def __init__(self, user: User, transport: Transport | None = None) -> None:
        self.studio = Studio(token=token_of(user), transport=transport or InProcess())

    def upload(self, content: bytes, filename: str = "small.csv", name: str = "") -> Answer:
        fields = {"name": name} if name else {}
        body = form(content, filename, **fields)
        return self.studio.request("POST", DATASETS, content=body, headers=MULTIPART)

    def look(self, datasource_id: str) -> dict[str, Any]:
        answer = self.studio.get(f"{DATASETS}{datasource_id}/")
        assert answer.status == 200, answer
        assert mismatches(answer.body["datasource"], SINGLE) == []
        return answer.body["datasource"]

    def watch(self, datasource_id: str) -> Iterator[dict[str, Any]]:
        """Poll the dataset until it has been loaded or has failed."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < deadline:
            seen = self.look(datasource_id)
            yield seen
            if seen["status"] in ("READY", "ERROR"):
                return
            time.sleep(0.01)
        raise AssertionError("it never ended")

    def load(self, content: bytes, **how: str) -> dict[str, Any]:
        """Upload a file, and return the dataset in its final state."""
        uploaded = self.upload(content, **how)
        assert uploaded.status == 201, uploaded
        *_, last = self.watch(uploaded.body["datasource"]["id"])
        return last

    def delete(self, datasource_id: str) -> Answer:
        return self.studio.request("DELETE", f"{DATASETS}{datasource_id}/")

    def rows(self, datasource_id: str) -> list[dict[str, Any]]:
        return replace(self.studio, datasource_id=datasource_id).get("data/").body["data"]


@pytest.fixture
def datasets(media: Path, user: User) -> Datasets:
    return Datasets(user)


# Upload


@pytest.mark.django_db(transaction=True)
def test_an_uploaded_file_becomes_a_dataset_with_its_rows(datasets: Datasets) -> None:
    content = 'id;name;delay\n1;Ärger;2,5\n007;"two\nlines";\n'.encode()

    answer = datasets.upload(content, filename="Flüge 2013.csv")

    assert answer.status == 201
    assert mismatches(answer.body, {"success": {True}, "datasource": SINGLE}) == []
    *_, loaded = datasets.watch(answer.body["datasource"]["id"])
    assert (loaded["status"], loaded["progress"], loaded["error_reason"]) == ("READY", 100, "")
    assert (loaded["name"], loaded["original_filename"]) == ("Flüge 2013", "Flüge 2013.csv")
    assert (loaded["row_count"], loaded["column_count"]) == (2, 3)
    assert loaded["columns"] == [
        {"name": "id", "type": "text"},
        {"name": "name", "type": "text"},
        {"name": "delay", "type": "text"},
    ]
    assert datasets.rows(loaded["id"]) == [
        {"id": "1", "name": "Ärger", "delay": "2,5"},
        {"id": "007", "name": "two\nlines", "delay": None},
    ]


@pytest.mark.django_db(transaction=True)
def test_an_upload_may_be_named(datasets: Datasets) -> None:
    assert datasets.load(b"a,b\n1,2\n", name="Nächte")["name"] == "Nächte"


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("filename", "kept"),
    [
        ("../../etc/passwd.csv", "passwd.csv"),
        ("/etc/passwd", "passwd"),
        ("C:\\\\temp\\\\a.csv", "a.csv"),
        ("x" * 300 + ".csv", "x" * 251 + ".csv"),
        ("<script>.csv", "<script>.csv"),
    ],
)
def test_no_file_name_leads_out_of_our_folder(
    datasets: Datasets, media: Path, settings: Any, filename: str, kept: str
) -> None:
    settings.KEEP_UPLOADED_FILES = True
    loaded = datasets.load(b"a,b\n1,2\n", filename=filename)

    assert (loaded["status"], loaded["original_filename"]) == ("READY", kept)
    stored = Path(DataSource.objects.get(pk=loaded["id"]).file.path).resolve()
    assert stored.is_relative_to(media.resolve())


@pytest.mark.django_db(transaction=True)
def test_the_progress_of_a_dataset_can_be_seen_while_it_loads(
    datasets: Datasets, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Here at every step; the service writes it once a second."""
    monkeypatch.setattr(progress, "_SECONDS_BETWEEN_WRITES", 0.0)
    lines = b"".join(b"%d,%d.5,name %d,2013-01-01\n" % (n, n, n) for n in range(150_000))

    answer = datasets.upload(b"id,delay,name,day\n" + lines)

    seen = list(datasets.watch(answer.body["datasource"]["id"]))
    loading = [look["progress"] for look in seen if look["status"] == "PROCESSING"]
    assert [percent for percent in loading if 0 < percent < 100]
    assert loading == sorted(loading)
    assert all(look["row_count"] == 0 for look in seen[:-1])
    assert (seen[-1]["status"], seen[-1]["row_count"]) == ("READY", 150_000)


@pytest.mark.django_db(transaction=True)
def test_every_process_of_the_server_knows_the_progress_of_a_dataset(
    server: Server, user: User
) -> None:
    datasets = Datasets(user, server.transport)
    lines = b"".join(b"%d,%d.5,name %d,2013-01-01\n" % (n, n, n) for n in range(200_000))

    loaded = datasets.load(b"id,delay,name,day\n" + lines)

    try:
        assert (loaded["status"], loaded["row_count"]) == ("READY", 200_000)
        assert datasets.rows(loaded["id"])[1] == {
            "id": 1,
            "delay": 1.5,
            "name": "name 1",
            "day": "2013-01-01",
        }
    finally:
        assert datasets.delete(loaded["id"]).status == 200  # its file lies with the server's own


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"a,b\n1,2\n3\n4,5\n", ("line", "3")),
        (b"a,b\n1,2\n3,4,5\n", ("line", "3")),
        (b'a,b\n1,"2\n', ("quotation mark",)),
        (b"PK\x03\x04" + bytes(100), ("zip archive",)),
        (b"a,b\n1,\x00\n", ("row 1", "“b”")),
    ],
    ids=["a field less", "a field more", "an open quote", "a zip", "a NUL"],
)
def test_a_file_that_is_not_a_table_is_an_error_with_a_reason_and_without_rows(
    datasets: Datasets, media: Path, content: bytes, words: tuple[str, ...]
) -> None:
    loaded = datasets.load(content)

    assert loaded["status"] == "ERROR"
    assert loaded["error_reason"]
    assert all(word in loaded["error_reason"] for word in words), loaded["error_reason"]
    assert (loaded["row_count"], loaded["columns"]) == (0, [])
    assert not DataRow.objects.exists()
    opened = replace(datasets.studio, datasource_id=loaded["id"]).post("session/initialize/")
    assert list(faults(opened, "DATASOURCE_FAILED", sentence=True)) == []
    assert loaded["error_reason"] in opened.error["message"]
    assert opened.error["retryable"] is False
    actions = [action["action"] for action in opened.error["recovery_actions"]]
    assert actions == ["show_dataset", "list_datasets"]
    assert opened.error["details"]["reason_code"] == loaded["ingest_report"]["code"]
    assert not [path for path in media.rglob("*") if path.is_file()]


# List


@pytest.mark.django_db
def test_the_list_has_the_users_own_datasets_newest_first_in_pages(
    datasets: Datasets, user: User, other_user: User
) -> None:
    for number in range(5):
        publish(user, rows=[], name=f"mine {number}")
    publish(other_user, rows=[], name="theirs")

    first = datasets.studio.get(DATASETS, {"page_size": 2})
    last = datasets.studio.get(DATASETS, {"page_size": 2, "page_number": 3})

    shape = {"success": {True}, "datasources": [LISTED], "pagination": PAGINATION}
    assert mismatches(first.body, shape) == []
    assert not [
        item for item in first.body["datasources"] if {"columns", "ingest_report"} & set(item)
    ]
    assert [item["name"] for item in first.body["datasources"]] == ["mine 4", "mine 3"]
    assert [item["name"] for item in last.body["datasources"]] == ["mine 0"]
    assert last.body["pagination"] == {
        "page_number": 3,
        "page_size": 2,
        "total_rows": 5,
        "filtered_rows": 5,
        "total_pages": 3,
        "has_next": False,
        "has_previous": True,
    }


@pytest.mark.django_db
def test_a_user_without_datasets_has_an_empty_list(datasets: Datasets) -> None:
    body = datasets.studio.get(DATASETS).body

    assert (body["datasources"], body["pagination"]["total_pages"]) == ([], 0)


# Delete


@pytest.mark.django_db(transaction=True)
def test_deleting_removes_the_rows_and_the_file_for_good(
    datasets: Datasets, media: Path, settings: Any
) -> None:
    settings.KEEP_UPLOADED_FILES = True
    loaded = datasets.load(b"a,b\n1,2\n")
    assert [path for path in media.rglob("*") if path.is_file()]

    answer = datasets.delete(loaded["id"])

    assert (answer.status, answer.body["success"]) == (200, True)
    assert not DataRow.objects.exists()
    assert not [path for path in media.rglob("*") if path.is_file()]
    for again in (
        datasets.studio.get(f"{DATASETS}{loaded['id']}/"),
        datasets.delete(loaded["id"]),
    ):
        assert list(faults(again, "DATASOURCE_NOT_FOUND")) == []
    assert datasets.studio.get(DATASETS).body["datasources"] == []


@pytest.mark.django_db
def test_nobody_deletes_somebody_elses_dataset(datasets: Datasets, other_user: User) -> None:
    theirs = publish(other_user)

    answer = datasets.delete(str(theirs.pk))

    assert list(faults(answer, "DATASOURCE_NOT_FOUND")) == []
    assert DataRow.objects.filter(dataset_id=theirs.pk).count() == theirs.row_count


@pytest.mark.django_db
def test_a_session_on_a_deleted_dataset_says_so(datasets: Datasets, user: User) -> None:
    datasource = publish(user)
    studio = replace(datasets.studio, datasource_id=datasource.pk)
    studio.post("session/initialize/")
    studio.post("session/rename-column/", {"old_name": "id", "new_name": "key"})
    datasets.delete(str(datasource.pk))

    verdict = studio.get("session/validate/").body

    assert (verdict["session_valid"], verdict["recovery_possible"]) == (False, False)
    assert verdict["suggested_action"] == "start_new"
    assert [reason["code"] for reason in verdict["reasons"]] == ["source_deleted"]


@pytest.mark.django_db
def test_an_answer_is_json_even_for_names_that_need_escaping(
    datasets: Datasets, user: User
) -> None:
    publish(user, rows=[], name='"</script>\\ \u2028')

    content = datasets.studio.get(DATASETS).content

    assert orjson.loads(content)["datasources"][0]["name"] == '"</script>\\ \u2028'


@pytest.mark.django_db
def test_a_dataset_gets_another_name_and_keeps_everything_else(
    datasource: DataSource, user: User, other_user: User
) -> None:
    address = f"{DATASETS}{datasource.pk}/"
    studio = Studio(token=token_of(user), transport=InProcess())
    before = studio.get(address).body["datasource"]

    def rename(client: Studio, name: str) -> Answer:
        return client.request("PATCH", address, content=orjson.dumps({"name": name}))

    renamed = rename(studio, " Flights of 2013 ")
    others = Studio(token=token_of(other_user), transport=InProcess())

    assert renamed.status == 200
    assert renamed.body["datasource"]["name"] == "Flights of 2013"
    assert studio.get(address).body["datasource"] == before | {"name": "Flights of 2013"}
    assert rename(others, "mine").status == 404
    assert studio.get(address).body["datasource"]["name"] == "Flights of 2013"
