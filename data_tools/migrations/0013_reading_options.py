"""How the owner of a dataset wants its files to be read."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("data_tools", "0012_functions_of_operations")]

    operations = [
        migrations.AddField(
            model_name="datasource",
            name="reading_options",
            field=models.JSONField(
                blank=True,
                db_default=models.Value({}, models.JSONField()),
                default=dict,
                help_text="How its owner wants its files to be read.",
            ),
        ),
        migrations.AddField(
            model_name="datasource",
            name="reupload_options",
            field=models.JSONField(
                blank=True,
                help_text=(
                    "Options sent with `reupload_file`; once published, they replace the others."
                ),
                null=True,
            ),
        ),
        migrations.AlterField(
            model_name="datasource",
            name="requested_sheet",
            field=models.CharField(
                blank=True,
                db_default="",
                default="",
                help_text="The sheet to read of the newest file only; empty if none was named.",
                max_length=255,
            ),
        ),
    ]
