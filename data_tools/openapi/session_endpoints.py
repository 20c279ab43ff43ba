"""The endpoints of a session's life, its recovery, its versions and its recipe."""

from __future__ import annotations

from data_tools.answers.dataset_answers import SavedBody
from data_tools.answers.history_answers import ChangesBody, Recipe, RecipeApplied, RecipeBody
from data_tools.answers.recent_session_answers import RecentSessionsBody
from data_tools.answers.recovery_answers import RecoveredSession, Verdict
from data_tools.answers.session_answers import Cleared, Forked, Paused, SessionBody
from data_tools.answers.shared_values import Durable, Summary
from data_tools.answers.status_answers import StatusBody
from data_tools.openapi.answer_schema import picked, schema_of
from data_tools.openapi.description import COMMAND, PAGE_IN_BODY, PAST, SHOWN, Described
from data_tools.openapi.json_schema import BOOLEAN, TEXT, UUID, Schema, body, fields_of, schemas_of
from data_tools.views.api.recent_session_views import RecentSessionsFields
from data_tools.views.api.session_api_views import RecoverFields, SaveFields, ValidateFields
from data_tools.views.api.version_api_views import ChangesFields, ForkFields

SESSION = schema_of(SessionBody)
UNREADABLE = (
    "DATASOURCE_NOT_READY",
    "DATASOURCE_FAILED",
    "SESSION_DAMAGED",
    "SESSION_UNREADABLE",
    "ROWS_GONE",
)
LOOKING = ("INVALID_PAGINATION", "INVALID_VERSION", *UNREADABLE)
CHANGING = (
    "INVALID_JSON",
    "INVALID_BODY",
    "INVALID_PAGINATION",
    "LENGTH_REQUIRED",
    "PAYLOAD_TOO_LARGE",
    "UNSUPPORTED_MEDIA_TYPE",
    "SESSION_NOT_FOUND",
    "SESSION_PAUSED",
    "SESSION_EXPIRED",
    "SESSION_CONFLICT",
    "CLIENT_OPERATION_ID_REUSED",
    "QUOTA_EXCEEDED",
    *UNREADABLE,
)
CHOOSING = ("INVALID_SORT", "INVALID_FILTER")
# Other properties are ignored, not rejected: existing clients may send more.
_ANY_COMMAND = {"type": "object", "properties": COMMAND}
_ANY_PAGED_COMMAND = {"type": "object", "properties": COMMAND | PAGE_IN_BODY}


def command_body(required: tuple[str, ...] = (), **properties: Schema) -> Schema:
    """Return the schema of a body with these properties and those that any command may carry."""
    return body(required, **properties, **COMMAND, **PAGE_IN_BODY)


def _command(summary: str, *refusals: str, text: str = "") -> Described:
    return Described(
        summary=summary,
        text=text,
        tag="Sessions",
        query=SHOWN,
        body=_ANY_PAGED_COMMAND,
        answer=SESSION,
        example_body={},
        refusals=(*CHANGING, *CHOOSING, *refusals),
    )


