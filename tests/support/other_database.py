"""An empty database beside the one of the tests, and a block in which the service uses it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass

import psycopg2
from django.conf import settings
from django.db import connection
from psycopg2.sql import SQL, Identifier

_ROLE = "hydroml_ordinary"


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherDatabase:
    """A database on the server of the tests, with its owner."""

    name: str
    owner: str

    @contextmanager
    def in_use(self) -> Iterator[None]:
        """Let everything in this process use it during the block."""
        address = connection.settings_dict
        before = {key: address[key] for key in ("NAME", "USER")}
        connection.close()
        address.update(NAME=self.name, USER=self.owner)
        try:
            yield
        finally:
            connection.close()
            address.update(before)


@contextmanager
def empty_database() -> Iterator[OtherDatabase]:
    """Make an empty database for the block.

    On the embedded server its owner is an ordinary role, as in production; elsewhere it is the
    configured user.
    """
    name = f"{connection.settings_dict['NAME']}_other"
    is_ours = settings.EMBEDDED_POSTGRES is not None
    owner = _ROLE if is_ours else connection.settings_dict["USER"]
    make = [SQL("CREATE DATABASE {} TEMPLATE template0").format(Identifier(name))]
    drop_role = []
    if is_ours:
        drop_role = [SQL("DROP ROLE IF EXISTS {}").format(Identifier(owner))]
        own = SQL("ALTER DATABASE {} OWNER TO {}").format(Identifier(name), Identifier(owner))
        make += [SQL("CREATE ROLE {} LOGIN").format(Identifier(owner)), own]
    drop_database(name)
    _execute(*drop_role, *make)
    try:
        yield OtherDatabase(name=name, owner=owner)
    finally:
        drop_database(name)
        _execute(*drop_role)


def drop_database(name: str) -> None:
    """Drop a database, if it exists, with whoever is connected to it."""
    _execute(SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(Identifier(name)))


def _execute(*statements: SQL) -> None:
    to = connection.settings_dict
    address = {"host": to["HOST"], "port": to["PORT"], "user": to["USER"]}
    address |= {"password": to["PASSWORD"], "dbname": "postgres"}
    with closing(psycopg2.connect(**{k: v for k, v in address.items() if v})) as maintenance:
        maintenance.autocommit = True
        with maintenance.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)
