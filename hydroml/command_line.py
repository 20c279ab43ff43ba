"""The command `hydroml`, which is `manage.py` in a checkout: Django's commands and ours.

An error that somebody can mend who never saw the code, such as a missing setting or a database that
refuses connections, is one sentence and no traceback.
"""

import os
import sys

from django.core.exceptions import ImproperlyConfigured


def main() -> None:
    """Run the command of `sys.argv`. Exits with 1 and a sentence where it cannot start."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hydroml.settings")
    from django.core.management import execute_from_command_line
    from django.db import OperationalError

    from hydroml.embedded_postgres import ensure_configured_database
    from hydroml.embedded_postgres_home import EmbeddedPostgresError

    try:
        ensure_configured_database()
        execute_from_command_line(sys.argv)
    except (ImproperlyConfigured, EmbeddedPostgresError) as error:
        sys.exit(str(error))
    except OperationalError as error:
        if not _is_refused_connection(error):
            raise
        sys.exit(f"The database of DATABASE_URL cannot be reached: {_first_line(error)}")


def _is_refused_connection(error: Exception) -> bool:
    """Whether no connection was made: what a server says about a statement has an SQLSTATE."""
    return getattr(error.__cause__, "pgcode", None) is None


def _first_line(error: Exception) -> str:
    return str(error).strip().partition("\n")[0]
