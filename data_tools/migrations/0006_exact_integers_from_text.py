"""A text that spells an integer becomes a float only where that integer itself would.

Beyond 2^53 doubles have gaps: `data_tools_integer_to_float` refuses there, and so must the text,
or changing text to float would round what changing it to integer and then to float refuses.
"""

from django.db import migrations

from session_events.migrations.sql import sql_of


class Migration(migrations.Migration):
    dependencies = [("data_tools", "0005_reupload")]

    operations = [migrations.RunSQL(sql_of(__file__), sql_of(__file__, "backward"))]
