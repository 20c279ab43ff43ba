"""How many bytes rows take up, counted and limited while they are written.

Note [Bytes of rows]
    Rows count as the bytes of their JSON text, plus 128 for each row and 4 for each cell: what
    PostgreSQL adds for a row, its key and its index entry, and for a value of a jsonb array.
    Loading and saving make that text for the fingerprint, so counting costs nothing. For integers,
    booleans, floats and short texts the sum was within 8 % of the disk space that the rows take
    (29 November 2026, PostgreSQL 15). Long repetitive texts are compressed on disk and count in
    full here, because reading them costs what is counted.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from django.db import connection, transaction
from psycopg2 import sql

from data_tools.exceptions import RowsGone
from data_tools.models import DataSource, StoredRevision
from data_tools.quotas.locks import lock_storage
from data_tools.quotas.refusal import QuotaExceeded
from data_tools.quotas.usage import Usage, rows_usage
from data_tools.row_tables.names import in_from
from data_tools.row_tables.placement import source_of

_ROW_BYTES, _CELL_BYTES = 128, 4

# The same for stored rows. The text of jsonb has a space after each comma, hence 3 and not 4.
BYTES_OF_ROW: Final = 'octet_length("values"::text) + 1 + 128 + 3 * jsonb_array_length("values")'
_MEASURE = sql.SQL("""
SELECT coalesce(sum({row_bytes}), 0) FROM {rows}
WHERE dataset_id = %s::uuid AND revision = %s
""")


def bytes_of_rows(text_bytes: int, *, rows: int, columns: int) -> int:
    """Return how many bytes rows count as whose JSON texts have `text_bytes` in all."""
    return text_bytes + rows * (_ROW_BYTES + _CELL_BYTES * columns)


def measure(dataset_id: UUID, revision: int) -> int:
    """Return how many bytes the stored rows of a revision count as, 0 if they are gone.

    Reads them all. Differs from what was counted while they were written only where the file spells
    a number differently from jsonb, such as 1e300.
    """
    rows = in_from(source_of(dataset_id, revision))
    with suppress(RowsGone), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            _MEASURE.format(row_bytes=sql.SQL(BYTES_OF_ROW), rows=rows), [str(dataset_id), revision]
        )
        return int(cursor.fetchone()[0])
    return 0


@dataclass(frozen=True, slots=True, kw_only=True)
class RowsBudget:
    """How many more bytes of rows a user could store when this was made.

    `refusal` is made ahead, because rows are counted where the database cannot be asked.
    """

    left: int
    refusal: QuotaExceeded

    @classmethod
    def of(cls, user_id: int) -> RowsBudget:
        usage = rows_usage(user_id)
        return cls(left=usage.left, refusal=_refusal(user_id, usage, wanted=usage.left + 1))

    def require(self, row_bytes: int) -> None:
        """Raise unless this many bytes fit.

        Raises:
            QuotaExceeded: they do not fit.
        """
        if row_bytes > self.left:
            raise self.refusal


def note_published(dataset_id: UUID, *, revision: int, row_bytes: int) -> None:
    """Record how many bytes a revision's rows count as, in the transaction that publishes them.

    Locks the owner's storage until the transaction ends, so that two loads cannot take the same
    room. Does nothing if the dataset is gone.

    Raises:
        QuotaExceeded: there is no room for them.
    """
    owner_id = DataSource.objects.filter(pk=dataset_id).values_list("owner_id", flat=True).first()
    if owner_id is None:
        return
    lock_storage(owner_id)
    usage = rows_usage(owner_id)
    if row_bytes > usage.left:
        raise _refusal(owner_id, usage, wanted=row_bytes)
    StoredRevision.objects.update_or_create(
        dataset_id=dataset_id, revision=revision, defaults={"row_bytes": row_bytes}
    )


def _refusal(user_id: int, usage: Usage, *, wanted: int) -> QuotaExceeded:
    return QuotaExceeded.of(user_id, usage, wanted=max(1, wanted))
