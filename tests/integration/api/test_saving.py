"""Save a session as a new dataset: all of it or nothing, once, and as if loaded from a file."""

from __future__ import annotations

import uuid
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext

from data_tools.ingest import load_file
from data_tools.models import DataRow, DataSource
from data_tools.services import save_service
from data_tools.services.session_request import SessionRequest
from session_events import saved_sessions
from session_events.events import SessionSaved
from session_events.recording import Command
from session_events.state import Status
from tests.support import written_log
from tests.support.small_datasets import ROWS, publish
from tests.support.studio_client import STRUCTURED, Answer, Studio
from tests.support.studios import fill, open_studio, rename, studio_of
from tests.support.written_log import everything

pytestmark = pytest.mark.django_db

AWKWARD_CSV = """number,float,text,flag,day,seen
9007199254740993,1e16,"a ""quote"", and a comma",true,2013-01-01,2013-01-01T05:15:00.120Z
-1,0.1,"two
lines",false,0001-01-01,9999-12-31T23:59:59.000Z
,5e-324,"",,9999-12-31,
3,,back\\slash é 名 \x1f,true,,2013-01-01T05:15:00.999Z
4,1.7976931348623157e+308,NA,false,2013-01-01,2013-01-01T00:00:00.000Z
"""


@pytest.fixture
def studio(user: User, datasource: DataSource) -> Studio:
    """An open session with its carriers filled and its delay renamed to late."""
    steps = [fill("carrier", "mode"), rename("delay", "late")]
    return open_studio(user, datasource, steps=steps, headers=STRUCTURED)


def saved_by(answer: Answer) -> DataSource:
    assert answer.status == 200, answer
    return DataSource.objects.get(pk=answer.body["new_datasource"]["id"])


def rows_of(datasource: DataSource) -> list[tuple[int, list[Any]]]:
    rows = DataRow.objects.filter(dataset_id=datasource.pk, revision=datasource.revision)
    return list(rows.order_by("row_number").values_list("row_number", "values"))


def test_the_new_dataset_has_the_sessions_rows_columns_and_recipe(
    studio: Studio, user: User, datasource: DataSource
) -> None:
    recipe = studio.get("session/recipe/").body["recipe"]

    saved = saved_by(studio.post("session/save/", {"name": "filled", "description": "by mode"}))

    filled = [[*row[:1], "UA" if row[1] is None else row[1], *row[2:]] for row in ROWS]
    assert rows_of(saved) == list(enumerate(filled, start=1))
    assert [column["name"] for column in saved.columns][:3] == ["id", "carrier", "late"]
    assert (saved.owner, saved.parent, saved.row_count) == (user, datasource, len(ROWS))
    assert (saved.name, saved.description) == ("filled", "by mode")
    assert (saved.status, saved.revision) == (DataSource.Status.READY, 1)
    assert saved.recipe == recipe
    shown = studio.get(f"/api/datasources/{saved.pk}/").body["datasource"]
    assert (shown["recipe"], shown["parent"]) == (recipe, str(datasource.pk))


def test_the_session_ends_as_saved_in_that_dataset_and_can_be_recovered(
    studio: Studio, user: User, datasource: DataSource
) -> None:
    answer = studio.post("session/save/")

    saved = saved_by(answer)
    head = written_log.head(user.pk, datasource.pk)
    assert (head.status, head.is_open) == (Status.SAVED, False)
    assert saved.saved_from == {
        "session_id": str(head.stream_id),
        "version": answer.body["version"],
        "attempts": 0,
        "rows": saved.row_count,
    }
    assert studio.get("session/validate/").body["status"] == "saved"
    recovered = studio.post("session/recover/", {"strategy": "auto"})
    assert [step["operation"] for step in recovered.body["operations"]] == [
        "fill_missing_values",
        "rename_column",
    ]


def test_a_saved_dataset_can_be_opened_worked_on_and_saved_again(
    studio: Studio, user: User
) -> None:
    first = saved_by(studio.post("session/save/", {"name": "first"}))
    again = studio_of(user, first, headers=STRUCTURED)

    assert again.post("session/initialize/").body["column_info"][2] == "late"
    again.post("session/fill-missing-values/", {"columns": ["late"], "strategy": "median"})
    second = saved_by(again.post("session/save/"))

    assert (second.parent, second.name) == (first, "first_transformed")
    assert second.fingerprint != first.fingerprint
    page = studio_of(user, second, headers=STRUCTURED).get("data/", {"sort": "late"}).body
    assert None not in [row["late"] for row in page["data"]]


def test_the_fingerprint_is_that_of_the_file_that_the_rows_came_from(
    user: User, tmp_path: Path, transactional_db: None
) -> None:
    file = tmp_path / "awkward.csv"
    file.write_text(AWKWARD_CSV)
    loaded = load_file(file, owner=user, name="awkward")
    studio = studio_of(user, loaded, headers=STRUCTURED)
    studio.post("session/initialize/")

    saved = saved_by(studio.post("session/save/"))

    assert [column["type"] for column in loaded.columns] == [
        *("integer", "float", "text", "boolean", "date", "datetime")
    ]
    assert saved.fingerprint == loaded.fingerprint
    assert rows_of(saved) == rows_of(loaded)


def test_computed_values_have_the_fingerprint_of_a_file_with_them(
    user: User, tmp_path: Path, transactional_db: None
) -> None:
    numbers, spelled = tmp_path / "numbers.csv", tmp_path / "floats.csv"
    numbers.write_text("a,b\n2,x\n1000000,y\n,z\n")
    spelled.write_text("a,b\n2.0,x\n1e6,y\n,z\n")
    loaded = load_file(numbers, owner=user, name="numbers")
    studio = studio_of(user, loaded, headers=STRUCTURED)
    studio.post("session/initialize/")
    studio.post("session/change-column-type/", {"column_name": "a", "new_type": "float"})

    saved = saved_by(studio.post("session/save/"))

    assert saved.fingerprint == load_file(spelled, owner=user, name="floats").fingerprint


