"""The datasets in the benchmark's database: made on first use, found again by name.

Up to a million rows they come through the real ingest. More would take long and show nothing that
the ingest's own figures do not: larger ones are a million rows, several times over.
"""

from __future__ import annotations

import sys
from pathlib import Path

import psycopg2
from django.conf import settings
from django.contrib.auth.models import User
from django.core.management import call_command
from django.db import connection, transaction
from psycopg2 import sql

from benchmarks.datasets.synthetic import parquet_file
from data_tools.columns import base_columns
from data_tools.ingest import load_file
from data_tools.models import ApiToken, DataSource
from data_tools.profiles.stored import keep_base_profiles
from data_tools.row_tables.making import attach, new_rows
from data_tools.row_tables.names import SHARED, own_table
from data_tools.row_tables.placement import has_own_table
from data_tools.services import dataset_service
from hydroml import flights
from hydroml.embedded_postgres import ensure_configured_database

OWNER, PASSWORD = "bench", "only for measuring"
FLIGHTS = "flights"
LARGEST_LOADED_ROWS = 1_000_000
# Earlier versions of PostgreSQL vacuum no children anyway.
_KNOWS_ONLY = 180_000


def prepare_database() -> str:
    """Start, create and migrate the benchmark's database; return the API token of its user."""
    ensure_configured_database()
    _create_database()
    call_command("migrate", verbosity=0, interactive=False)
    owner, _ = User.objects.get_or_create(username=OWNER)
    if not owner.check_password(PASSWORD):
        owner.set_password(PASSWORD)  # which ends all tokens of the user
        owner.save()
    return ApiToken.objects.create(user=owner)[1]


def owner() -> User:
    return User.objects.get(username=OWNER)


def label(dataset: DataSource) -> str:
    """Return the name of the dataset in the report."""
    rows = f"{dataset.row_count:,}"
    return f"{rows} flights" if dataset.name == FLIGHTS else f"{rows} rows"


def synthetic(row_count: int) -> DataSource:
    """Return the synthetic dataset with that many rows."""
    name = synthetic_name(row_count)
    if (found := _ready(name)) is not None:
        return found
    _say(f"making {name} rows, once ...")
    if row_count <= LARGEST_LOADED_ROWS:
        return _loaded(parquet_file(settings.BENCH_DIR, row_count), name)
    return repeated(synthetic(LARGEST_LOADED_ROWS), name, row_count=row_count)


def real_flights() -> DataSource:
    """Return the flights that left New York City in 2013."""
    found = _ready(FLIGHTS)
    if found is None:
        _say("loading the flights, once ...")
        found = _loaded(flights.flights_csv(settings.VAR_DIR / "demo"), FLIGHTS)
    return found


def repeated(
    source: DataSource, name: str, *, row_count: int, owned_by: User | None = None
) -> DataSource:
    """Return the dataset `name`: the rows of `source` repeated until there are `row_count`.

    Belongs to the owner of `source`, or to somebody else; its name must be no other dataset's.
    """
    if (found := _ready(name)) is not None:
        return found
    copy = DataSource(
        owner=owned_by or source.owner,
        name=name,
        status=DataSource.Status.READY,
        progress_percent=100,
        revision=1,
        row_count=row_count,
        columns=source.columns,
        fingerprint=source.fingerprint,
    )
    with (
        transaction.atomic(),
        connection.cursor() as cursor,
        new_rows(copy.pk, 1, row_count=row_count) as into,
    ):
        cursor.execute("SET LOCAL statement_timeout = 0")
        for start in range(0, row_count, source.row_count):
            cursor.execute(
                f"INSERT INTO {into.table} (dataset_id, revision, row_number, values)"
                " SELECT %s, 1, row_number + %s, values FROM data_tools_datarow"
                " WHERE dataset_id = %s AND revision = %s AND row_number <= %s"
                " ORDER BY row_number",
                [copy.pk, start, source.pk, source.revision, row_count - start],
            )
        into.finish()
        if into.has_own_table:
            copy.own_tables = [1]
        copy.save(force_insert=True)
        if into.has_own_table:
            attach(copy.pk, 1)
    pack()
    _measure(copy)
    tidy(copy)
    return copy


def remove(dataset: DataSource) -> None:
    """Delete a dataset with its rows, as its owner does."""
    dataset_service.delete(owner=dataset.owner, datasource_id=dataset.pk)


def is_ready(name: str) -> bool:
    """Tell whether the dataset has been made already."""
    return _ready(name) is not None


def synthetic_name(row_count: int) -> str:
    return f"synthetic {row_count:,}"


def pack() -> None:
    """Write the column blocks of rows that came past the ingest, or before there were blocks."""
    call_command("pack_columns", stdout=sys.stderr)


def _measure(dataset: DataSource) -> None:
    """Store the figures of its columns, as the ingest does."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 0")
        keep_base_profiles(
            dataset.pk,
            revision=dataset.revision,
            row_count=dataset.row_count,
            columns=base_columns(dataset.columns),
            on_pass=lambda _: None,
        )


def tidy(dataset: DataSource) -> None:
    """Update statistics and visibility map where its rows lie, as autovacuum does in time."""
    if has_own_table(dataset.pk, dataset.revision):
        vacuum(own_table(dataset.pk, dataset.revision), analyzes=True)
    else:
        vacuum(SHARED, analyzes=True)


def vacuum(table: str, *, analyzes: bool = False) -> None:
    """Vacuum a table of rows alone, and not the tables that inherit from it."""
    only = "ONLY " if connection.pg_version >= _KNOWS_ONLY else ""
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")
        cursor.execute(f"VACUUM {'(ANALYZE) ' if analyzes else ''}{only}{table}")
        cursor.execute("RESET statement_timeout")


def read_through() -> None:
    """Read rows, their index and blocks once, so that what fits into the machine's memory is there.

    Else the largest dataset, read last and longest ago, is measured from the disk, and the smallest
    from memory.
    """
    with connection.cursor() as cursor, transaction.atomic():
        cursor.execute("SET LOCAL statement_timeout = 0")
        cursor.execute('SELECT count("values") FROM data_tools_datarow')
        cursor.execute("SELECT sum(bit_count(packed)) FROM data_tools_columnblock")
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("SELECT count(*) FROM data_tools_datarow")


def _ready(name: str) -> DataSource | None:
    return DataSource.objects.filter(name=name, status=DataSource.Status.READY).first()


def _loaded(path: Path, name: str) -> DataSource:
    loaded = load_file(path, owner=owner(), name=name)
    if loaded.status != DataSource.Status.READY:
        raise RuntimeError(f"{path} was not loaded: {loaded.error_reason}")
    tidy(loaded)
    return loaded


def _create_database() -> None:
    """Make the database that the settings name, unless it exists."""
    if settings.EMBEDDED_POSTGRES is not None:
        return  # the embedded server comes with it
    name = settings.DATABASES["default"]["NAME"]
    parameters = connection.get_connection_params() | {"dbname": "postgres"}
    parameters = {key: value for key, value in parameters.items() if isinstance(value, str | int)}
    server = psycopg2.connect(**parameters)
    server.autocommit = True
    with server.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name])
        if cursor.fetchone() is None:
            cursor.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    server.close()


def _say(sentence: str) -> None:
    print(sentence, file=sys.stderr, flush=True)
