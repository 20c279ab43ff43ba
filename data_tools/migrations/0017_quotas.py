"""Figures of how much users keep, and quotas of single users.

Nothing is measured here: `manage.py measure_rows`, or the job of that name, does so without a lock.
"""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("auth", "0012_alter_user_first_name_max_length"),
        ("data_tools", "0016_shown_rows"),
    ]

    operations = [
        migrations.CreateModel(
            name="UserQuotas",
            fields=[
                (
                    "user",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="quotas",
                        serialize=False,
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "rows_bytes",
                    models.PositiveBigIntegerField(
                        blank=True, null=True, verbose_name="bytes of rows"
                    ),
                ),
                (
                    "files_bytes",
                    models.PositiveBigIntegerField(
                        blank=True, null=True, verbose_name="bytes of files"
                    ),
                ),
                (
                    "lists_bytes",
                    models.PositiveBigIntegerField(
                        blank=True, null=True, verbose_name="bytes of row lists"
                    ),
                ),
                ("events", models.PositiveBigIntegerField(blank=True, null=True)),
                ("open_sessions", models.PositiveBigIntegerField(blank=True, null=True)),
                ("datasets", models.PositiveBigIntegerField(blank=True, null=True)),
            ],
            options={
                "verbose_name": "quotas of a user",
                "verbose_name_plural": "quotas of a user",
            },
        ),
        migrations.AddField(
            model_name="datasource",
            name="file_bytes",
            field=models.BigIntegerField(
                db_default=0,
                default=0,
                help_text="The size of `file`; says nothing if that is empty.",
            ),
        ),
        migrations.AddField(
            model_name="datasource",
            name="reupload_file_bytes",
            field=models.BigIntegerField(
                db_default=0, default=0, help_text="The size of `reupload_file`, likewise."
            ),
        ),
        migrations.CreateModel(
            name="StoredRevision",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("revision", models.PositiveIntegerField()),
                ("row_bytes", models.BigIntegerField()),
                (
                    "dataset",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="data_tools.datasource",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("dataset", "revision"), name="stored_revision_once"
                    )
                ],
            },
        ),
    ]
