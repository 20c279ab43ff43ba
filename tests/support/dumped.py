"""Everything in the database, as text."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from django.db import connection

from hydroml import embedded_postgres_home
from hydroml.embedded_postgres_home import server_account
from tests.support import pooler


def dump() -> str:
    to = connection.settings_dict
    program = embedded_postgres_home.binaries(server_account(Path("/"))) / "pg_dump"
    given = {"PGHOST": to["HOST"], "PGUSER": to["USER"], "PGPASSWORD": to["PASSWORD"]}
    given |= {"PGPORT": str(to["PORT"]), "PGDATABASE": to["NAME"]}
    if pooler.IS_THERE:  # pg_dump would leave it connections without a search path
        given["PGHOST"] = pooler.SERVER_HOST
    environment = {name: value for name, value in given.items() if value}
    done = subprocess.run(
        [program, "--inserts"],
        env={"PATH": os.environ["PATH"], **environment},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout
