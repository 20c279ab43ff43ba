"""A function that cuts the long texts of a row before it leaves the database."""

from django.db import migrations

from session_events.migrations.sql import sql_of


class Migration(migrations.Migration):
    dependencies = [("data_tools", "0015_more_operations")]

    operations = [migrations.RunSQL(sql_of(__file__), sql_of(__file__, "backward"))]
