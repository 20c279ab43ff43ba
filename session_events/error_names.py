"""How the service's log names errors, whose messages may quote users' values.

PostgreSQL's quote rows and literals, and the system's quote names of files.
"""

from __future__ import annotations

import os


def without_values(error: BaseException) -> str:
    """Return the error's type, and its SQLSTATE or what the system says of its number.

    That is all that the log says of it.
    """
    state = getattr(error, "pgcode", None) or getattr(error.__cause__, "pgcode", None)
    said = f" {state or system_message(error) or ''}"
    return (type(error).__name__ + said).strip()


def system_message(error: BaseException) -> str | None:
    """Return what the system says of the number of such an error, without the file it is about."""
    if not isinstance(error, OSError) or error.errno is None:
        return None
    return f"[Errno {error.errno}] {os.strerror(error.errno)}"
