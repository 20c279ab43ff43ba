"""A back-up is of one moment, complete or not there, and never without a file that it names."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg2
import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.db import connection
from pytest_django import Settings

from data_tools.ingest import ingest, load_file
from data_tools.models import DataRow, DataSource
from data_tools.revisions import loaded_files, row_moving
from data_tools.row_tables import holding
from data_tools.row_tables.names import own_table
from data_tools.row_tables.removing import drop_left_over
from data_tools.services import dataset_service
from hydroml.back_up import making, manifest, programs, restoring
from hydroml.back_up.exceptions import BackUpError
from hydroml.back_up.programs import Program
from hydroml.back_up.uploaded_files import CopiedFiles
from tests.conftest import part_is_missing
from tests.support.at_once import at_once
from tests.support.other_database import OtherDatabase
from tests.support.own_tables import own_tables
from tests.support.patience import PATIENCE_SECONDS, eventually
from tests.support.processes import database_url, is_running
from tests.support.small_datasets import publish, wait_for_another_file, waiting

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.session_setting]


@pytest.fixture
def before_copying(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[], object]], None]:
    """Returns a function that has others do something between the first snapshot and the copying.

    They have a thread, and with it a connection, of their own.
    """

    def schedule(act: Callable[[], object]) -> None:
        add, acts = CopiedFiles.add, [act]

        def act_and_add(self: CopiedFiles, names: Any) -> set[str]:
            if acts:
                with ThreadPoolExecutor(1) as other:
                    other.submit(acts.pop()).result()
                    other.submit(lambda: connection.close()).result()
            return add(self, names)

        monkeypatch.setattr(CopiedFiles, "add", act_and_add)

    return schedule


def test_it_has_every_row_and_every_file_that_is_waited_for(user: User, folder: Path) -> None:
    published, dataset = publish(user), waiting(user)
    wait_for_another_file(published)

    call_command("back_up", str(folder))

    made = manifest.read(folder)
    assert made.row_counts["data_tools_datasource"] == 2
    assert made.row_counts["data_tools_datarow"] == 7
    assert list(manifest.damage(folder, made)) == []
    assert (folder / "media" / dataset.file.name).read_bytes() == b"id\n1\n2\n"
    assert (folder / "media" / published.reupload_file.name).read_bytes() == b"id\n3\n"
    assert sorted(path.name for path in folder.iterdir()) == [
        "database.dump",
        "manifest.json",
        "media",
    ]


def test_nobody_else_may_read_it(user: User, folder: Path) -> None:
    waiting(user)

    making.make(folder)

    open_to_others = [path for path in [folder, *folder.rglob("*")] if path.stat().st_mode & 0o077]
    assert open_to_others == []


def test_a_file_whose_rows_are_published_before_it_is_copied_is_not_waited_for(
    user: User, folder: Path, before_copying: Callable[[Callable[[], object]], None]
) -> None:
    dataset = waiting(user)

    def load() -> None:
        ingest(dataset.pk)
        loaded_files.remove_loaded(dataset.pk)

    before_copying(load)
    made = making.make(folder)

    assert made.row_counts["data_tools_datarow"] == 2
    assert (made.uploaded_files, made.lost_files) == ([], [])


def test_a_file_that_is_replaced_by_one_of_the_same_name_is_never_mixed_up(
    user: User, folder: Path, before_copying: Callable[[Callable[[], object]], None]
) -> None:
    first = waiting(user, b"id\n1\n")
    name = first.file.name

    def replace() -> None:
        first.delete()
        assert waiting(user, b"id\n2\n").file.name == name
        publish(user)  # tells a database of after this from one of before

    before_copying(replace)
    made = making.make(folder)

    assert made.row_counts["data_tools_datasource"] == 2
    assert (folder / "media" / name).read_bytes() == b"id\n2\n"


def test_an_upload_that_arrives_meanwhile_is_there_with_its_file_or_not_at_all(
    user: User, folder: Path, before_copying: Callable[[Callable[[], object]], None]
) -> None:
    before_copying(lambda: waiting(user))

    made = making.make(folder)

    assert made.row_counts["data_tools_datasource"] == len(made.uploaded_files) == 0


@pytest.fixture
def few_are_many(settings: Settings) -> None:
    settings.OWN_TABLE_ROWS = 2


@pytest.mark.usefixtures("few_are_many")
def test_rows_that_get_a_table_meanwhile_are_in_neither_the_dump_nor_the_count(
    user: User,
    folder: Path,
    tmp_path: Path,
    before_copying: Callable[[Callable[[], object]], None],
    other_database: OtherDatabase,
) -> None:
    publish(user)  # in the shared table, from which it is copied meanwhile
    path = tmp_path / "large.csv"
    path.write_text("id\n1\n2\n3\n")

    def load_and_move() -> None:
        load_file(path, owner=user, name="large")
        assert row_moving.move(most_rows=100).copied == 1

    before_copying(load_and_move)
    made = making.make(folder)

    assert made.row_counts["data_tools_datarow"] == 7
    with other_database.in_use():
        restoring.restore(folder)  # compares the counts
        assert DataRow.objects.count() == 7


@pytest.mark.usefixtures("few_are_many")
@pytest.mark.parametrize("is_attached", [True, False])
def test_a_dataset_that_is_deleted_meanwhile_is_in_it_with_its_table(
    user: User,
    folder: Path,
    before_copying: Callable[[Callable[[], object]], None],
    is_attached: bool,
) -> None:
    dataset = publish(user)
    row_moving.move(most_rows=100)
    if is_attached:
        assert row_moving.finish(dataset.pk, 1)

    before_copying(lambda: dataset_service.delete(owner=user, datasource_id=dataset.pk))
    made = making.make(folder)

    assert made.row_counts["data_tools_datasource"] == 1
    assert made.row_counts["data_tools_datarow"] == (7 if is_attached else 14)
    assert own_tables() == {own_table(dataset.pk, 1)}
    assert drop_left_over() == 1


@pytest.mark.usefixtures("few_are_many")
def test_where_a_table_went_since_the_snapshot_it_shows_a_later_moment(
    user: User, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dataset = publish(user)
    row_moving.move(most_rows=100)
    hold, held = holding.hold_own_tables, []

    def delete_and_hold() -> bool:
        if not held:
            at_once([lambda: dataset_service.delete(owner=user, datasource_id=dataset.pk)])
        held.append(hold())
        return held[-1]

    monkeypatch.setattr(holding, "hold_own_tables", delete_and_hold)
    made = making.make(folder)

    assert held == [False, True]
    assert made.row_counts["data_tools_datasource"] == made.row_counts["data_tools_datarow"] == 0


def test_a_file_that_was_lost_before_is_named(
    user: User, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    dataset = waiting(user)
    default_storage.delete(dataset.file.name)

    call_command("back_up", str(folder))

    assert manifest.read(folder).lost_files == [dataset.file.name]
    assert f"waits for the file {dataset.file.name}" in capsys.readouterr().err


def test_the_name_of_a_loaded_file_that_is_gone_does_no_harm(user: User, folder: Path) -> None:
    DataSource.objects.filter(pk=publish(user).pk).update(file="datasources/gone.csv")

    made = making.make(folder)

    assert (made.uploaded_files, made.lost_files) == ([], [])


@pytest.mark.parametrize(
    ("make_way", "sentence"),
    [
        (lambda folder: folder.mkdir(), "is there already"),
        (lambda folder: folder.with_name("back-up.unfinished").mkdir(), "is left over"),
        (lambda folder: folder.parent.rename(folder.parent.with_name("elsewhere")), "cannot be"),
    ],
    ids=["a folder of that name", "an unfinished one", "no place for it"],
)
def test_it_is_made_in_a_new_folder_only(
    tmp_path: Path, make_way: Callable[[Path], object], sentence: str
) -> None:
    folder = tmp_path / "place" / "back-up"
    folder.parent.mkdir()
    make_way(folder)

    with pytest.raises(CommandError, match=sentence):
        call_command("back_up", str(folder))


def test_an_old_pg_dump_is_refused_with_the_version_that_is_needed() -> None:
    with pytest.raises(BackUpError, match=r"pg_dump of PostgreSQL 99 or newer is needed.* is \d"):
        programs.find_program("pg_dump", server_major=99)


@pytest.mark.parametrize(("server_major", "chosen"), [(14, 15), (16, 16), (17, 18), (18, 18)])
def test_a_dump_says_nothing_that_its_server_does_not_know(
    server_major: int, chosen: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    installed = [programs.Program(path=Path("pg_dump"), version=f"{n}.1") for n in (15, 16, 18)]
    monkeypatch.setattr(programs, "_installed", lambda name: iter(installed))

    assert programs.find_program("pg_dump", server_major=server_major).major == chosen


def test_where_only_a_program_is_installed_that_says_too_much_the_right_one_is_named(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    installed = [programs.Program(path=Path("pg_dump"), version="18.1")]
    monkeypatch.setattr(programs, "_installed", lambda name: iter(installed))

    with pytest.raises(BackUpError, match=r"15 to 16 is needed.*postgresql-client-15"):
        programs.find_program("pg_dump", server_major=15)
    with pytest.raises(BackUpError, match="older than PostgreSQL 17, as this one is"):
        programs.find_program("pg_restore", server_major=15, dump_major=18)


def test_a_failure_leaves_nothing_behind(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt() -> dict[str, int]:
        raise KeyboardInterrupt

    monkeypatch.setattr(making, "count_rows", interrupt)

    with pytest.raises(KeyboardInterrupt):
        making.make(folder)

    assert list(folder.parent.glob("back-up*")) == []


def test_one_that_is_killed_in_the_middle_does_not_look_complete(
    user: User, folder: Path, tmp_path: Path
) -> None:
    publish(user)
    connection.ensure_connection()
    with closing(psycopg2.connect(connection.connection.dsn)) as other, other.cursor() as cursor:
        cursor.execute("LOCK TABLE data_tools_datarow")
        process = _back_up(folder)
        eventually(lambda: [*_children(process.pid), *_ended(process)] != [])
        [dumping] = _children(process.pid)
        os.kill(process.pid, signal.SIGKILL)
        process.wait(PATIENCE_SECONDS)
        os.kill(dumping, signal.SIGKILL)

    assert not folder.exists()
    unfinished = folder.with_name("back-up.unfinished")
    assert unfinished.exists()
    with pytest.raises(CommandError, match="no complete back-up"):
        call_command("restore", str(unfinished))


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_one_that_is_told_to_end_ends_its_pg_dump_and_leaves_nothing_behind(
    user: User, folder: Path, number: signal.Signals
) -> None:
    publish(user)
    connection.ensure_connection()
    with closing(psycopg2.connect(connection.connection.dsn)) as other, other.cursor() as cursor:
        cursor.execute("LOCK TABLE django_migrations")  # which is dumped, and not counted
        process = _back_up(folder)
        eventually(lambda: [*_children(process.pid), *_ended(process)] != [])
        [dumping] = _children(process.pid)
        os.kill(process.pid, number)
        process.wait(PATIENCE_SECONDS)

        assert not is_running(dumping)
    assert process.returncode == 128 + number
    assert list(folder.parent.glob("back-up*")) == []


def _back_up(folder: Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "manage.py", "back_up", str(folder)],
        cwd=settings.BASE_DIR,
        env={**os.environ, "DATABASE_URL": database_url()},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        # Whoever starts the tests with `nohup` has them ignore it.
        preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_DFL),
    )


def _children(process_id: int) -> list[int]:
    path = Path(f"/proc/{process_id}/task/{process_id}/children")
    children = [int(child) for child in path.read_text().split()] if path.exists() else []
    return [c for c in children if b"--snapshot" in Path(f"/proc/{c}/cmdline").read_bytes()]


def _ended(process: subprocess.Popen[bytes]) -> list[int]:
    return [] if process.poll() is None else [process.returncode]


def test_the_password_is_not_on_the_command_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(connection.settings_dict, "PASSWORD", "kept secret")
    sleep = Program(path=Path("/bin/sleep"), version="1")

    with sleep.start("600") as running:
        seen = Path(f"/proc/{running.process.pid}")
        eventually(lambda: b"600" in (seen / "cmdline").read_bytes())
        command_line, environment = ((seen / name).read_bytes() for name in ("cmdline", "environ"))

    assert b"secret" not in command_line
    assert b"PGPASSWORD=kept secret" in environment
    assert f"PGDATABASE={connection.settings_dict['NAME']}".encode() in environment


@pytest.fixture
def full_disk() -> Iterator[Path]:
    """A file system of a few kilobytes."""
    with tempfile.TemporaryDirectory(prefix="hydroml-full-") as name:
        mounted = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", "size=32k", "tmpfs", name], capture_output=True
        )
        if mounted.returncode != 0:
            part_is_missing("a file system that can be filled: only root can mount one")
        try:
            yield Path(name)
        finally:
            subprocess.run(["umount", "-l", name], check=True)


@pytest.mark.parametrize("size", [10, 100_000], ids=["of the dump", "of the files"])
def test_a_full_disk_is_told_and_leaves_nothing_behind(
    user: User, full_disk: Path, size: int
) -> None:
    waiting(user, b"x" * size)

    with pytest.raises(CommandError, match=r"no room for the back-up|No space left on device"):
        call_command("back_up", str(full_disk / "back-up"))

    assert list(full_disk.iterdir()) == []
