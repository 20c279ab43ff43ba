"""Commands of `manage.py`, each in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from typing import NamedTuple

from django.conf import settings

from tests.support.patience import PATIENCE_SECONDS

# In one process, since each takes seconds to start.
MAKE_TABLES_AND_ALICE = """
from django.contrib.auth.models import User
from django.core.management import call_command
call_command("migrate", verbosity=0)
User.objects.create_user("alice", password="password")
"""


class Said(NamedTuple):
    """What a command printed, and what it logged or warned of."""

    printed: str
    logged: str


def manage(*command: str, environment: Mapping[str, str]) -> Said:
    """Run a command with this environment, and without Redis unless that names one.

    Raises:
        AssertionError: it failed; with what it said.
    """
    done = subprocess.run(
        [sys.executable, "manage.py", *command],
        cwd=settings.BASE_DIR,
        env={**os.environ, "SECRET_KEY": settings.SECRET_KEY, "REDIS_URL": "", **environment},
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return Said(printed=done.stdout, logged=done.stderr)