SESSIONS: dict[tuple[str, str], Described] = {
    ("POST", "session/initialize/"): _command(
        "Open the session, or go on with the one that is there",
        text="A paused or expired session goes on as it was left.",
    ),
    ("GET", "session/status/"): Described(
        summary="The session and its first rows, as it stands or stood",
        text="With `at_version` or `session_id` it is only looked at: `read_only` is true.",
        tag="Sessions",
        query=SHOWN | PAST,
        answer=schema_of(StatusBody),
        is_tagged=True,
        refusals=(*CHOOSING, "COLUMN_NOT_FOUND", "QUERY_TIMEOUT", *LOOKING),
    ),
    ("POST", "session/undo/"): _command("Take the last operation back", "NOTHING_TO_UNDO"),
    ("POST", "session/redo/"): _command("Put back what was undone last", "NOTHING_TO_REDO"),
    ("POST", "session/reset/"): _command("Go back to the dataset's own columns and values"),
    ("POST", "session/resume/"): _command("Take a paused session up again"),
    ("POST", "session/pause/"): Described(
        summary="Put the session aside; it does not expire",
        tag="Sessions",
        body=_ANY_COMMAND,
        answer=schema_of(Paused),
        example_body={},
        refusals=CHANGING,
    ),
    ("POST", "session/clear/"): Described(
        summary="Put the session away; it stays recoverable for the retention time",
        tag="Sessions",
        body=_ANY_COMMAND,
        answer=schema_of(Cleared),
        example_body={},
        refusals=CHANGING,
    ),
    ("POST", "session/save/"): Described(
        summary="Make the session's rows a dataset of its own; the session ends, recoverable",
        text="Both are one commit. A dataset of many rows is PROCESSING first.",
        tag="Sessions",
        body=body((), **schemas_of(SaveFields), **COMMAND),
        answer=schema_of(SavedBody),
        example_body={"name": "flights, cleaned"},
        refusals=(*CHANGING, "SESSION_TOO_COMPLEX", "QUERY_TIMEOUT"),
    ),
    ("GET", "session/validate/"): Described(
        summary="Is the session valid, what can be recovered, what to do next",
        text="Never writes and never reads rows.",
        tag="Recovery",
        query=fields_of(ValidateFields),
        answer=schema_of(Verdict),
        example_query={"known_version": 1},
    ),
    ("POST", "session/recover/"): Described(
        summary="Bring the session back, and answer all of it",
        text="Sent twice, it recovers once. `pending_operations` is what the browser did and never "
        "got an answer for: each is applied once, or returned with the reason why not.",
        tag="Recovery",
        query=SHOWN,
        body=command_body(
            **schemas_of(RecoverFields)
            | {
                "pending_operations": {
                    "type": ["array", "null"],
                    "maxItems": 100,
                    "items": body(
                        ("client_operation_id", "operation", "parameters"),
                        client_operation_id=UUID,
                        operation={**TEXT, "minLength": 1},
                        parameters={"type": "object"},
                    ),
                }
            }
        ),
        answer=schema_of(RecoveredSession),
        example_body={"strategy": "auto"},
        refusals=(
            *(*CHANGING, *CHOOSING),
            *("RECOVERY_IMPOSSIBLE", "INVALID_RECOVERY", "INVALID_VERSION"),
        ),
    ),
    ("POST", "session/fork/"): Described(
        summary="Begin a new session with the work of any version",
        text="The open session is put away and stays recoverable.",
        tag="Versions",
        query=SHOWN,
        body=command_body(("from_version",), **schemas_of(ForkFields)),
        answer=picked(
            Forked,
            *("success", "message", "session_info", "session_id", "repeated"),
            *Summary.__annotations__,
            *Durable.__annotations__,
        ),
        example_body={"from_version": 1},
        refusals=(*CHANGING, *CHOOSING, "INVALID_VERSION", "RECOVERY_IMPOSSIBLE"),
    ),
    ("GET", "session/changes/"): Described(
        summary="What changed between two versions",
        tag="Versions",
        query=fields_of(ChangesFields),
        answer=schema_of(ChangesBody),
        example_query={"from_version": 1},
        refusals=("SESSION_NOT_FOUND", *LOOKING),
    ),
    ("GET", "session/recipe/"): Described(
        summary="The session's operations as a portable recipe",
        tag="Recipes",
        query=PAST,
        answer=schema_of(RecipeBody),
        refusals=("SESSION_NOT_FOUND", *LOOKING),
    ),
    ("POST", "session/apply-recipe/"): Described(
        summary="Apply what fits of a recipe, or say with `dry_run` what would",
        tag="Recipes",
        query=SHOWN,
        body=command_body(("recipe",), recipe=schema_of(Recipe), dry_run=BOOLEAN),
        answer=picked(
            RecipeApplied,
            *("success", "message", "session_info", "dry_run", "applied", "fits", "does_not_fit"),
            *("report", "repeated"),
        ),
        example_body={
            "recipe": {
                "format": "data-studio-recipe",
                "format_version": 1,
                "operations": [
                    {
                        "operation": "rename_column",
                        "parameters": {"old_name": "carrier", "new_name": "airline"},
                    }
                ],
            },
            "dry_run": True,
        },
        refusals=(
            *(*CHANGING, *CHOOSING),
            *("INVALID_RECIPE", "TOO_MANY_OPERATIONS", "QUERY_TIMEOUT"),
        ),
    ),
    ("GET", "/api/sessions/"): Described(
        summary="The user's sessions on all datasets that can still be recovered, last used first",
        text="Open ones, and ended ones for the retention time; also those whose dataset was "
        "deleted. Never writes and never reads rows.",
        tag="Recovery",
        query=fields_of(RecentSessionsFields),
        answer=schema_of(RecentSessionsBody),
    ),
}
