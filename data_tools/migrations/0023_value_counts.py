"""All values of a column beside its profile, with their counts: derived data, null at first."""

from django.contrib.postgres.fields import ArrayField
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("data_tools", "0022_tables_of_large_revisions")]

    operations = [
        migrations.AddField(
            model_name="keptprofile",
            name="counted_values",
            field=ArrayField(base_field=models.TextField(null=True), null=True, size=None),
        ),
        migrations.AddField(
            model_name="keptprofile",
            name="value_counts",
            field=ArrayField(base_field=models.BigIntegerField(), null=True, size=None),
        ),
    ]
