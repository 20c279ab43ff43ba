"""How a file is read, said with an upload: kept with the dataset, and used for its next files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command

from data_tools.models import DataSource
from tests.contract.error_shape import faults
from tests.support.patience import wait_for_ingests
from tests.support.small_datasets import publish
from tests.support.studio_client import Answer, Studio
from tests.support.uploads import DATASETS, MULTIPART, form
from tests.support.users import token_of
from tests.support.workbooks import xlsx

pytestmark = pytest.mark.django_db(transaction=True)

GERMAN = "# from the till\nname;price\nBrötchen;1,50\nKäse;2,25\n".encode("cp1252")
SAID = {"encoding": "cp1252", "delimiter": ";", "comment": "#", "decimal": ","}
KEPT = {"encoding": "cp1252", "delimiter": ";", "comment": "#", "decimal": ","}
PRICES = [{"name": "Brötchen", "price": 1.5}, {"name": "Käse", "price": 2.25}]


@pytest.fixture
def studio(media: Path, user: User) -> Studio:
    return Studio(token=token_of(user))


def send(studio: Studio, content: bytes, path: str = DATASETS, **fields: Any) -> Answer:
    """Send a file with the fields, of which `options` is written as JSON unless it is text."""
    texts = {
        name: value if isinstance(value, str) else json.dumps(value)
        for name, value in fields.items()
    }
    filename = texts.pop("filename", "a.csv")
    return studio.request("POST", path, content=form(content, filename, **texts), headers=MULTIPART)


def load(studio: Studio, content: bytes, path: str = DATASETS, **fields: Any) -> dict[str, Any]:
    answer = send(studio, content, path, **fields)
    assert answer.status in (201, 202), answer
    wait_for_ingests()
    return look(studio, answer.body["datasource"]["id"])


def look(studio: Studio, datasource_id: str) -> dict[str, Any]:
    return studio.get(f"{DATASETS}{datasource_id}/").body["datasource"]


def again(dataset: dict[str, Any]) -> str:
    return f"{DATASETS}{dataset['id']}/file/"


def rows(studio: Studio, dataset: dict[str, Any]) -> list[dict[str, Any]]:
    answer = studio.get(f"/api/studio/{dataset['id']}/data/")
    return answer.body["data"]


def test_a_file_is_read_as_its_owner_says_and_the_dataset_shows_how(studio: Studio) -> None:
    dataset = load(studio, GERMAN, options=SAID)

    assert (dataset["status"], dataset["error_reason"]) == ("READY", "")
    assert rows(studio, dataset) == PRICES
    assert dataset["reading_options"] == KEPT
    guesses = dataset["ingest_report"]["guesses"]
    assert {guesses[name]["certainty"] for name in ("encoding", "delimiter")} == {"certain"}


def test_without_options_there_are_none(studio: Studio) -> None:
    assert load(studio, b"a,b\n1,2\n")["reading_options"] == {}
    assert load(studio, b"a,b\n1,2\n", options="")["reading_options"] == {}


def test_the_next_file_is_read_in_the_same_way(studio: Studio) -> None:
    first = load(studio, GERMAN, options=SAID)

    second = load(studio, GERMAN.replace(b"2,25", b"3,25"), again(first))

    assert second["revision"] == 2
    assert second["reading_options"] == KEPT
    assert [row["price"] for row in rows(studio, second)] == [1.5, 3.25]


def test_options_that_come_with_the_next_file_replace_all_of_the_earlier_ones(
    studio: Studio,
) -> None:
    first = load(studio, GERMAN, options=SAID)

    second = load(studio, b"a|b\n1|2\n", again(first), options={"delimiter": "|"})
    third = load(studio, b"a|b\n3|4\n", again(first))
    fourth = load(studio, b"a,b\n5,6\n", again(first), options={})

    assert (second["reading_options"], second["columns"][1]["name"]) == ({"delimiter": "|"}, "b")
    assert (third["reading_options"], third["revision"]) == ({"delimiter": "|"}, 3)
    assert (fourth["reading_options"], fourth["revision"]) == ({}, 4)


def test_a_file_that_cannot_be_loaded_leaves_the_options_as_they_were(studio: Studio) -> None:
    first = load(studio, GERMAN, options=SAID)

    failed = load(studio, b"a|b\n1|2|3\n", again(first), options={"delimiter": "|"})
    second = load(studio, GERMAN.replace(b"2,25", b"3,25"), again(first))

    assert failed["reupload_failure"]["code"] == "INGEST_RAGGED_LINES"
    assert failed["reading_options"] == KEPT
    assert (second["revision"], second["reading_options"]) == (2, KEPT)
    assert DataSource.objects.get(pk=first["id"]).reupload_options is None


def test_the_same_rows_with_other_options_keep_the_revision_and_take_the_options(
    studio: Studio,
) -> None:
    first = load(studio, b"a,b\n1,2\n")

    second = load(studio, b"a;b\n1;2\n", again(first), options={"delimiter": ";"})

    assert (second["revision"], second["reading_options"]) == (1, {"delimiter": ";"})


def test_a_dataset_that_failed_is_read_again_with_its_options_or_with_new_ones(
    studio: Studio,
) -> None:
    failed = load(studio, b"a|b\n1|2|3\n", options={"delimiter": "|"})
    again_failed = load(studio, b"a|b\n1|2|3\n", again(failed), options={"delimiter": ";"})
    mended = load(studio, b"a|b\n1|2\n", again(failed))

    assert (failed["status"], again_failed["status"]) == ("ERROR", "READY")
    assert mended["reading_options"] == {"delimiter": ";"}
    assert [column["name"] for column in mended["columns"]] == ["a|b"]


def test_a_sheet_may_be_one_of_the_options_and_is_kept_with_them(studio: Studio) -> None:
    book = xlsx(Eins=[["a"], [1]], Zwei=[["b"], [2]])

    first = load(studio, book, filename="a.xlsx", options={"sheet": "Zwei"})
    second = load(
        studio, xlsx(Eins=[["a"], [1]], Zwei=[["b"], [3]]), again(first), filename="a.xlsx"
    )
    third = load(studio, book, again(first), filename="a.xlsx", sheet="Eins")

    assert first["ingest_report"]["sheet"] == second["ingest_report"]["sheet"] == "Zwei"
    assert second["reading_options"] == {"sheet": "Zwei"}
    assert (third["ingest_report"]["sheet"], third["reading_options"]) == (
        "Eins",
        {"sheet": "Zwei"},
    )


def test_two_sheets_are_refused(studio: Studio) -> None:
    answer = send(studio, b"x", sheet="Eins", options={"sheet": "Zwei"})

    assert list(faults(answer, "INVALID_PARAMETER")) == []
    assert "“Eins”" in answer.error["message"]
    assert not DataSource.objects.exists()


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ("{", "JSON object"),
        ("[]", "JSON object"),
        ({"delimiters": ","}, "“delimiters”"),
        ({"header_row": 0}, "“header_row”"),
        ({"quote": ",", "delimiter": ","}, "“delimiter” and “quote”"),
        ({"encoding": "klingon"}, "“klingon”"),
        ({"columns": {"a": {"type": "int"}}}, "“columns.a.type”"),
    ],
)
def test_wrong_options_are_refused_by_name_and_change_nothing(
    studio: Studio, user: User, options: Any, words: str
) -> None:
    datasource = publish(user)

    for path in (DATASETS, f"{DATASETS}{datasource.pk}/file/", f"{DATASETS}preview/"):
        answer = send(studio, b"a,b\n1,2\n", path, options=options)
        assert list(faults(answer, "INVALID_PARAMETER")) == []
        assert words in answer.error["message"]
        assert list(answer.error["details"]["fields"]) == ["options"]
    assert list(DataSource.objects.values_list("pk", "status")) == [(datasource.pk, "READY")]


@pytest.mark.parametrize(
    ("content", "filename", "options", "name"),
    [
        (xlsx(Eins=[["a"], [1]]), "a.xlsx", {"delimiter": ";"}, "“delimiter”"),
        (b'[{"a": 1}]', "a.json", {"quote": "'"}, "“quote”"),
    ],
    ids=["workbook", "JSON"],
)
def test_an_option_that_does_not_apply_to_the_file_is_refused_by_name(
    studio: Studio, content: bytes, filename: str, options: Any, name: str
) -> None:
    dataset = load(studio, content, filename=filename, options=options)

    assert dataset["ingest_report"]["code"] == "INGEST_OPTION_NOT_APPLICABLE"
    assert name in dataset["error_reason"]


def test_a_dataset_saved_from_a_session_has_options_of_its_own(studio: Studio, user: User) -> None:
    dataset = load(studio, GERMAN, options=SAID)
    studio.request("POST", f"/api/studio/{dataset['id']}/session/initialize/")
    saved = studio.request(
        "POST", f"/api/studio/{dataset['id']}/session/save/", content=b'{"name": "saved"}'
    ).body["new_datasource"]
    wait_for_ingests()

    assert look(studio, saved["id"])["reading_options"] == {}


def test_the_command_takes_options_too(user: User, tmp_path: Path, capsys: Any) -> None:
    path = tmp_path / "till.csv"
    path.write_bytes(GERMAN)
    text = json.dumps(SAID)

    call_command("load_dataset", str(path), owner=user.username, options=text)

    assert DataSource.objects.get(name="till").reading_options == KEPT
    with pytest.raises(CommandError, match="“header_row”"):
        call_command("load_dataset", str(path), owner=user.username, options='{"header_row": 0}')
