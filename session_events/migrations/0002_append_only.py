"""The log's rules, kept by the database: one way to append, and no way to alter.

Note [One round trip]
    `session_events_append` locks the stream's head, compares the expected version, inserts the
    events and moves the head: one statement, committed with it. The lock is held for that long
    only. A stream is created by the append that expects version 0.

Note [Refusals are data]
    A conflict and a repeated client operation id are outcomes, not exceptions: they are ordinary,
    and an exception would cost the connection a rolled back transaction.
"""

from django.db import migrations

from session_events.migrations.sql import sql_of

BACKWARD = """
DROP TRIGGER session_event_refuse_change ON session_events_sessionevent;
DROP FUNCTION session_events_refuse_change();
DROP FUNCTION session_events_append;
"""


class Migration(migrations.Migration):
    dependencies = [("session_events", "0001_initial")]

    operations = [migrations.RunSQL(sql_of(__file__), BACKWARD)]
