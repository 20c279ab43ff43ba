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
    ]
