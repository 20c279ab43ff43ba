"""JSON that keeps floats floats, and row-wise statistics that lose no digits far from 0."""

from django.db import migrations

from data_tools.written_json import WrittenJSONField
from session_events.migrations.sql import sql_of


class Migration(migrations.Migration):
    dependencies = [("data_tools", "0013_reading_options")]

    operations = [
        migrations.AlterField(
            model_name="datasource",
            name="ingest_report",
            field=WrittenJSONField(default=dict),
        ),
        migrations.AlterField(
            model_name="datasource",
            name="recipe",
            field=WrittenJSONField(
                default=list, help_text="The recipe that made this dataset out of its parent."
            ),
        ),
        migrations.AlterField(
            model_name="datasource",
            name="reupload_failure",
            field=WrittenJSONField(
                blank=True,
                help_text="Why the last file that was to replace the rows did not.",
                null=True,
            ),
        ),
        migrations.RunSQL(sql_of(__file__), sql_of(__file__, "backward")),
    ]
