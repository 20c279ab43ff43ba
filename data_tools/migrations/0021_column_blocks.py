"""Tables for columns kept in blocks: derived data, gone with the dataset or the column.

Blocks are written before their column, which is known to be whole only then; so the constraint
waits for the end of the transaction. A block holds bytes that do not compress, half a megabyte of
them, and is read whole: PostgreSQL stores it apart, as it is.
"""

from django.db import migrations, models

from session_events.migrations.sql import sql_of


class Migration(migrations.Migration):
    dependencies = [("data_tools", "0020_signs_of_life")]

    operations = [
        migrations.CreateModel(
            name="ColumnBlock",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "dataset_id",
                        "revision",
                        "column",
                        "block",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("dataset_id", models.UUIDField()),
                ("revision", models.PositiveIntegerField()),
                ("column", models.CharField(max_length=64)),
                ("block", models.PositiveIntegerField()),
                ("missing_count", models.PositiveIntegerField()),
                ("digest", models.BinaryField(max_length=32)),
                ("packed", models.BinaryField()),
            ],
        ),
        migrations.CreateModel(
            name="StoredColumn",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "dataset_id",
                        "revision",
                        "column",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("dataset_id", models.UUIDField()),
                ("revision", models.PositiveIntegerField()),
                ("column", models.CharField(max_length=64)),
                ("row_count", models.BigIntegerField()),
                ("block_count", models.PositiveIntegerField()),
                ("packed_bytes", models.BigIntegerField()),
                ("used_at", models.DateTimeField(null=True)),
            ],
            options={
                "indexes": [
                    models.Index(
                        fields=["used_at"],
                        name="stored_column_computed",
                        condition=models.Q(used_at__isnull=False),
                    )
                ],
            },
        ),
        migrations.RunSQL(sql_of(__file__), sql_of(__file__, "backward")),
    ]
