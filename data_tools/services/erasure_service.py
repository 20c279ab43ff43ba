"""Erase a user: everything that they typed, uploaded or made, and their account.

What stays: a tombstone for each session (ids, counts, the last hash; see `session_events.removal`),
and what lies elsewhere, such as backups. Redis holds ids and counters alone.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib.admin.models import LogEntry
from django.contrib.auth import SESSION_KEY
from django.contrib.auth.models import User
from django.contrib.contenttypes.models import ContentType
from django.contrib.sessions.models import Session
from django.db import Error, transaction
from django.db.models import ProtectedError

from data_tools.exceptions import DatasourceNotFound, DeletingTookTooLong
from data_tools.models import DataSource
from data_tools.services import dataset_service
from data_tools.sql.database_errors import is_too_long
from session_events import removal

# Requests that began before the account was closed may still begin a session or a dataset.
_MOST_ROUNDS = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Erased:
    """How much was erased."""

    datasets: int
    sessions: int
    events: int


def erase(user: User, *, removed_by: str) -> Erased:
    """Erase the user's sessions, datasets with rows and files, sign-ins and tokens, and account.

    The account is closed first, so that nobody begins anything new with it. If interrupted, the
    next call continues. Cannot be undone. Must not be called in a transaction: each dataset is
    deleted in one of its own.

    Raises:
        DeletingTookTooLong: a request's time is over; the account is closed, and some is erased.
    """
    try:
        return _erase(user, removed_by)
    except Error as error:
        if not is_too_long(error):
            raise
        raise DeletingTookTooLong from error


def _erase(user: User, removed_by: str) -> Erased:
    User.objects.filter(pk=user.pk).update(is_active=False)
    _end_sign_ins(user.pk)
    datasets = sessions = events = 0
    for is_last in [False] * (_MOST_ROUNDS - 1) + [True]:
        removed = removal.erase_user(user.pk, removed_by=removed_by)
        sessions += removed.streams
        events += removed.events
        datasets += _delete_datasets(user)
        try:
            _delete_account(user)
            break
        except ProtectedError:
            if is_last:
                raise
    return Erased(datasets=datasets, sessions=sessions, events=events)


def _end_sign_ins(user_id: int) -> None:
    with transaction.atomic():  # a cursor of the server does not outlive it behind a pooler
        for session in Session.objects.iterator():
            if session.get_decoded().get(SESSION_KEY) == str(user_id):
                session.delete()


def _delete_datasets(user: User) -> int:
    deleted = 0
    for datasource_id in DataSource.objects.filter(owner=user).values_list("pk", flat=True):
        try:
            dataset_service.delete(owner=user, datasource_id=datasource_id)
            deleted += 1
        except DatasourceNotFound:
            pass  # its owner deleted it meanwhile
    return deleted


def _delete_account(user: User) -> None:
    """Delete the account and, with it, tokens; and what the admin's history says about it."""
    accounts = ContentType.objects.get_for_model(User)
    history = LogEntry.objects.filter(content_type=accounts, object_id=str(user.pk))
    User.objects.get(pk=user.pk).delete()
    history.delete()
