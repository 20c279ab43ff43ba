"""A table that refuses some rows, as a constraint or a fault of the database would."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection


@contextmanager
def rows_are_refused(table: str, containing: str) -> Iterator[None]:
    """Let inserts of rows with this text fail with an error that quotes the whole row."""
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE FUNCTION refuse_row() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
            f" IF row_to_json(NEW)::text LIKE '%{containing}%' THEN"
            " RAISE EXCEPTION 'refused: %', row_to_json(NEW); END IF; RETURN NEW; END $$;"
            f"CREATE TRIGGER refuse_row BEFORE INSERT ON {table}"
            " FOR EACH ROW EXECUTE FUNCTION refuse_row()"
        )
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("DROP FUNCTION refuse_row() CASCADE")
