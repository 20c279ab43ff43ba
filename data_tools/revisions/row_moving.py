"""Moves large revisions that lie in the shared table into tables of their own.

They were loaded before there were such tables, by a server of an older version beside this one, or
while `OWN_TABLE_ROWS` was larger.

Note [Moving beside everything else]
    A revision is moved in two transactions. The first copies its rows into a table of its own and
    lists the table, and so new statements read that one. The second comes an hour later, when all
    who had looked before are done, whether in a request or in a job: it deletes the rows from the
    shared table and attaches their own to it. A server of the older version, which reads both at
    once, sees each row once at any time. Whenever the process dies, every row can be read, and a
    later run goes on. Before the second transaction the two are compared. If they differ, the own
    table is dropped, unless it has more rows.

    The first transaction locks the dataset only at its end. The second locks it for as long as
    deleting the rows takes, some seconds for a million. It also waits for whoever reads the own
    table, or all of them through the shared one, as a back-up does for hours: half a second before
    it deletes anything, and half a second at its end. Then it leaves it to a later run.
"""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from uuid import UUID

from django.conf import settings
from django.db import Error, OperationalError, connection, transaction
from django.utils import timezone
from psycopg2 import sql

from data_tools.exceptions import RowsGone
from data_tools.jobs.connections import take_as_long_as_it_takes
from data_tools.models import DataSource, MovedRevision
from data_tools.row_tables import making, placement
from data_tools.row_tables.names import SHARED_ROWS, in_from, own_name, own_table
from data_tools.row_tables.reading import has_rows, last_row_number, superseded_with_rows
from data_tools.sql.database_errors import is_unreachable, state_of

logger = logging.getLogger(__name__)

ROWS_PER_RUN = 20_000_000
LONGEST_READING = dt.timedelta(hours=1)
_ROWS_PER_STATEMENT = 50_000
_LOCK_NOT_AVAILABLE = "55P03"

_LOCK = "SELECT pg_try_advisory_xact_lock(hashtextextended('data_tools.row_moving:' || %s, %s))"
_COUNT = """
SELECT count(*) FROM ONLY data_tools_datarow WHERE dataset_id = %s::uuid AND revision = %s
"""
_COPY = sql.SQL("""
INSERT INTO {table} (dataset_id, revision, row_number, "values")
SELECT dataset_id, revision, row_number, "values" FROM ONLY data_tools_datarow
WHERE dataset_id = %s::uuid AND revision = %s AND row_number > %s AND row_number <= %s
ORDER BY row_number
""")
_CONTENT = sql.SQL("""
SELECT count(*), sum(jsonb_hash_extended("values", row_number)) FROM {rows}
WHERE dataset_id = %s::uuid AND revision = %s
""")
_ENDS = sql.SQL("""
SELECT min(row_number), max(row_number) FROM {rows}
WHERE dataset_id = %s::uuid AND revision = %s
""")
_DELETE = "DELETE FROM ONLY data_tools_datarow WHERE dataset_id = %s::uuid AND revision = %s"
# Statements of older servers lock the parent while they read, ours do not. ONLY leaves out the own
# tables of others.
_WAIT_FOR_READERS = sql.SQL("""
SET LOCAL lock_timeout = '500ms';
LOCK TABLE ONLY data_tools_own_rows, ONLY {table} IN ACCESS EXCLUSIVE MODE
""")


@dataclass(frozen=True, slots=True, kw_only=True)
class Revision:
    """A large revision that lies in the shared table."""

    dataset_id: UUID
    number: int
    row_count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """How many revisions were copied, how many left the shared table, and how many are to."""

    copied: int
    finished: int
    unfinished: int


