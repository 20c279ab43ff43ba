"""Tables for lists of row numbers: derived data, so not logged, and gone with what it is made of.

Triggers rather than foreign keys remove blocks: a check of each block would cost more than the
block. Emptying either table empties both, so that a list is there whole or not at all.
"""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models

from session_events.migrations.sql import sql_of


class Migration(migrations.Migration):
    dependencies = [("data_tools", "0006_exact_integers_from_text")]

    operations = [
        migrations.CreateModel(
            name="RowListBlock",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "list_id",
                        "block",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("list_id", models.UUIDField()),
                ("block", models.BigIntegerField()),
                ("rows_before", models.BigIntegerField()),
                (
                    "row_numbers",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.BigIntegerField(), size=None
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("list_id", "rows_before"), name="row_list_block_has_its_place"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="RowList",
            fields=[
                ("id", models.UUIDField(editable=False, primary_key=True, serialize=False)),
                ("dataset_id", models.UUIDField()),
                ("revision", models.PositiveIntegerField()),
                ("row_count", models.BigIntegerField()),
                ("used_at", models.DateTimeField()),
                (
                    "parent",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="data_tools.rowlist",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["dataset_id", "revision"], name="row_list_of_dataset")
                ],
            },
        ),
        migrations.RunSQL(sql_of(__file__), sql_of(__file__, "backward")),
    ]
