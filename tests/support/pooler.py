"""What tests have to know of a pooler between them and the server (`make test-pooled`)."""

from __future__ import annotations

import os

from django.db.backends.utils import CursorWrapper

# The host of the server behind it, for programs that would leave their settings to others.
SERVER_HOST = os.environ.get("BEHIND_POOLER", "")
IS_THERE = bool(SERVER_HOST)


def lift_time_limits(cursor: CursorWrapper) -> None:
    """Let what the connection does from now on take any time.

    Behind a pooler the limits stay: others would find their connection without them.
    """
    if not IS_THERE:
        cursor.execute("SET statement_timeout = 0; SET lock_timeout = 0")
