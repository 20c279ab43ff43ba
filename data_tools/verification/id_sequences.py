"""Whether new rows get ids that no row has."""

from __future__ import annotations

from django.apps import apps
from django.db import connection
from django.db.models import Max

from data_tools.verification.checks import Check

# By its name alone: a sequence of somebody else's may be in a schema that we may not look into.
_LAST_VALUE = """
SELECT last_value FROM pg_sequences
WHERE format('%%I.%%I', schemaname, sequencename) = pg_get_serial_sequence(%s, %s)
"""


def verify_sequences(check: Check) -> None:
    """Compare each table's highest id with the sequence that gives the next one."""
    for model in apps.get_models(include_auto_created=True):
        field = model._meta.auto_field
        if field is None or not model._meta.managed:
            continue
        check.examine()
        # The id first: meanwhile the sequence can only grow.
        highest = model._base_manager.aggregate(highest=Max(field.attname))["highest"] or 0
        with connection.cursor() as cursor:
            cursor.execute(_LAST_VALUE, [model._meta.db_table, field.column])
            row = cursor.fetchone()
        last = 0 if row is None or row[0] is None else row[0]
        if last < highest:
            check.fault(
                f"{model._meta.db_table} has the id {highest}, and the next would be {last + 1}"
            )
