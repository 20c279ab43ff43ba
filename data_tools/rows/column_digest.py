"""What defines a column of a session, as a digest.

Note [What defines a column]
    What is computed from a column is stored under a digest of the query that reads its cells.
    Everything that operations do to cells or rows is in that query; the column's name is not. So a
    column that no operation touched has what the dataset's own has, undoing an operation brings
    back what was stored before it, and the same work in another session is not done again. Nor
    does the table count that the rows lie in, since they may be moved.
"""

from __future__ import annotations

import hashlib

from data_tools.row_tables.names import SHARED
from data_tools.rows.rendering import SHARED_ROWS
from data_tools.rows.revision_rows import RevisionRows
from data_tools.sql.fragment import own_rows_table
from session_events.events import Column


def digest_of_column(rows: RevisionRows, column: Column, version: int) -> str:
    """See Note [What defines a column]. The type counts too: two types can be read alike.

    `version` is that of what is made of the column.
    """
    query = rows.cells_query([rows.cells[column.key]])
    text = query.one_line
    for table in (SHARED_ROWS, own_rows_table(rows.dataset_id, rows.revision)):
        text = text.replace(table.text, SHARED)
    defining = repr((version, column.type, text, query.parameters))
    return hashlib.sha256(defining.encode()).hexdigest()
