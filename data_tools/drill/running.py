"""A whole drill: every scenario, several sessions each, by a user that exists only for it."""

from __future__ import annotations

import tempfile
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractBaseUser

from data_tools.drill.outcome_table import Tally
from data_tools.drill.rehearsal import begin, rehearse
from data_tools.drill.scenarios import SCENARIOS
from data_tools.models import DataSource
from data_tools.services import dataset_service
from session_events import heads, services
from session_events.fault_injection import require_owner
from session_events.recording import Command
from session_events.removal import erase_user


def run(*, sessions: int, on_rehearsed: Callable[[], None]) -> list[Tally]:
    """Rehearse every scenario with this many sessions, and return what became of them.

    Other users' sessions are not touched; their appends wait a moment while an event of the drill
    is being damaged. Everything the drill made is removed afterwards, even when it is interrupted.
    Must not be called in a transaction.

    Raises:
        NotTheOwner: the database user may not damage the log; nothing was done.
    """
    require_owner()
    tallies = [Tally(scenario) for scenario in SCENARIOS]
    with _drill_user() as user, tempfile.TemporaryDirectory() as directory:
        for tally in tallies:
            for _ in range(sessions):
                rehearsal = begin(user, Path(directory))
                tally.outcomes.append(rehearse(tally.scenario, rehearsal))
                _put_everything_away(user)
                on_rehearsed()
    return tallies


@contextmanager
def _drill_user() -> Iterator[AbstractBaseUser]:
    """Make a user who cannot sign in; afterwards erase them with their datasets and log."""
    user = get_user_model().objects.create_user(
        username=f"recovery-drill-{uuid.uuid4()}", is_active=False
    )
    try:
        yield user
    finally:
        _put_everything_away(user)
        erase_user(user.pk, removed_by="recovery_drill")
        user.delete()


def _put_everything_away(user: AbstractBaseUser) -> None:
    for dataset_id in heads.datasets_with_open_sessions(user_id=user.pk):
        head = heads.open_head(user_id=user.pk, dataset_id=dataset_id)
        if head is not None:
            services.put_away(head, reason="user", command=Command(actor_id=user.pk))
    for datasource in DataSource.objects.filter(owner_id=user.pk):
        dataset_service.delete(owner=user, datasource_id=datasource.pk)
