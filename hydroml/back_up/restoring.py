"""Restore a back-up into an empty database: all of it, or nothing of it."""

from __future__ import annotations

from collections.abc import Callable
from itertools import islice
from pathlib import Path

from django.db import Error, connection, transaction
from django.db.migrations.loader import MigrationLoader

from data_tools.jobs.connections import take_as_long_as_it_takes
from hydroml.back_up import manifest, programs, uploaded_files
from hydroml.back_up.exceptions import BackUpError
from hydroml.back_up.manifest import DUMP, Manifest
from hydroml.back_up.row_counts import count_rows

_MOST_NAMED = 10  # damaged files and the like, in one message

# Tables, views and sequences, except the system's own and those of an extension.
_RELATIONS = """
SELECT count(*) FROM pg_class
JOIN pg_namespace ON pg_namespace.oid = relnamespace
WHERE relkind IN ('r', 'p', 'v', 'm', 'S', 'f')
  AND nspname <> 'information_schema' AND nspname NOT LIKE 'pg\\_%%'
  AND NOT EXISTS (
      SELECT FROM pg_depend
      WHERE classid = 'pg_class'::regclass AND objid = pg_class.oid AND deptype = 'e'
  )
"""


def restore(folder: Path, *, report: Callable[[str], None] = lambda line: None) -> Manifest:
    """Restore a back-up into the configured database, which must be empty, and its uploaded files.

    The manifest and every file are checked before anything is written. The database is restored in
    one transaction, after the files, so that a restore that is cut off can be repeated. `report` is
    called with a line for each step.

    Raises:
        BackUpError: the back-up is damaged or does not fit, the database is not empty, or it could
            not be restored. The database is empty, as before, unless the message says that it is
            to be dropped.
    """
    made = manifest.read(folder)
    version = programs.server_version()
    _require_known_migrations(made)
    if programs.major_of(version) < programs.major_of(made.server_version):
        raise BackUpError(
            f"The back-up is of PostgreSQL {programs.major_of(made.server_version)}, and this "
            f"server is {programs.major_of(version)}. Restore it into one that is not older."
        )
    _require_empty()
    pg_restore = programs.find_program(
        "pg_restore", server_major=programs.major_of(version), dump_major=made.dump_major
    )
    report(f"Checking {len(made.files)} files, {made.bytes:,} bytes.")
    if damage := list(islice(manifest.damage(folder, made), _MOST_NAMED)):
        raise BackUpError(f"The back-up is damaged: {'; '.join(damage)}.")
    try:
        count = uploaded_files.put_back(folder, made)
    except OSError as error:
        raise BackUpError(f"The uploaded files could not be stored: {error}") from error
    report(f"Stored {count} uploaded files.")
    report(f"Restoring the database with {pg_restore.path} {pg_restore.version}.")
    arguments = ("--no-owner", "--no-privileges", "--exit-on-error", "--single-transaction")
    with pg_restore.start(*arguments, f"--dbname={programs.database()}", folder / DUMP) as running:
        running.is_done()
    _compare_and_analyze(made)
    report(f"Restored {sum(made.row_counts.values()):,} rows.")
    return made


def _require_known_migrations(made: Manifest) -> None:
    loader = MigrationLoader(None)
    known = {".".join(each) for each in loader.disk_migrations}
    # Those of an app that is no longer installed mean nothing, as those of `authtoken` before
    # `finish_upgrade`.
    unknown = sorted(
        migration
        for migration in set(made.migrations) - known
        if migration.partition(".")[0] in loader.migrated_apps
    )
    if unknown:
        raise BackUpError(
            "The back-up was made by another version of this service, which had the migrations "
            f"{', '.join(unknown[:_MOST_NAMED])}. Install that version."
        )


def _require_empty() -> None:
    with connection.cursor() as cursor:
        cursor.execute(_RELATIONS)
        [relations] = cursor.fetchone()
    if relations:
        raise BackUpError(
            f"The database {programs.database()} is not empty: it has {relations} tables, views "
            "and sequences. Nothing was changed. Make a new database and set DATABASE_URL to it."
        )


def _compare_and_analyze(made: Manifest) -> None:
    """Compare the numbers of rows, and tell the planner about them."""
    try:
        with transaction.atomic():
            take_as_long_as_it_takes()
            present = count_rows()
            with connection.cursor() as cursor:
                cursor.execute("ANALYZE")
    except Error as error:
        raise BackUpError(
            f"The database was restored, but could not be compared with the back-up: {error}"
            "It is filled: drop it before you restore again."
        ) from error
    differing = [
        f"{table} has {present[table]:,} rows, and had {rows:,}"
        for table, rows in made.row_counts.items()
        if table in present and present[table] != rows
    ]
    if differing:
        raise BackUpError(
            f"The restored database differs: {'; '.join(differing)}. It is filled: drop it."
        )