def move(
    *,
    most_rows: int,
    begin: Callable[[Revision], object] = lambda revision: None,
    advance: Callable[[int], object] = lambda rows: None,
) -> Moved:
    """Finish the moves that were begun an hour ago, and begin others.

    Begins none once it copied `most_rows` rows. `begin` is called with each revision to be copied,
    `advance` with how many more of its rows were. It is safe to stop it at any time, to run it
    again, and to run it twice at once. Must not be called in a transaction.
    """
    finished = copied = rows = 0
    begun = MovedRevision.objects.filter(copied_at__lte=timezone.now() - LONGEST_READING)
    for moved in begun if making.may_make() else ():
        finished += _done(partial(finish, moved.dataset_id, moved.revision))
    for revision in large_revisions():
        if rows >= most_rows:
            break
        begin(revision)
        if _done(partial(copy, revision, advance=advance)):
            copied += 1
            rows += revision.row_count
    return Moved(copied=copied, finished=finished, unfinished=MovedRevision.objects.count())


def _done(step: Callable[[], bool]) -> bool:
    """Return what the step did; False if the database refused it, as for lack of room."""
    try:
        return step()
    except Error as error:
        if is_unreachable(error):
            raise
        logger.exception("the rows of a revision were not moved")
        return False


def large_revisions() -> Iterator[Revision]:
    """Yield the large revisions without a table of their own, dataset by dataset."""
    least_rows = settings.OWN_TABLE_ROWS
    if not least_rows or not making.may_make():
        return
    datasets = DataSource.objects.filter(revision__gte=1).order_by("pk")
    facts = datasets.values_list("pk", "revision", "row_count", "own_tables")
    for dataset_id, published, row_count, own_tables in list(facts):
        counts = {published: row_count}
        if published > 1:
            for revision in superseded_with_rows(dataset_id, published):
                if revision not in own_tables:
                    counts[revision] = last_row_number(dataset_id, revision)
        for revision, count in counts.items():
            if count >= least_rows and revision not in own_tables:
                yield Revision(dataset_id=dataset_id, number=revision, row_count=count)


def copy(revision: Revision, *, advance: Callable[[int], object] = lambda rows: None) -> bool:
    """Copy a revision's rows into a table of its own, from which they are read from then on.

    Returns False, with nothing changed, if not all of them are there, if the dataset is gone, or if
    another process moves them. See Note [Moving beside everything else].
    """
    dataset_id, number = revision.dataset_id, revision.number
    with transaction.atomic(durable=True):
        take_as_long_as_it_takes()
        is_done = (
            _lock(dataset_id, number) and not _is_listed(dataset_id, number) and _is_whole(revision)
        )
        if is_done:
            making.make(dataset_id, number)
            is_done = _copy_rows(revision, advance) == revision.row_count
        if is_done:
            making.finish(dataset_id, number)
            is_done = _list(dataset_id, number)
        if not is_done:
            transaction.set_rollback(True)
    placement.forget(dataset_id)
    return is_done


def finish(dataset_id: UUID, number: int) -> bool:
    """Delete the rows from the shared table that were copied into their own.

    Returns False if that has to wait, was done, or if the copies differ.
    """
    try:
        shared, own = _contents(dataset_id, number)
        if shared == own:
            return _leave_shared(dataset_id, number)
        # After the look: another process may have finished this meanwhile.
        if MovedRevision.objects.filter(dataset_id=dataset_id, revision=number).exists():
            _keep_shared(dataset_id, number, is_complete=shared[0] >= own[0])
    except OperationalError as error:
        if state_of(error) != _LOCK_NOT_AVAILABLE:
            raise
    except RowsGone:  # the own table was removed by hand; the shared one is read again
        with transaction.atomic(durable=True):
            making.drop(dataset_id, number)
    return False


