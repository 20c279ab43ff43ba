"""Can a session be gone on with, and how it is brought back."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from data_tools.exceptions import DatasourceNotFound
from data_tools.filtering import EVERYTHING, PageSpec, Selection
from data_tools.services.pending_operations import (
    PendingOperation,
    PendingOutcome,
    apply_pending,
)
from data_tools.services.recorded_views import seen_again
from data_tools.services.recovery_context import recovery_context_of
from data_tools.services.session_data import SessionData, data_after, facts
from data_tools.services.session_lookup import owned
from session_events import heads
from session_events.recording import Command
from session_events.recovery import service
from session_events.recovery.attempt import Recovery, RecoveryRequest
from session_events.recovery.decision import Source
from session_events.recovery.service import Validation


@dataclass(frozen=True, slots=True, kw_only=True)
class Recovered:
    """A recovery, what became of the pending operations behind it, and the data after them."""

    recovery: Recovery
    pending: tuple[PendingOutcome, ...]
    data: SessionData


def validate(
    *,
    user_id: int,
    datasource_id: uuid.UUID,
    session_id: uuid.UUID | None = None,
    known_version: int | None = None,
) -> Validation:
    """Return the verdict on the session. Writes nothing and reads no rows.

    A deleted dataset is a verdict too, if the user has a session on it.

    Raises:
        DatasourceNotFound: no such dataset, and no session either.
    """
    datasource = owned(user_id, datasource_id).first()
    validation = service.validate(
        user_id=user_id,
        dataset_id=datasource_id,
        context=recovery_context_of(datasource),
        session_id=session_id,
        known_version=known_version,
    )
    if datasource is None and validation.head is None:
        raise DatasourceNotFound
    return validation


def recover(
    *,
    user_id: int,
    datasource_id: uuid.UUID,
    request: RecoveryRequest,
    page: PageSpec | None,
    selection: Selection = EVERYTHING,
    command: Command,
    pending: Sequence[PendingOperation] = (),
) -> Recovered:
    """Bring the session back, apply what is pending, and show the rows asked for.

    Without a page and a selection they are those last looked at. The recovery is durable before the
    first pending operation is looked at, and so is each of them before the next.

    Raises as `recovery.service.recover`, and DatasourceNotFound as `validate`.
    """
    datasource = owned(user_id, datasource_id).first()
    if datasource is None and not heads.latest_head(user_id=user_id, dataset_id=datasource_id):
        raise DatasourceNotFound
    context = recovery_context_of(datasource)
    is_ready = context.source is Source.READY
    recovery = service.recover(
        user_id=user_id,
        dataset_id=datasource_id,
        context=context,
        dataset=facts(datasource) if datasource and is_ready else None,
        request=request,
        command=command,
    )
    if datasource is None:  # a repeated command whose dataset was deleted since
        raise DatasourceNotFound
    session, outcomes = apply_pending(recovery.session, pending, command=command)
    view = session.state.view
    if view is not None and selection.is_everything:
        seen, selection = seen_again(view, session.state.columns)
        page = page or seen
    return Recovered(
        recovery=recovery,
        pending=outcomes,
        data=data_after(datasource, session, page or PageSpec(), selection),
    )
