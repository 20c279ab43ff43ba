"""A recipe taken from a session, and what became of one that was applied."""

from __future__ import annotations

from typing import Annotated, Any, NotRequired, cast
from uuid import UUID

from typing_extensions import TypedDict

from data_tools.answers.error_answers import Refusal, refusal
from data_tools.answers.session_answers import SessionBody, session_body
from data_tools.answers.shared_values import Success, Undocumented
from data_tools.services.recipe_service import AppliedRecipe, FittedStep
from session_events.loading import Session


class Recipe(TypedDict):
    """A recipe as `operations.recipes` writes and reads it."""

    format: str
    format_version: int
    source: dict[str, Any]
    operations: list[dict[str, Any]]


class RecipeBody(TypedDict):
    success: Success
    session_id: UUID
    version: int
    recipe: Recipe


class RecipeStepReport(TypedDict):
    """What a step of the recipe, counted from 1, does, or why it does not fit.

    `version` is null where it was not applied.
    """

    step: int
    operation: str
    fits: bool
    message: NotRequired[Annotated[str, Undocumented]]
    cells_changed: NotRequired[Annotated[int, Undocumented]]
    version: NotRequired[Annotated[int | None, Undocumented]]
    error: NotRequired[Annotated[Refusal, Undocumented]]


class RecipeApplied(SessionBody):
    dry_run: bool
    applied: int
    fits: int
    does_not_fit: int
    report: list[RecipeStepReport]
    repeated: bool


def recipe_body(recipe: dict[str, Any], session: Session) -> RecipeBody:
    return {
        "success": True,
        "session_id": session.head.stream_id,
        "version": session.head.position.version,
        "recipe": cast(Recipe, recipe),
    }


def recipe_applied_body(applied: AppliedRecipe, *, dry_run: bool, paged: bool) -> RecipeApplied:
    steps = len(applied.steps)
    fitting = sum(step.prepared is not None for step in applied.steps)
    message = f"{fitting} of {steps} operations fit"
    if applied.is_repeat:
        message = "Already applied"
    elif not dry_run:
        message = f"Applied {fitting} of {steps} operations"
    return {
        **session_body(applied.data, message, paged=paged),
        "dry_run": dry_run,
        "applied": 0 if dry_run else fitting,
        "fits": fitting,
        "does_not_fit": steps - fitting,
        "report": [
            _step_report(number, step) for number, step in enumerate(applied.steps, start=1)
        ],
        "repeated": applied.is_repeat,
    }


def _step_report(number: int, fitted: FittedStep) -> RecipeStepReport:
    operation = fitted.step.operation
    if fitted.prepared is not None:
        return {
            "step": number,
            "operation": operation,
            "fits": True,
            "message": fitted.prepared.message,
            "cells_changed": fitted.prepared.cells_changed,
            "version": fitted.version,
        }
    assert fitted.error is not None  # a step that was not prepared says why
    return {"step": number, "operation": operation, "fits": False, "error": refusal(fitted.error)}
