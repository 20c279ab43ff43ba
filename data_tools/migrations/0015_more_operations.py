"""Functions of the casts by a date format, and of the operations that came with them.

The casts that keep every digit have names of their own: operations that were applied before them
go on as they were. None of these functions raises, and each names its arguments once in the query
(see docs/decisions/0002).
"""

from django.db import migrations

from session_events.migrations.sql import sql_of

_SIGNATURES = (
    "text_to_exact_datetime(text)",
    "text_to_exact_float(text)",
    "text_by_format(text, text, text, boolean)",
    "regex_replace(text, text, text, integer, text)",
    "regex_groups(text)",
    "swap_ignoring_case(text, text, text)",
    "join(text[], text, text, boolean)",
    "round(double precision, integer, boolean)",
    "round(bigint, integer, boolean)",
    "round_exactly(numeric, integer, boolean)",
)


class Migration(migrations.Migration):
    dependencies = [("data_tools", "0014_exact_figures")]

    operations = [
        migrations.RunSQL(
            "".join(sql_of(__file__, part) for part in ("casts", "texts", "numbers")),
            "\n".join(f"DROP FUNCTION data_tools_{signature};" for signature in _SIGNATURES),
        )
    ]
