"""What PostgreSQL's own log says of a statement: nothing that a user typed.

Note [No values in the server's log]
    A failed statement holds what a user typed, and so do the message of an error ("invalid input
    syntax for type integer: …"), its details and its context (the row of a COPY), and the note of
    the statement that a crashed process was running. Errors are therefore not logged at all, since
    the service gets each of them as an answer; of other messages only the first line is.
"""

from __future__ import annotations

from django.db import DEFAULT_DB_ALIAS, connections

# The embedded server and that of `deploy/compose.yaml` have these from their start. Elsewhere
# `create_database` makes them defaults of the service's role in its database.
SETTINGS = {
    "log_min_messages": "log",
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
    "log_statement": "none",
    "log_min_duration_statement": "-1",
    "log_min_duration_sample": "-1",
    "log_transaction_sample_rate": "0",
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
    "log_lock_waits": "off",
    "auto_explain.log_min_duration": "-1",  # of a module, which logs whole statements
}
# What is no worse: fewer messages, and statements that define something, which hold no values.
_AS_GOOD = {"log_min_messages": {"fatal", "panic"}, "log_statement": {"ddl"}}
# These add to what the others let through, which is nothing.
_HARMLESS = ("log_parameter_max_length", "log_parameter_max_length_on_error", "log_lock_waits")


def telling_settings(alias: str = DEFAULT_DB_ALIAS) -> dict[str, str]:
    """Return the server's settings by which values of users may come into its log.

    They are those of this connection, which every other one of the service has as well. A setting
    of a module that is not loaded has no value.
    """
    names = [name for name in SETTINGS if name not in _HARMLESS]
    with connections[alias].cursor() as cursor:
        cursor.execute("SELECT n, current_setting(n, true) FROM unnest(%s) AS n", [names])
        found: dict[str, str | None] = dict(cursor.fetchall())
    return {
        name: value
        for name, value in found.items()
        if value and value not in {SETTINGS[name], *_AS_GOOD.get(name, ())}
    }
