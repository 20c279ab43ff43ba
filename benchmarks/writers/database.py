"""Where the writers write."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """The address of a PostgreSQL database, in the parameters of its drivers."""

    name: str
    user: str
    password: str
    host: str
    port: str

    @property
    def parameters(self) -> dict[str, Any]:
        """What psycopg2 connects with; what is empty is left to its defaults."""
        given = {
            "dbname": self.name,
            "user": self.user,
            "password": self.password,
            "host": self.host,
            "port": self.port,
        }
        return {name: value for name, value in given.items() if value}