def test_a_dataset_without_rows_can_be_saved(user: User) -> None:
    studio = studio_of(user, publish(user, rows=[]), headers=STRUCTURED)
    studio.post("session/initialize/")

    saved = saved_by(studio.post("session/save/"))

    assert (saved.status, saved.row_count) == (DataSource.Status.READY, 0)


def test_the_default_name_fits_however_long_the_datasets_name_is(user: User) -> None:
    studio = studio_of(user, publish(user, name="x" * 250), headers=STRUCTURED)
    studio.post("session/initialize/")

    saved = saved_by(studio.post("session/save/", {"name": None, "description": None}))

    assert saved.name == "x" * 243 + "_transformed"


# Once, or not at all


def test_the_same_request_again_is_answered_with_the_same_dataset(studio: Studio) -> None:
    body = {"name": "filled", "client_operation_id": str(uuid.uuid4())}
    first = studio.post("session/save/", body)
    before = everything()

    again = studio.post("session/save/", body)

    assert (first.body["repeated"], again.body["repeated"]) == (False, True)
    for key in ("new_datasource", "version", "saved_at", "session_id"):
        assert again.body[key] == first.body[key]
    assert everything() == before


def test_an_idempotency_key_stands_for_one_request(studio: Studio) -> None:
    key = {"Idempotency-Key": "save once"}
    first = studio.post("session/save/", {"name": "a"}, headers=key)
    before = everything()

    again = studio.post("session/save/", {"name": "a"}, headers=key)
    other = studio.post("session/save/", {"name": "b"}, headers=key)

    assert again.body["new_datasource"] == first.body["new_datasource"]
    assert other.error["code"] == "CLIENT_OPERATION_ID_REUSED"
    assert everything() == before


def test_a_repeated_request_whose_dataset_was_deleted_does_not_make_it_again(
    studio: Studio,
) -> None:
    body = {"client_operation_id": str(uuid.uuid4())}
    saved = saved_by(studio.post("session/save/", body))
    assert studio.request("DELETE", f"/api/datasources/{saved.pk}/").status == 200
    before = everything()

    again = studio.post("session/save/", body)

    assert (again.status, again.error["code"]) == (404, "DATASOURCE_NOT_FOUND")
    assert everything() == before


def test_a_repeated_request_finds_its_dataset_after_the_source_was_deleted(
    studio: Studio, datasource: DataSource
) -> None:
    body = {"client_operation_id": str(uuid.uuid4())}
    saved = saved_by(studio.post("session/save/", body))
    assert studio.request("DELETE", f"/api/datasources/{datasource.pk}/").status == 200

    assert saved_by(studio.post("session/save/", body)) == saved


def test_saving_at_an_outdated_version_is_refused(studio: Studio) -> None:
    before = everything()

    answer = studio.post("session/save/", {"expected_version": 1})

    assert answer.error["code"] == "SESSION_CONFLICT"
    assert everything() == before


@pytest.mark.parametrize(
    ("end", "code"), [("clear", "SESSION_NOT_FOUND"), ("pause", "SESSION_PAUSED")]
)
def test_a_session_that_is_not_active_is_not_saved(studio: Studio, end: str, code: str) -> None:
    studio.post(f"session/{end}/")
    before = everything()

    answer = studio.post("session/save/")

    assert answer.error["code"] == code
    assert everything() == before


def test_a_failure_while_saving_leaves_nothing_behind_and_the_session_open(
    studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By then the rows are written and the event is appended."""
    save = DataSource.save

    def failing(self: DataSource, **options: Any) -> None:
        save(self, **options)
        raise RuntimeError("the power is gone")

    before = everything()
    monkeypatch.setattr(DataSource, "save", failing)

    answer = studio.post("session/save/")

    assert (answer.status, answer.error["code"]) == (500, "INTERNAL_ERROR")
    assert everything() == before
    assert studio.get("session/status/").body["session_exists"] is True


def test_no_dataset_is_saved_if_rows_are_deleted_while_they_are_copied(
    studio: Studio, datasource: DataSource
) -> None:
    DataRow.objects.filter(dataset_id=datasource.pk, row_number=3).delete()
    before = everything()

    answer = studio.post("session/save/")

    assert answer.error["code"] == "ROWS_GONE"
    assert everything() == before


def test_one_statement_copies_the_rows_inside_the_database(studio: Studio) -> None:
    with CaptureQueriesContext(
        connection,
    ) as queries:
        assert studio.post("session/save/").status == 200

    inserts = [q["sql"] for q in queries if "INSERT INTO data_tools_datarow" in q["sql"]]
    assert len(inserts) == 1
    assert "007" not in inserts[0]


def test_the_event_names_the_dataset(studio: Studio, user: User, datasource: DataSource) -> None:
    command = Command(actor_id=user.pk, client_operation_id=uuid.uuid4())

    saved = save_service.save(
        SessionRequest(datasource_id=datasource.pk, command=command), name=None, description=None
    )

    before = saved_sessions.saved_before(command, dataset_id=datasource.pk)
    assert before is not None
    assert before.new_dataset_id == saved.datasource.pk
    events = written_log.events(written_log.head(user.pk, datasource.pk))
    assert events[-1].wire_name == SessionSaved.wire_name
