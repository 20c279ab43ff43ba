"""Recipes taken from a session, and applied to another one."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from data_tools.exceptions import TookTooLong
from data_tools.filtering import EVERYTHING, PageSpec, Selection
from data_tools.jobs.time_limit import TimeLimit
from data_tools.operations import PreparedOperation
from data_tools.operations.exceptions import RequestRejected
from data_tools.operations.recipes import RecipeStep, written_recipe
from data_tools.rows.session_rows import SessionRows, event_of
from data_tools.services.session_data import SessionData, data_after, data_of
from data_tools.services.session_lookup import owned, require_session
from data_tools.services.time_travel_service import required_head
from session_events import services
from session_events.events import OperationApplied
from session_events.exceptions import TooManyOperations
from session_events.loading import Session
from session_events.recording import Command
from session_events.state import SessionState
from session_events.time_travel import session_at


@dataclass(frozen=True, slots=True, kw_only=True)
class FittedStep:
    """A step tried on the rows as they stand after those before it that fit.

    `prepared` is what it would do, else `error` says why it does not fit. `version` is that of its
    event when it was applied.
    """

    step: RecipeStep
    prepared: PreparedOperation | None = None
    error: Exception | None = None
    version: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AppliedRecipe:
    """What a recipe did, or would do, step by step, and the data after it.

    `is_repeat` is true when the same request had been applied before: nothing was done or tried
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

    The dataset may have been deleted: the log says all that a recipe needs. Raises: as
    `time_travel_service.changes`.
    """
    head = required_head(user_id, datasource_id, session_id)
    session = session_at(head, at_version)
    name = owned(user_id, datasource_id).values_list("name", flat=True).first()
    return written_recipe(session.state, source_name=name), session


def apply_recipe(
    *,
    user_id: int,
    datasource_id: uuid.UUID,
    steps: Sequence[RecipeStep],
    dry_run: bool,
    page: PageSpec,
    selection: Selection = EVERYTHING,
    command: Command,
) -> AppliedRecipe:
    """Apply the steps that fit, in one append; each is an operation of its own, fitted anew.

    A step that does not fit is left out, and those behind it are tried without it. A dry run
    writes nothing. Reads the rows once or twice for each step that learns from them.

    Raises:
        TookTooLong; SessionNotFound and the other errors of `recording.execute`; of a dry run, as
        `read_page`. Nothing was written in any of these cases.
    """
    datasource, session = require_session(user_id, datasource_id)
    tried: list[FittedStep] | None = None

    def prepare(state: SessionState) -> list[OperationApplied]:
        nonlocal tried
        tried = _tried(steps, state)
        fitting = [one.prepared for one in tried if one.prepared is not None]
        return [] if dry_run else [event_of(prepared) for prepared in fitting]

    outcome = services.apply_operations(session, prepare, command=command)
    found = tried or []
    data = data_of if dry_run else data_after
    return AppliedRecipe(
        data=data(datasource, outcome.session, page, selection),
        steps=_with_versions(found, outcome.session) if outcome.recorded else tuple(found),
        is_repeat=tried is None,
    )


def _tried(steps: Sequence[RecipeStep], state: SessionState) -> list[FittedStep]:
    rows = SessionRows.of(state)
    tried: list[FittedStep] = []
    fitting, limit = 0, TimeLimit()
    for step in steps:
        if limit.is_over:
            raise TookTooLong(steps_tried=len(tried), steps=len(steps))
        try:
            services.require_room(state, for_operations=fitting + 1)
            prepared = rows.prepare(step.operation, step.parameters)
        except (RequestRejected, TooManyOperations) as error:
            tried.append(FittedStep(step=step, error=error))
            continue
        rows = rows.after(prepared)
        fitting += 1
        tried.append(FittedStep(step=step, prepared=prepared))
    return tried


def _with_versions(tried: Sequence[FittedStep], session: Session) -> tuple[FittedStep, ...]:
    """Return the steps with the versions of their events, which are the last of the session."""
    version = session.head.position.version - sum(one.prepared is not None for one in tried)
    numbered: list[FittedStep] = []
    for one in tried:
        if one.prepared is not None:
            version += 1
            one = FittedStep(step=one.step, prepared=one.prepared, version=version)
        numbered.append(one)
    return tuple(numbered)
