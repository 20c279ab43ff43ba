"""Functions that turn a value into another type, or into null where it does not fit.

PostgreSQL's own casts raise on the first value that does not fit; these never raise. Each names
its argument once in the query, so that stacked type changes stay linear (see docs/decisions/0002).
"""

from django.db import migrations

from session_events.migrations.sql import sql_of


class Migration(migrations.Migration):
    dependencies = [("data_tools", "0002_rows_never_change")]

    operations = [migrations.RunSQL(sql_of(__file__), sql_of(__file__, "backward"))]