def _leave_shared(dataset_id: UUID, number: int) -> bool:
    """Delete the rows from the shared table and attach the own one, if both have them all still."""
    with transaction.atomic(durable=True):
        take_as_long_as_it_takes()
        dataset = DataSource.objects.select_for_update(no_key=True).filter(pk=dataset_id)
        moved = MovedRevision.objects.filter(dataset_id=dataset_id, revision=number)
        if not _lock(dataset_id, number) or not dataset.exists() or not moved.exists():
            return False
        shared, own = (_ends(source, dataset_id, number) for source in _places(dataset_id, number))
        if shared != own:
            return False  # rows were removed since they were compared
        before = transaction.savepoint()
        _wait_for_readers(dataset_id, number)
        transaction.savepoint_rollback(before)  # others read on while rows are deleted
        with connection.cursor() as cursor:
            cursor.execute(_DELETE, [str(dataset_id), number])
        _wait_for_readers(dataset_id, number)
        making.attach(dataset_id, number)
        moved.delete()
    return True


def _wait_for_readers(dataset_id: UUID, number: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_WAIT_FOR_READERS.format(table=own_name(dataset_id, number)))


def _lock(dataset_id: UUID, number: int) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(_LOCK, [str(dataset_id), number])
        return bool(cursor.fetchone() == (True,))


def _is_listed(dataset_id: UUID, number: int) -> bool:
    datasets = DataSource.objects.filter(pk=dataset_id)
    return datasets.filter(own_tables__contains=[number]).exists()


def _is_whole(revision: Revision) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, [str(revision.dataset_id), revision.number])
        return bool(cursor.fetchone() == (revision.row_count,))


def _copy_rows(revision: Revision, advance: Callable[[int], object]) -> int:
    table = own_name(revision.dataset_id, revision.number)
    copied = 0
    for before in range(0, revision.row_count, _ROWS_PER_STATEMENT):
        key: list[str | int] = [str(revision.dataset_id), revision.number]
        with connection.cursor() as cursor:
            cursor.execute(_COPY.format(table=table), [*key, before, before + _ROWS_PER_STATEMENT])
            copied += cursor.rowcount
            advance(cursor.rowcount)
    return copied


def _list(dataset_id: UUID, number: int) -> bool:
    """Lock the dataset and list the new table; return False if it, or the rows, are gone."""
    locked = DataSource.objects.select_for_update(no_key=True).filter(pk=dataset_id)
    own_tables = locked.values_list("own_tables", flat=True).first()
    if own_tables is None or not has_rows(SHARED_ROWS, dataset_id, number):
        return False
    DataSource.objects.filter(pk=dataset_id).update(own_tables=[*own_tables, number])
    MovedRevision.objects.create(dataset_id=dataset_id, revision=number, copied_at=timezone.now())
    return True


def _places(dataset_id: UUID, number: int) -> tuple[str, str]:
    return SHARED_ROWS, own_table(dataset_id, number)


def _contents(dataset_id: UUID, number: int) -> list[tuple[int, int | None]]:
    """Return how many rows each of the two places has, and the sum of hashes of them."""
    contents = []
    # Nothing is locked meanwhile: rows never change, and at most go.
    with transaction.atomic(durable=True), connection.cursor() as cursor:
        take_as_long_as_it_takes()
        for source in _places(dataset_id, number):
            cursor.execute(_CONTENT.format(rows=in_from(source)), [str(dataset_id), number])
            count, hashes = cursor.fetchone()
            contents.append((count, hashes))
    return contents


def _ends(source: str, dataset_id: UUID, number: int) -> tuple[int | None, int | None]:
    """Return the first and the last row number of a revision in a table."""
    with connection.cursor() as cursor:
        cursor.execute(_ENDS.format(rows=in_from(source)), [str(dataset_id), number])
        first, last = cursor.fetchone()
        return first, last


def _keep_shared(dataset_id: UUID, number: int, *, is_complete: bool) -> None:
    """Drop the own table, which has other rows. Keep both unless the shared rows are complete."""
    if is_complete:
        with transaction.atomic(durable=True):
            making.drop(dataset_id, number)
    logger.log(
        logging.ERROR if is_complete else logging.WARNING,  # an older server may have pruned them
        "revision %s of dataset %s was not moved: its own table has other rows than the shared one;"
        " see `hydroml verify_server`",
        number,
        dataset_id,
    )
