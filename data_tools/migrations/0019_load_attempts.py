"""Counts how often loading a dataset's newest file has begun.

The column has a default in the database, for servers of the version before.
"""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("data_tools", "0018_tokens"),
    ]

    operations = [
        migrations.AddField(
            model_name="datasource",
            name="load_attempts",
            field=models.PositiveSmallIntegerField(
                db_default=0, default=0, help_text="How often loading the newest file has begun."
            ),
        ),
    ]
