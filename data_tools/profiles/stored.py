"""Stored profiles: a column of a revision is measured once, however often it is asked for.

See Note [What defines a column] in `rows.column_digest`. So a column that no operation touched has
the dataset's own profile, and undoing an operation brings the former profile back.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from uuid import UUID

import msgspec
from django.conf import settings
from django.db import Error, IntegrityError, transaction
from django.utils import timezone

from data_tools.columns import ColumnType
from data_tools.exceptions import AnswerTooLarge, TookTooLong
from data_tools.models import KeptProfile
from data_tools.profiles.measuring import measure
from data_tools.profiles.packed_measuring import packed_profile
from data_tools.profiles.profile import MOST_FREQUENT, ColumnProfile
from data_tools.rows.column_digest import digest_of_column
from data_tools.rows.packed_columns import PackedRows
from data_tools.rows.session_rows import SessionRows
from data_tools.sql.database_errors import is_too_long
from data_tools.under_way.admission import begin_heavy_work
from data_tools.under_way.requests import require_time, seconds_left
from session_events.events import Column
from session_events.spans import Step, span

_PROFILES_AT_ONCE = 300  # read by one query; each takes up to 50 kB
_PROFILES_TOGETHER, _SECONDS_TOGETHER = 100, 1.0  # stored after so many, or so long
# Ten million numbers. Measuring takes two and a half times as much memory, also while a file is
# loaded, and of texts fourteen times their dictionaries; larger columns are measured by the
# database.
_MOST_PACKED_BYTES = 80 << 20
_MOST_DICTIONARY_BYTES = 24 << 20
# Of larger columns a process measures one at a time.
_ROWS_AT_ONCE = 3_000_000
MOST_DERIVED = 1_000  # profiles of columns that operations changed, of each revision; the newest
# To be raised for the types whose profiles are computed in another way.
_MEASURED_AS = dict.fromkeys(ColumnType, 1) | dict.fromkeys(
    (ColumnType.FLOAT, ColumnType.DATE, ColumnType.DATETIME), 2
)

_PROFILE = msgspec.json.Decoder(ColumnProfile)
_LARGE_COLUMN = threading.Lock()
_SECONDS_BETWEEN_LOOKS = 0.5  # at whether somebody still waits for a column


def profiles_of(
    rows: SessionRows,
    columns: Sequence[Column] | None = None,
    *,
    most_frequent: int = MOST_FREQUENT,
) -> dict[str, ColumnProfile]:
    """Return the profile of each column by its key, measuring those that are not stored yet.

    Of all columns, unless some are given. Each profile has at most `most_frequent` of its frequent
    values: all those of ten thousand columns of text would take half a gigabyte.

    Raises:
        AnswerTooLarge: the stored profiles are more than twice as long as an answer may be.
        TookTooLong: what was measured so far is stored, and a later request continues from there.
        SessionTooComplex: the columns take too large a query.
    """
    columns = rows.columns if columns is None else columns
    digests = {column.key: column_digest(rows, column) for column in columns}
    profiles = _stored(rows, digests.values(), most_frequent)
    # By digest: copies of a column are measured once.
    to_measure = {
        digests[column.key]: column for column in columns if digests[column.key] not in profiles
    }
    base: set[str] = set()
    if to_measure:
        begin_heavy_work()
        rows.require_kept()
        original = replace(rows, operations=())
        base = {column_digest(original, column) for column in original.columns}
    try:
        for measured in _measured(rows, list(to_measure.values())):
            fresh = {digests[column.key]: profile for column, profile in measured}
            _store(rows, fresh, base)
            profiles |= {
                digest: _with_fewer(profile, most_frequent) for digest, profile in fresh.items()
            }
            if seconds_left() <= 0 and not profiles.keys() >= to_measure.keys():
                raise TookTooLong
    except (Error, TookTooLong) as error:
        if not is_too_long(error):
            raise
        raise TookTooLong(columns_measured=len(profiles), columns=len(columns)) from error
    return {key: profiles[digest] for key, digest in digests.items()}


def keep_base_profiles(
    dataset_id: UUID,
    *,
    revision: int,
    row_count: int,
    columns: tuple[Column, ...],
    on_pass: Callable[[float], None],
) -> None:
    """Measure a revision's columns and store their profiles, in the caller's transaction."""
    rows = SessionRows(
        dataset_id=dataset_id, revision=revision, row_count=row_count, base_columns=columns
    )
    for measured in _measured(rows, rows.columns, on_part=on_pass):
        profiles = {column_digest(rows, column): profile for column, profile in measured}
        _insert(rows, profiles, base=set(profiles))


def drop(dataset_id: UUID, *, revision: int) -> None:
    """Drop all stored profiles of a revision."""
    KeptProfile.objects.filter(dataset_id=dataset_id, revision=revision).delete()


def column_digest(rows: SessionRows, column: Column) -> str:
    """See Note [What defines a column] in `rows.column_digest`."""
    return digest_of_column(rows, column, _MEASURED_AS[ColumnType(column.type)])


def _measured(
    rows: SessionRows,
    columns: Sequence[Column],
    *,
    on_part: Callable[[float], None] = lambda fraction: None,
) -> Iterator[list[tuple[Column, ColumnProfile]]]:
    """Yield the profiles of the columns, as many together as are to be stored at once.

    Those of columns without blocks come last. `on_part` is called with the fraction that is done.
    """
    packed = PackedRows(
        rows, most_bytes=_MOST_PACKED_BYTES, most_dictionary_bytes=_MOST_DICTIONARY_BYTES
    )
    others: list[Column] = []
    found: list[tuple[Column, ColumnProfile]] = []
    store_at = time.monotonic() + _SECONDS_TOGETHER
    reading = packed.in_turn([column.key for column in columns])
    for at, column in enumerate(columns, start=1):
        if found and rows.row_count > _ROWS_AT_ONCE and _LARGE_COLUMN.locked():
            yield found  # the wait may last until the request's time is over
            found = []
        with span(Step.PROFILE, columns=1), _room_for_a_column(rows):
            read = next(reading)
            if read is None:
                others.append(column)
                continue
            found.append((column, packed_profile(read.type, read.values)))
            del read  # before another thread begins
        if len(found) == _PROFILES_TOGETHER or time.monotonic() > store_at:
            yield found
            on_part((at - len(others)) / len(columns))
            found, store_at = [], time.monotonic() + _SECONDS_TOGETHER
    if found:
        yield found
    measured = len(columns) - len(others)
    yield from measure(
        rows,
        others,
        on_pass=lambda fraction: on_part((measured + fraction * len(others)) / len(columns)),
    )


@contextmanager
def _room_for_a_column(rows: SessionRows) -> Iterator[None]:
    """Read and measure a column in the block, while no other thread has a large one in memory.

    Raises:
        TookTooLong: the request's time was over first.
    """
    if rows.row_count <= _ROWS_AT_ONCE:
        yield
        return
    require_time()
    while not _LARGE_COLUMN.acquire(timeout=_SECONDS_BETWEEN_LOOKS):
        require_time()
    try:
        yield
    finally:
        _LARGE_COLUMN.release()


def _stored(
    rows: SessionRows, digests: Iterable[str], most_frequent: int
) -> dict[str, ColumnProfile]:
    kept = KeptProfile.objects.filter(dataset_id=rows.dataset_id, revision=rows.revision)
    profiles: dict[str, ColumnProfile] = {}
    characters_left = 2 * settings.BUDGETS["ANSWER_MAX_BYTES"]
    wanted = list(dict.fromkeys(digests))
    for first in range(0, len(wanted), _PROFILES_AT_ONCE):
        together = kept.filter(digest__in=wanted[first : first + _PROFILES_AT_ONCE])
        for digest, text in together.values_list("digest", "profile"):
            profiles[digest] = _with_fewer(_PROFILE.decode(text), most_frequent)
            if most_frequent == MOST_FREQUENT:
                characters_left -= len(text)
        if characters_left < 0:
            raise AnswerTooLarge.with_room_for_columns(len(profiles) // 2)
    return profiles


def _with_fewer(profile: ColumnProfile, most_frequent: int) -> ColumnProfile:
    if len(profile.most_frequent) <= most_frequent:
        return profile
    return replace(profile, most_frequent=profile.most_frequent[:most_frequent])


def _store(rows: SessionRows, profiles: dict[str, ColumnProfile], base: set[str]) -> None:
    try:
        with transaction.atomic():
            _insert(rows, profiles, base)
            _drop_oldest(rows)
    except IntegrityError:
        pass  # the dataset was deleted meanwhile


def _insert(rows: SessionRows, profiles: dict[str, ColumnProfile], base: set[str]) -> None:
    """Insert profiles, except those that another request has stored a moment before."""
    KeptProfile.objects.bulk_create(
        [
            KeptProfile(
                dataset_id=rows.dataset_id,
                revision=rows.revision,
                digest=digest,
                is_base=digest in base,
                profile=msgspec.json.encode(profile).decode(),
                kept_at=timezone.now(),
            )
            for digest, profile in profiles.items()
        ],
        ignore_conflicts=True,
    )


def _drop_oldest(rows: SessionRows) -> None:
    derived = KeptProfile.objects.filter(
        dataset_id=rows.dataset_id, revision=rows.revision, is_base=False
    ).order_by("-pk")
    if oldest := derived.values_list("pk", flat=True)[MOST_DERIVED:][:1]:
        derived.filter(pk__lte=oldest[0]).delete()
