"""Revisions of many rows get tables of their own, which inherit from the shared one.

`data_tools_own_rows` stays empty: see Note [Children of the shared table] in
`data_tools.row_tables`. The trigger that deletes a dataset's rows drops its tables; from one that
somebody is reading it deletes the rows, and the table is dropped by a later look (`removing`).
"""

import django.contrib.postgres.fields
from django.db import migrations, models

from session_events.migrations.sql import sql_of


class Migration(migrations.Migration):
    dependencies = [("data_tools", "0021_column_blocks")]

    operations = [
        # First, since it waits for a vacuum of the shared table, and nobody then waits for it.
        migrations.RunSQL(
            sql_of(__file__, "parent"),
            # Refused while any revision has a table of its own.
            "DROP TABLE data_tools_own_rows",
        ),
        migrations.AddField(
            model_name="datasource",
            name="own_tables",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.PositiveIntegerField(),
                blank=True,
                db_default=models.Value(
                    [],
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.PositiveIntegerField()
                    ),
                ),
                default=list,
                editable=False,
                help_text=(
                    "The revisions whose rows lie in a table of their own; see `row_tables`."
                ),
                size=None,
            ),
        ),
        migrations.CreateModel(
            name="MovedRevision",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "dataset_id",
                        "revision",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("dataset_id", models.UUIDField()),
                ("revision", models.PositiveIntegerField()),
                ("copied_at", models.DateTimeField()),
            ],
        ),
        migrations.RunSQL(sql_of(__file__), sql_of(__file__, "backward")),
    ]
