"""Ordered lists of row numbers, stored in blocks: which rows, and in which order.

# Note [Lists of rows]
Rows never change, so the rows that an operation keeps, and the rows that a filter and an order
show, are computed once, stored as a list of row numbers, and read by blocks: a page costs the same
at any place, however many rows there are. A list's id is a digest of all that defines it: the
dataset and its revision, the operations before, and the removal or the filter and order itself.

A list is derived data and may disappear at any time, pruned or lost in a crash; it is computed
again when it is needed. No answer ignores a missing list:
- a list is removed whole, and with it every list made of its rows (it is their parent), so a page
  of an existing list can rely on every list before it;
- a page that finds no list makes it and reads again;
- a pass over the rows reads through the list with a condition that fails if there is no list;
- the rows that an operation kept are proved by the count and the SHA-256 in its event.
"""

from __future__ import annotations

import hashlib
import io
import logging
from collections.abc import Collection
from typing import Any
from uuid import UUID

import msgspec
from django.conf import settings
from django.db import Error, connection, transaction
from django.db.models.functions import Now

from data_tools.models import DataSource, RowList
from data_tools.quotas.limits import Quota, limits_of
from data_tools.quotas.usage import LIST_BYTES_PER_ROW
from data_tools.rows.lists.copy_format import COPY_BLOCKS, blocks_by_number, blocks_by_place
from data_tools.rows.lists.proof import proof_of
from data_tools.rows.lists.queries import ListKey, new_list
from data_tools.rows.lists.sorting import RowNumbers
from session_events.error_names import without_values

logger = logging.getLogger(__name__)

# Locked lists are skipped: another process is removing them, or noting their use. Lists made or
# used in the last ten minutes stay: a reader who needs several makes them one after another, and if
# one were removed before the rows are read, a session whose lists together exceed the limit could
# never be read.
_PRUNE = """
WITH by_use AS (
    SELECT id, used_at, sum(row_count) OVER (ORDER BY used_at DESC, id) > %s AS is_beyond
    FROM data_tools_rowlist
)
DELETE FROM data_tools_rowlist WHERE id IN (
    SELECT list.id FROM data_tools_rowlist AS list JOIN by_use ON by_use.id = list.id
    WHERE (by_use.is_beyond AND list.used_at < now() - interval '10 minutes')
        OR list.used_at < now() - make_interval(secs => %s)
    FOR UPDATE OF list SKIP LOCKED
)
"""

# The lists of an owner beyond `most_rows`, longest unused first. Lists used in the last ten
# minutes stay up to twice as many rows, for the same reason; beyond, those of the last minute.
_PRUNE_OF_OWNER = """
WITH by_use AS (
    SELECT list.id, sum(list.row_count) OVER (ORDER BY list.used_at DESC, list.id) AS rows_so_far
    FROM data_tools_rowlist AS list JOIN data_tools_datasource AS dataset
        ON dataset.id = list.dataset_id
    WHERE dataset.owner_id = %(owner_id)s
)
DELETE FROM data_tools_rowlist WHERE id IN (
    SELECT list.id FROM data_tools_rowlist AS list JOIN by_use ON by_use.id = list.id
    WHERE by_use.rows_so_far > %(most_rows)s AND list.used_at < now() - interval '10 minutes'
        OR by_use.rows_so_far / 2 > %(most_rows)s AND list.used_at < now() - interval '1 minute'
    FOR UPDATE OF list SKIP LOCKED
)
"""

_ENCODER = msgspec.json.Encoder(order="sorted")  # the log may give a dict back in another order


def digest_of(*defining: Any) -> bytes:
    """Return a digest of values that JSON can hold, equal for equal values only."""
    return hashlib.sha256(_ENCODER.encode(defining)).digest()


def list_id_of(before: bytes, rule: Any) -> UUID:
    """Return the id of the list that `rule` makes of the rows with the digest `before`."""
    return UUID(bytes=digest_of(before.hex(), rule)[:16])


def store(key: ListKey, numbers: RowNumbers, *, is_in_row_order: bool) -> None:
    """Store the list unless it exists. Lists in row order support membership tests.

    Runs in a transaction of its own, or a savepoint.
    """
    statement = new_list(key, len(numbers))
    blocks = blocks_by_number if is_in_row_order else blocks_by_place
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement.text, statement.parameters)
        if cursor.rowcount:
            with connection.wrap_database_errors:
                for copied in blocks(key.list_id, numbers):
                    cursor.copy_expert(COPY_BLOCKS, io.BytesIO(copied))
    try:
        with transaction.atomic():
            prune()  # enforces the limits even without background jobs
            prune_of_owner(key.dataset_id)
    except Error as error:
        logger.info("row lists were not pruned: %s", without_values(error))


def store_kept(key: ListKey, kept: RowNumbers, *, among: int) -> tuple[int, str]:
    """Store which of `among` rows are kept, unless all are; return their count and `proof_of`.

    `kept` has the number of each, in row order.
    """
    if len(kept) < among:
        store(key, kept, is_in_row_order=True)
    return len(kept), proof_of(kept)


def present(list_ids: Collection[UUID]) -> set[UUID]:
    """Return which of the lists exist."""
    return set(RowList.objects.filter(pk__in=list_ids).values_list("pk", flat=True))


def note_use(list_ids: Collection[UUID]) -> None:
    """Keep lists from being pruned for their age. Errors are logged, not raised."""
    try:
        with transaction.atomic():
            RowList.objects.filter(pk__in=list_ids).update(used_at=Now())
    except Error as error:
        logger.info("the use of a row list was not noted: %s", without_values(error))


def prune() -> int:
    """Remove lists that were unused for too long, then the longest unused beyond MOST_ROWS.

    The setting `ROW_LISTS` says after how many seconds a list is unused, and how many rows are
    kept. Lists made or used in the last ten minutes stay, whatever the limit. Returns how many
    lists were removed, not counting those that went with their parent. Any may be made again.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            _PRUNE, [settings.ROW_LISTS["MOST_ROWS"], settings.ROW_LISTS["UNUSED_SECONDS"]]
        )
        return int(cursor.rowcount)


def prune_of_owner(dataset_id: UUID) -> int:
    """Remove the lists of a dataset's owner beyond their quota, longest unused first.

    Lists used in the last ten minutes stay up to twice the quota of `lists_bytes`, and those used
    in the last minute always. Returns how many were removed.
    """
    owner_id = DataSource.objects.filter(pk=dataset_id).values_list("owner_id", flat=True).first()
    if owner_id is None:
        return 0
    most_rows = limits_of(owner_id)[Quota.LISTS_BYTES] // LIST_BYTES_PER_ROW
    with connection.cursor() as cursor:
        cursor.execute(_PRUNE_OF_OWNER, {"owner_id": owner_id, "most_rows": most_rows})
        return int(cursor.rowcount)


def remove_of(dataset_id: UUID, revision: int) -> None:
    """Remove all lists of the rows of a revision."""
    RowList.objects.filter(dataset_id=dataset_id, revision=revision).delete()
