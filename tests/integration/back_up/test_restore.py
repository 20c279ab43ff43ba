"""A back-up comes back whole into an empty database, or the database stays empty."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.db import connection
from pytest_django import Settings

from data_tools import tasks
from data_tools.models import DataSource, RowList
from hydroml.back_up import making, manifest, restoring, uploaded_files
from hydroml.back_up.exceptions import BackUpError
from tests.support.other_database import OtherDatabase
from tests.support.small_datasets import publish, waiting
from tests.support.studio_client import STRUCTURED, Studio
from tests.support.studios import UNDO, fill, rename, studio_of
from tests.support.uploads import open_uploaded

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.session_setting]

FLIGHTS = "id,carrier,delay\n1,UA,2.5\n2,AA,\n3,,-0.0\n4,007,1e300\n"
PAGE = "data/?sort=-delay"


@pytest.fixture
def elsewhere(settings: Settings, tmp_path: Path) -> Path:
    """Where uploads are stored on the machine that is restored to."""
    return tmp_path / "elsewhere"


@pytest.mark.parametrize("own_table_rows", [0, 4])
def test_everybody_goes_on_where_the_back_up_was_made(
    own_table_rows: int,
    user: User,
    folder: Path,
    other_database: OtherDatabase,
    settings: Settings,
    elsewhere: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    settings.OWN_TABLE_ROWS = own_table_rows
    studio = open_uploaded(user, FLIGHTS).take(
        rename("carrier", "airline"), fill("delay", "mean"), UNDO
    )
    page, verdict = studio.get(PAGE).body, studio.get("session/validate/").body
    unloaded = waiting(user, b"id\n1\n2\n")
    assert RowList.objects.exists()  # made by the order of the page

    call_command("back_up", str(folder))
    settings.MEDIA_ROOT = elsewhere
    with other_database.in_use():
        call_command("restore", str(folder))
        assert not RowList.objects.exists()
        call_command("verify_server")
        told = capsys.readouterr().out

        assert studio.get("session/validate/").body == verdict
        assert verdict["suggested_action"] == "continue"
        assert studio.get(PAGE).body == page
        assert studio.post("session/redo/").status == 200
        assert User.objects.create_user("later").pk > user.pk
        assert User.objects.get(pk=user.pk).check_password("password")
        tasks.ingest_dataset(str(unloaded.pk))
        loaded = DataSource.objects.get(pk=unloaded.pk)
        assert (loaded.status, loaded.row_count) == (DataSource.Status.READY, 2)

    assert "rows                        4 examined      0 wrong" in told
    assert "files                       1 examined      0 wrong" in told


@pytest.fixture
def made(user: User, folder: Path) -> Path:
    """A back-up with rows and a file."""
    publish(user)
    waiting(user)
    making.make(folder)
    return folder


def altered(folder: Path, **fields: Any) -> None:
    """Write other fields into the manifest."""
    content = msgspec.json.decode((folder / manifest.NAME).read_bytes())
    (folder / manifest.NAME).write_bytes(msgspec.json.encode({**content, **fields}))


def flip_one_byte(folder: Path) -> None:
    content = bytearray((folder / manifest.DUMP).read_bytes())
    content[len(content) // 2] ^= 1
    (folder / manifest.DUMP).write_bytes(content)


UNKNOWN = ["data_tools.0001_initial", "data_tools.9999_later"]


@pytest.mark.parametrize(
    ("spoil", "sentence"),
    [
        (flip_one_byte, r"damaged: database\.dump has other content"),
        (lambda folder: (folder / manifest.DUMP).write_bytes(b"PGDMP"), "has 5 bytes, and had"),
        (lambda folder: shutil.rmtree(folder / "media"), r"waiting\.csv cannot be read"),
        (lambda folder: (folder / manifest.NAME).unlink(), "no complete back-up"),
        (lambda folder: (folder / manifest.NAME).write_text("{"), "is damaged"),
        (lambda folder: altered(folder, format=2), "newer version of this service"),
        (lambda folder: altered(folder, migrations=UNKNOWN), r"migrations data_tools\.9999_later"),
        (lambda folder: altered(folder, server_version=990000), "is of PostgreSQL 99"),
        (lambda folder: altered(folder, dump_version="99.1"), "pg_restore of PostgreSQL 99"),
    ],
)
def test_one_that_is_damaged_or_does_not_fit_is_refused_before_anything_is_written(
    made: Path,
    spoil: Callable[[Path], object],
    sentence: str,
    other_database: OtherDatabase,
    settings: Settings,
    elsewhere: Path,
) -> None:
    spoil(made)
    settings.MEDIA_ROOT = elsewhere

    with other_database.in_use():
        with pytest.raises(CommandError, match=sentence):
            call_command("restore", str(made))

        assert connection.introspection.table_names() == []
    assert not elsewhere.exists()


def test_one_made_before_an_upgrade_is_finished_is_restored(
    made: Path, other_database: OtherDatabase, settings: Settings, elsewhere: Path
) -> None:
    of_tokens_in_clear = ["authtoken.0001_initial"]
    altered(made, migrations=manifest.read(made).migrations + of_tokens_in_clear)
    settings.MEDIA_ROOT = elsewhere

    with other_database.in_use():
        restoring.restore(made)

        assert DataSource.objects.count() == 2


def test_a_file_that_a_restore_was_copying_when_it_was_cut_off_is_copied_again(
    made: Path,
    other_database: OtherDatabase,
    settings: Settings,
    elsewhere: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    settings.MEDIA_ROOT = elsewhere
    whole = uploaded_files.File

    class CutOff(whole):  # type: ignore[misc, valid-type]
        def chunks(self, chunk_size: int | None = None) -> Iterator[bytes]:
            yield next(super().chunks(1))
            raise SystemExit

    with other_database.in_use():
        with monkeypatch.context() as patch:
            patch.setattr(uploaded_files, "File", CutOff)
            with pytest.raises(SystemExit):
                restoring.restore(made)
        restoring.restore(made)

    [stored] = [path for path in elsewhere.rglob("*") if path.is_file()]
    [kept] = [path for path in (made / "media").rglob("*") if path.is_file()]
    assert stored.read_bytes() == kept.read_bytes()


def test_a_database_that_is_not_empty_is_left_as_it_is(made: Path) -> None:
    with pytest.raises(CommandError, match=r"is not empty: it has \d+ tables"):
        call_command("restore", str(made))

    assert DataSource.objects.count() == 2


def test_an_uploaded_file_of_the_same_name_is_not_overwritten(
    made: Path, uploads: Path, other_database: OtherDatabase
) -> None:
    [present] = [path for path in uploads.rglob("*") if path.is_file()]
    present.write_text("something else")

    with other_database.in_use(), pytest.raises(BackUpError, match="is there already, with other"):
        restoring.restore(made)

    assert present.read_text() == "something else"


def test_one_that_fails_in_the_middle_leaves_the_database_empty_and_can_be_repeated(
    made: Path, other_database: OtherDatabase, settings: Settings, elsewhere: Path
) -> None:
    settings.MEDIA_ROOT = elsewhere
    dump = made / manifest.DUMP
    whole, files = dump.read_bytes(), manifest.read(made).files
    dump.write_bytes(whole[:-1_000])  # the last tables' rows
    cut = manifest.describe(made, manifest.DUMP)
    altered(made, files=[msgspec.to_builtins(each) for each in (cut, *files[1:])])

    with other_database.in_use():
        with pytest.raises(BackUpError, match="pg_restore failed"):
            restoring.restore(made)
        assert connection.introspection.table_names() == []

        dump.write_bytes(whole)
        altered(made, files=[msgspec.to_builtins(each) for each in files])
        restoring.restore(made)

        assert DataSource.objects.count() == 2


def test_a_page_that_saw_more_reloads_and_applies_again_what_had_no_answer(
    user: User, folder: Path, other_database: OtherDatabase
) -> None:
    studio = open_uploaded(user, FLIGHTS).take(rename("carrier", "airline"))
    making.make(folder)
    later = studio.post("session/rename-column/", {"old_name": "delay", "new_name": "late"}).body
    unanswered = {
        "client_operation_id": "5f0c2f0e-0d6c-4b43-8d38-6c1f7a4c2a11",
        "operation": "rename_column",
        "parameters": {"old_name": "delay", "new_name": "minutes"},
    }

    with other_database.in_use():
        restoring.restore(folder)
        seen = studio.get(f"session/validate/?known_version={later['version']}").body
        stale = studio.post(
            "session/rename-column/",
            {"old_name": "late", "new_name": "x", "expected_version": later["version"]},
        )
        answer = studio.post("session/recover/", {"pending_operations": [unanswered]}).body

        assert seen["suggested_action"] == "reload"
        assert [reason["code"] for reason in seen["reasons"]] == ["client_ahead"]
        assert stale.status == 409
        assert [each["status"] for each in answer["pending_operations"]] == ["applied"]
        columns = studio.get("session/status/").body["column_info"]
        assert columns == ["id", "airline", "minutes"]


def test_one_of_whom_the_back_up_knows_nothing_gets_the_errors_of_the_unknown(
    user: User, folder: Path, other_database: OtherDatabase
) -> None:
    making.make(folder)
    of_later = open_uploaded(user, FLIGHTS)
    known = studio_of(user, of_later.datasource_id)

    with other_database.in_use():
        restoring.restore(folder)
        unknown_token = Studio(token=known.token, headers=STRUCTURED).request(
            "GET", "/api/datasources/"
        )

        assert unknown_token.status == 401
