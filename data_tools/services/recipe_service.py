"""Take a recipe from one session, and apply it to another."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import count
from typing import Any

from django.db import Error

from data_tools.exceptions import RequestRejected, TookTooLong
from data_tools.operations import PreparedOperation
from data_tools.operations.declaration import event_of
from data_tools.operations.recipes import RecipeStep, written_recipe
from data_tools.quotas.events import require_events
from data_tools.rows.session_rows import SessionRows
from data_tools.services.session_data import SessionData, data_after, data_of
from data_tools.services.session_lookup import owned_dataset, require_session
from data_tools.services.session_request import SessionRequest
from data_tools.services.time_travel_service import require_head
from data_tools.sql.database_errors import is_too_long
from data_tools.under_way.requests import seconds_left
from session_events import services
from session_events.events import OperationApplied
from session_events.exceptions import TooManyOperations
from session_events.loading import Session
from session_events.recording import execute_all
from session_events.state import SessionState
from session_events.time_travel import session_at


@dataclass(frozen=True, slots=True, kw_only=True)
class FittedStep:
    """A step, tried on the rows after those steps before it that fit.

    `prepared` is what the step would do; if it does not fit, `error` says why. `version` is that of
    its event, if it was applied.
    """

    step: RecipeStep
    prepared: PreparedOperation | None = None
    error: Exception | None = None
    version: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AppliedRecipe:
    """What a recipe did, or would do, step by step, and the data after it.

    `is_repeat` is true if the same request had been applied before: nothing was done or tried
    again, and there are no steps.
    """

    data: SessionData
    steps: tuple[FittedStep, ...]
    is_repeat: bool


def recipe_of(
    *,
    user_id: int,
    datasource_id: uuid.UUID,
    session_id: uuid.UUID | None,
    at_version: int | None,
) -> tuple[dict[str, Any], Session]:
    """Return the recipe of a session at a version, and that session. Reads no rows.

    The dataset may have been deleted: the log holds everything that a recipe needs.

    Raises: as `time_travel_service.changes`.
    """
    head = require_head(user_id, datasource_id, session_id)
    session = session_at(head, at_version)
    name = owned_dataset(user_id, datasource_id).values_list("name", flat=True).first()
    return written_recipe(session.state, source_name=name), session


def apply_recipe(
    request: SessionRequest, *, steps: Sequence[RecipeStep], dry_run: bool
) -> AppliedRecipe:
    """Apply the steps that fit, in one append; each becomes its own operation, fitted anew.

    A step that does not fit is left out, and the steps after it are tried without it. A dry run
    writes nothing. Reads the rows once or twice for each step that learns from them.

    Raises:
        TookTooLong: trying the steps took longer than a request may.
        QuotaExceeded: the user's logs have no room for so many events.
        And as `require_session` and `session_events.recording.execute_all`, and in a dry run as
            `read_page`. Nothing was written.
    """
    datasource, session = require_session(request.user_id, request.datasource_id)
    tried: list[FittedStep] | None = None

    def prepare(state: SessionState) -> list[OperationApplied]:
        nonlocal tried
        if not dry_run:
            require_events(request.user_id, len(steps))
        tried = _tried(steps, state)
        fitting = [step.prepared for step in tried if step.prepared is not None]
        return [] if dry_run else [event_of(prepared) for prepared in fitting]

    outcome = execute_all(session, prepare, command=request.command)
    steps_tried = tried or []
    read_data = data_of if dry_run else data_after
    return AppliedRecipe(
        data=read_data(datasource, outcome.session, request.rows),
        steps=(
            _with_versions(steps_tried, outcome.session) if outcome.recorded else tuple(steps_tried)
        ),
        is_repeat=tried is None,
    )


def _tried(steps: Sequence[RecipeStep], state: SessionState) -> list[FittedStep]:
    rows = SessionRows.of(state)
    tried: list[FittedStep] = []
    fitting = 0
    for step in steps:
        if seconds_left() <= 0:
            raise TookTooLong(steps_tried=len(tried), steps=len(steps))
        try:
            services.require_room(state, for_operations=fitting + 1)
            prepared = rows.prepare(step.operation, step.parameters)
        except (RequestRejected, TooManyOperations) as error:
            tried.append(FittedStep(step=step, error=error))
            continue
        except (Error, TookTooLong) as error:
            if not is_too_long(error):
                raise
            raise TookTooLong(steps_tried=len(tried), steps=len(steps)) from error
        rows = rows.after(prepared)
        fitting += 1
        tried.append(FittedStep(step=step, prepared=prepared))
    return tried


def _with_versions(tried: Sequence[FittedStep], session: Session) -> tuple[FittedStep, ...]:
    """Return the steps with the versions of their events, which are the session's last events."""
    applied = sum(step.prepared is not None for step in tried)
    versions = count(session.head.position.version - applied + 1)
    return tuple(
        step if step.prepared is None else replace(step, version=next(versions)) for step in tried
    )
