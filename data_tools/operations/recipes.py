"""A session's operations as a portable recipe, and back. The format is in docs/recipes.md. Pure.

A recipe holds the requests. What was learned from the rows is included for information only: on
other rows every operation is fitted anew.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from data_tools.exceptions import InvalidRecipe
from data_tools.operations import OPERATIONS
from data_tools.operations.needed_columns import needed_columns
from session_events.events import Operation
from session_events.state import SessionState

FORMAT = "data-studio-recipe"
FORMAT_VERSION = 1
MAX_OPERATIONS = 1000
LONGEST_OPERATION_NAME = 100

_RECIPE_FIELDS = ("format", "format_version", "source", "operations")
_OPERATION_FIELDS = ("operation", "parameters", "fitted", "cells_changed")


@dataclass(frozen=True, slots=True, kw_only=True)
class RecipeStep:
    """One operation by its name in the log, and its parameters; neither is checked yet."""

    operation: str
    parameters: dict[str, Any]


def written_recipe(state: SessionState, *, source_name: str | None) -> dict[str, Any]:
    """Return the recipe of the operations in effect, as JSON values; it reads no rows.

    `source_name` is null when the dataset is deleted; its columns are known all the same.
    """
    needed = needed_columns(state.base_columns, state.operations)
    return {
        "format": FORMAT,
        "format_version": FORMAT_VERSION,
        "source": {
            "name": source_name,
            "fingerprint": state.source_fingerprint,
            "columns": [
                {"name": column.name, "type": column.type}
                for column in state.base_columns
                if column.name in needed
            ],
        },
        "operations": [
            {
                "operation": operation.operation,
                "parameters": _request_of(operation),
                "fitted": operation.fitted,
                "cells_changed": operation.cells_changed,
            }
            for operation in state.operations
        ],
    }


def read_recipe(value: Any) -> tuple[RecipeStep, ...]:
    """Return the steps of a recipe. Does not check that they fit any rows.

    Raises:
        InvalidRecipe: it does not have this format, or has a newer one; `details` name the path.
    """
    recipe = _object(value, "recipe", _RECIPE_FIELDS)
    if recipe.get("format") != FORMAT:
        raise InvalidRecipe("recipe.format", f"must be {FORMAT}")
    version = recipe.get("format_version")
    if type(version) is not int or version < 1:
        raise InvalidRecipe("recipe.format_version", "must be a whole number from 1")
    if version > FORMAT_VERSION:
        raise InvalidRecipe(
            "recipe.format_version",
            "is newer than this server reads",
            newest_known=FORMAT_VERSION,
        )
    if recipe.get("source") is not None and not isinstance(recipe["source"], dict):
        raise InvalidRecipe("recipe.source", "must be an object")
    operations = recipe.get("operations")
    if not isinstance(operations, list):
        raise InvalidRecipe("recipe.operations", "must be a list")
    if len(operations) > MAX_OPERATIONS:
        raise InvalidRecipe(
            "recipe.operations", f"has {len(operations)} entries", maximum=MAX_OPERATIONS
        )
    return tuple(_step(entry, f"recipe.operations[{at}]") for at, entry in enumerate(operations))


def _request_of(operation: Operation) -> dict[str, Any]:
    """Return the request behind an operation; a parameter that was left out stays out."""
    declaration = OPERATIONS.get(operation.operation)
    request = operation.parameters
    if declaration is not None:  # otherwise it is of a newer server, and shown as it is
        request = declaration.original_request(request)
    return {name: value for name, value in request.items() if value is not None}


def _step(value: Any, path: str) -> RecipeStep:
    entry = _object(value, path, _OPERATION_FIELDS)
    name, parameters = entry.get("operation"), entry.get("parameters")
    if not isinstance(name, str) or not 0 < len(name) <= LONGEST_OPERATION_NAME:
        raise InvalidRecipe(f"{path}.operation", "must be the name of an operation")
    if not isinstance(parameters, dict):
        raise InvalidRecipe(f"{path}.parameters", "must be an object")
    return RecipeStep(operation=name, parameters=parameters)


def _object(value: Any, path: str, fields: tuple[str, ...]) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise InvalidRecipe(path, "must be an object")
    for name in value:
        if name not in fields:
            raise InvalidRecipe(path, "has an unknown field", field=name, known=fields)
    return value
