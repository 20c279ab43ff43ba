"""Whether the lists of row numbers fit the rows. They are unlogged: a restored server has none."""

from __future__ import annotations

from django.db import connection, transaction

from data_tools.jobs.connections import take_as_long_as_it_takes
from data_tools.models import RowList
from data_tools.verification.checks import Check

# A list that outlived the rows that it was made of would show others in their place.
_WRONG = """
SELECT list.id FROM data_tools_rowlist AS list
LEFT JOIN data_tools_datasource AS dataset ON dataset.id = list.dataset_id
WHERE dataset.id IS NULL OR list.revision > dataset.revision
   OR list.row_count <> coalesce((
       SELECT rows_before + cardinality(row_numbers) FROM data_tools_rowlistblock
       WHERE list_id = list.id ORDER BY block DESC LIMIT 1
   ), 0)
"""


def verify_lists(check: Check) -> None:
    """Find lists of datasets or revisions that do not exist, and lists that are not whole."""
    check.examine(RowList.objects.count())
    with transaction.atomic(), connection.cursor() as cursor:
        take_as_long_as_it_takes()
        cursor.execute(_WRONG)
        wrong = [list_id for [list_id] in cursor.fetchall()]
    for list_id in wrong:
        if RowList.objects.filter(pk=list_id).exists():
            check.fault(f"the list of row numbers {list_id} does not fit its dataset; delete it")
