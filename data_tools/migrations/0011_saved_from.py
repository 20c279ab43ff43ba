"""A dataset saved from a session says from which."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("data_tools", "0010_kept_profiles")]

    operations = [
        migrations.AddField(
            model_name="datasource",
            name="saved_from",
            field=models.JSONField(
                blank=True, help_text="The session it was saved from.", null=True
            ),
        ),
        migrations.AlterField(
            model_name="datasource",
            name="recipe",
            field=models.JSONField(
                default=list, help_text="The recipe that made this dataset out of its parent."
            ),
        ),
    ]
