"""Stored profiles: a column of a revision is measured once, however often it is asked for.

Note [What defines a column]
    A profile is stored under a digest of the query that reads its column's cells. Everything that
    operations do to cells or rows is in that query; the column's name is not. So a column that no
    operation touched has the dataset's own profile, undoing an operation brings the former profile
    back, and the same work in another session is not measured again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import replace
from uuid import UUID

import msgspec
from django.db import IntegrityError, transaction
from django.utils import timezone

from data_tools.exceptions import TookTooLong
from data_tools.jobs.time_limit import TimeLimit
from data_tools.models import KeptProfile
from data_tools.profiles.measuring import measure
from data_tools.profiles.profile import ColumnProfile
from data_tools.rows.session_rows import SessionRows
from session_events.events import Column

MOST_DERIVED = 1_000  # profiles of columns that operations changed, of each revision; the newest
_MEASURED_AS = 1  # to be raised when profiles are computed in another way

_PROFILE = msgspec.json.Decoder(ColumnProfile)


def profiles_of(rows: SessionRows) -> dict[str, ColumnProfile]:
    """Return the profile of each column by its key, measuring those that are not stored yet.

    Raises:
        TookTooLong: what was measured so far is stored, and a later request continues from there.
        SessionTooComplex: the columns take too large a query.
    """
    limit = TimeLimit()
    digests = {column.key: column_digest(rows, column) for column in rows.columns}
    profiles = _stored(rows, digests.values())
    # By digest: copies of a column are measured once.
    to_measure = {
        digests[column.key]: column
        for column in rows.columns
        if digests[column.key] not in profiles
    }
    base: set[str] = set()
    if to_measure:
        rows.require_kept()
        original = replace(rows, operations=())
        base = {column_digest(original, column) for column in original.columns}
    for measured in measure(rows, list(to_measure.values())):
        fresh = {digests[column.key]: profile for column, profile in measured}
        _store(rows, fresh, base)
        profiles |= fresh
        if limit.is_over and not profiles.keys() >= to_measure.keys():
            raise TookTooLong(columns_measured=len(profiles), columns=len(rows.columns))
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
    for measured in measure(rows, rows.columns, on_pass=on_pass):
        profiles = {column_digest(rows, column): profile for column, profile in measured}
        _insert(rows, profiles, base=set(profiles))


def drop(dataset_id: UUID, *, revision: int) -> None:
    """Drop all stored profiles of a revision."""
    KeptProfile.objects.filter(dataset_id=dataset_id, revision=revision).delete()


def column_digest(rows: SessionRows, column: Column) -> str:
    """See Note [What defines a column]. The type counts too: two types can be read alike."""
    query = rows.cells_query([rows.cells[column.key]])
    defining = repr((_MEASURED_AS, column.type, query.one_line, query.parameters))
    return hashlib.sha256(defining.encode()).hexdigest()


def _stored(rows: SessionRows, digests: Iterable[str]) -> dict[str, ColumnProfile]:
    stored = KeptProfile.objects.filter(
        dataset_id=rows.dataset_id, revision=rows.revision, digest__in=set(digests)
    )
    return {
        digest: _PROFILE.decode(text) for digest, text in stored.values_list("digest", "profile")
    }


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
