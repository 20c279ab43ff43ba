"""How the service's log names errors: PostgreSQL's messages may quote users' values."""

from __future__ import annotations


def without_values(error: BaseException) -> str:
    """Return the error's type and, if it has one, its SQLSTATE: all that the log says of it."""
    state = getattr(error, "pgcode", None) or getattr(error.__cause__, "pgcode", None)
    return type(error).__name__ + (f" {state}" if state else "")
