"""Rows are written once: the database refuses every UPDATE of them."""

from django.db import migrations

from session_events.migrations.sql import sql_of

BACKWARD = """
DROP TRIGGER data_row_refuse_update ON data_tools_datarow;
DROP FUNCTION data_tools_refuse_row_update();
"""


class Migration(migrations.Migration):
    dependencies = [("data_tools", "0001_initial")]

    operations = [migrations.RunSQL(sql_of(__file__), BACKWARD)]
