"""A dataset's rows are deleted with it, whoever deletes it: a user's cascade or the admin as well.

The foreign key of a row has no database constraint (see `DataRow`), so nothing else would.
"""

from django.db import migrations

from session_events.migrations.sql import sql_of

BACKWARD = """
DROP TRIGGER data_source_delete_rows ON data_tools_datasource;
DROP FUNCTION data_tools_delete_rows();
"""


class Migration(migrations.Migration):
    dependencies = [("data_tools", "0003_safe_casts")]

    operations = [migrations.RunSQL(sql_of(__file__), BACKWARD)]
