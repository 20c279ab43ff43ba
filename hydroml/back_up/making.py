"""Make a back-up. See the notes in this package."""

from __future__ import annotations

import datetime as dt
import errno
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from django.db import DEFAULT_DB_ALIAS, Error, connection, connections, transaction
from django.db.migrations.recorder import MigrationRecorder

from data_tools.jobs.connections import take_as_long_as_it_takes
from data_tools.row_tables import holding
from hydroml.back_up import manifest, programs
from hydroml.back_up.exceptions import BackUpError
from hydroml.back_up.manifest import DUMP, FORMAT, Manifest
from hydroml.back_up.programs import Program
from hydroml.back_up.row_counts import count_rows
from hydroml.back_up.uploaded_files import CopiedFiles, NamedFile, named_files

# Each attempt takes hardly longer than the look at the database: see Note [Files that the
# database names].
_MOST_ATTEMPTS = 100
_TELL_EVERY_SECONDS = 30

Report = Callable[[str], None]


def make(folder: Path, *, report: Report = lambda line: None) -> Manifest:
    """Back up the configured database and the uploaded files that it names into a new folder.

    The service may be in use meanwhile: the back-up shows one moment. `report` is called with a
    line for each step. Returns when everything is on the disk.

    Raises:
        BackUpError: no back-up was made, and nothing is left of it.
    """
    if folder.exists():
        raise BackUpError(f"{folder} is there already. A back-up is made in a new folder.")
    unfinished = folder.with_name(f"{folder.name}.unfinished")
    with _made_whole(unfinished, folder):
        version = programs.server_version()
        dump = programs.find_program("pg_dump", server_major=programs.major_of(version))
        copied = CopiedFiles(unfinished)
        with _consistent_snapshot(copied) as snapshot:
            files = list(copied.by_name.values())
            report(f"Copied {len(files)} uploaded files, {sum(f.bytes for f in files):,} bytes.")
            row_counts = _dump(dump, snapshot, unfinished / DUMP, report=report)
            applied = MigrationRecorder(connection).applied_migrations()
        copied.sync()
        made = Manifest(
            format=FORMAT,
            shown_at=snapshot.taken_at,
            server_version=version,
            dump_version=dump.version,
            migrations=sorted(".".join(each) for each in applied),
            row_counts=row_counts,
            files=[manifest.describe(unfinished, DUMP), *files],
            lost_files=sorted(snapshot.lost_files),
        )
        manifest.write(unfinished, made)
    return made


@contextmanager
def _made_whole(unfinished: Path, folder: Path) -> Iterator[None]:
    """Make the folder `unfinished` for the block, and rename it to `folder` at its end.

    Removes it if the block raises. See Note [A folder that looks complete is complete]. Meanwhile
    nobody else can read what this process writes.
    """
    umask = os.umask(0o077)
    try:
        with _renamed_at_the_end(unfinished, folder):
            yield
    finally:
        os.umask(umask)


@contextmanager
def _renamed_at_the_end(unfinished: Path, folder: Path) -> Iterator[None]:
    try:
        unfinished.mkdir()
    except FileExistsError:
        raise BackUpError(
            f"{unfinished} is left over from a back-up that was cut off, or one is being made. "
            "Remove it if none is, or choose another folder."
        ) from None
    except OSError as error:
        raise BackUpError(f"{unfinished} cannot be made: {error.strerror}") from None
    try:
        yield
        unfinished.rename(folder)
        manifest.sync_folder(folder.parent)
    except BaseException as error:
        shutil.rmtree(unfinished, ignore_errors=True)
        if isinstance(error, OSError):
            raise _in_words(error, folder) from error
        if isinstance(error, Error):
            raise BackUpError(f"The database did not let it be read: {error}") from error
        raise


def _in_words(error: OSError, folder: Path) -> BackUpError:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return BackUpError(f"There is no room for the back-up in {folder.parent}.")
    return BackUpError(f"The back-up could not be written: {error}")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Snapshot:
    """A snapshot of the database that other connections can use while its transaction lives."""

    id: str
    taken_at: dt.datetime
    lost_files: frozenset[str]


@contextmanager
def _consistent_snapshot(copied: CopiedFiles) -> Iterator[_Snapshot]:
    """Take a snapshot of which all files that it names are copied, and hold it during the block.

    See Note [Files that the database names]. Own tables that it shows stay meanwhile.

    Raises:
        BackUpError: files, or own tables, came and went all the time.
    """
    missing: set[str] = set()
    with closing(connections.create_connection(DEFAULT_DB_ALIAS)) as beside:
        for _ in range(_MOST_ATTEMPTS):
            with transaction.atomic(durable=True):
                snapshot_id, taken_at = _export_snapshot()
                if not holding.hold_own_tables():
                    transaction.set_rollback(True)
                    continue
                with connection.cursor() as cursor:
                    named = named_files(cursor)
                missing_before, missing = missing, copied.add(file.name for file in named)
                with beside.cursor() as cursor:
                    is_consistent = named <= named_files(cursor)
                lost = _awaited(named) & missing
                # What an earlier attempt did not find either did not go since this one began.
                if is_consistent and lost <= missing_before:
                    copied.keep_only(file.name for file in named)
                    yield _Snapshot(id=snapshot_id, taken_at=taken_at, lost_files=frozenset(lost))
                    return
    raise BackUpError(
        "Uploads come and go faster than they can be copied. Try again when fewer are loaded."
    )


def _awaited(named: frozenset[NamedFile]) -> set[str]:
    return {file.name for file in named if file.is_awaited}


def _export_snapshot() -> tuple[str, dt.datetime]:
    with connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
    take_as_long_as_it_takes()
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_export_snapshot(), now()")
        snapshot_id, taken_at = cursor.fetchone()
        return snapshot_id, taken_at


def _dump(program: Program, snapshot: _Snapshot, to: Path, *, report: Report) -> dict[str, int]:
    """Dump what the snapshot shows; return how many rows each table has in it."""
    report(f"Dumping the database with {program.path} {program.version}.")
    arguments = ("--format=custom", "--no-unlogged-table-data", f"--snapshot={snapshot.id}")
    with program.start(*arguments, f"--file={to}") as running:
        row_counts = count_rows()
        while not running.is_done(within_seconds=_TELL_EVERY_SECONDS):
            report(f"{to.stat().st_size:,} bytes so far.")
    report(f"Dumped {sum(row_counts.values()):,} rows, {to.stat().st_size:,} bytes.")
    return row_counts
