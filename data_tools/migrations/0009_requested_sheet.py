"""Which sheet of a workbook is to be loaded."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("data_tools", "0008_feature_flags")]

    operations = [
        migrations.AddField(
            model_name="datasource",
            name="requested_sheet",
            field=models.CharField(
                blank=True,
                default="",
                help_text="The sheet to load of the newest file, a workbook; empty for its first.",
                max_length=255,
            ),
        ),
        # Servers of the version before make datasets without naming the column. Databases that
        # have it already get the default from 0013.
        migrations.RunSQL(
            "ALTER TABLE data_tools_datasource ALTER COLUMN requested_sheet SET DEFAULT ''",
            migrations.RunSQL.noop,
        ),
    ]
