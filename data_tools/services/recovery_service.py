"""Validate a session, and recover it."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

from data_tools.exceptions import DatasourceNotFound
from data_tools.filtering import PageSpec
from data_tools.models import DataSource
from data_tools.quotas.events import require_reserve
from data_tools.revisions.current import revision_of
from data_tools.services.pending_operations import (
    PendingOperation,
    PendingOutcome,
    apply_pending,
)
from data_tools.services.recorded_views import seen_again
from data_tools.services.session_data import SessionData, data_after, facts
from data_tools.services.session_lookup import knows_operation, owned_dataset
from data_tools.services.session_request import SessionRequest
from data_tools.services.session_service import require_room_for_session
from data_tools.under_way.admission import begin_heavy_work
from session_events import heads
from session_events.loading import tell_session
from session_events.recovery import service
from session_events.recovery.attempt import Recovery, RecoveryRequest
from session_events.recovery.context import RecoveryContext
from session_events.recovery.service import Validation
from session_events.recovery.verdicts import Source


@dataclass(frozen=True, slots=True, kw_only=True)
class Recovered:
    """A recovery, the outcome of each pending operation after it, and the data after them.

    `not_tried` has the pending operations at the end that there was no time for, or that come after
    a refused one at which to stop.
    """

    recovery: Recovery
    pending: tuple[PendingOutcome, ...]
    not_tried: tuple[PendingOperation, ...]
    data: SessionData


def validate(
    *,
    user_id: int,
    datasource_id: uuid.UUID,
    session_id: uuid.UUID | None = None,
    known_version: int | None = None,
) -> Validation:
    """Return the verdict on the session. Writes nothing and reads no rows.

    A deleted dataset gets a verdict too, if the user has a session on it.

    Raises:
        DatasourceNotFound: there is neither such a dataset nor a session on it.
    """
    datasource = owned_dataset(user_id, datasource_id).first()
    validation = service.validate(
        user_id=user_id,
        dataset_id=datasource_id,
        context=recovery_context_of(datasource),
        session_id=session_id,
        known_version=known_version,
    )
    if datasource is None and validation.head is None:
        raise DatasourceNotFound
    if validation.head is not None:
        tell_session(validation.head)
    return validation


def recover(
    request: SessionRequest,
    *,
    recovery: RecoveryRequest,
    pending: Sequence[PendingOperation] = (),
    stops_at_refused: bool = False,
) -> Recovered:
    """Recover the session, apply the pending operations, and return the rows asked for.

    Without a page and a selection, the rows are those the user last looked at. The recovery is
    durable before the first pending operation is tried, and each of those before the next. Those
    for which the request has no time are not tried, nor, with `stops_at_refused`, those after the
    first refused one.

    Raises:
        DatasourceNotFound: as `validate`.
        QuotaExceeded: the user's logs hold twice as many events as they may, or a new session was
            asked for where none is in use, and there is no room for one or for its events.
        RecoveryImpossible, InvalidRecovery, SessionConflict, ClientOperationIdReused: as
            `session_events.recovery.service.recover`; nothing was written.
    """
    user_id, datasource_id = request.user_id, request.datasource_id
    datasource = owned_dataset(user_id, datasource_id).first()
    if datasource is None and not heads.latest_head(user_id=user_id, dataset_id=datasource_id):
        raise DatasourceNotFound
    require_reserve(user_id)
    if pending:
        begin_heavy_work()  # now, because nothing may be refused once the recovery is durable
    context = recovery_context_of(datasource)
    is_ready = context.source is Source.READY
    recovered = service.recover(
        user_id=user_id,
        dataset_id=datasource_id,
        context=context,
        dataset=facts(datasource) if datasource and is_ready else None,
        request=recovery,
        command=request.command,
        require_room=partial(require_room_for_session, user_id),
    )
    if datasource is None:  # a repeated command whose dataset has been deleted since
        raise DatasourceNotFound
    session, outcomes = apply_pending(
        recovered.session, pending, command=request.command, stops_at_refused=stops_at_refused
    )
    page, selection, view = request.rows.page, request.rows.selection, session.state.view
    if view is not None and selection.is_everything:
        last_page, selection = seen_again(view, session.state.columns)
        page = page or last_page
    shown = replace(request.rows, page=page or PageSpec(), selection=selection)
    return Recovered(
        recovery=recovered,
        pending=outcomes,
        not_tried=tuple(pending[len(outcomes) :]),
        data=data_after(datasource, session, shown),
    )


def recovery_context_of(datasource: DataSource | None) -> RecoveryContext:
    """Describe the dataset's current state; None means deleted. Reads no rows."""
    return RecoveryContext(
        source=_source(datasource),
        revision=revision_of(datasource),
        knows_operation=knows_operation,
    )


def recovery_context_at(dataset_id: uuid.UUID) -> RecoveryContext:
    """Describe the current state of the dataset with that id, whoever owns it."""
    return recovery_context_of(DataSource.objects.filter(pk=dataset_id).first())


def _source(datasource: DataSource | None) -> Source:
    if datasource is None:
        return Source.DELETED
    if datasource.is_published:
        return Source.READY
    has_failed = datasource.status == DataSource.Status.ERROR
    return Source.FAILED if has_failed else Source.NOT_READY
