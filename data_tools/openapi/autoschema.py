"""The OpenAPI document: drf-spectacular finds the views, our tables describe them."""

from __future__ import annotations

import json
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

from drf_spectacular.authentication import SessionScheme, TokenScheme
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import ComponentRegistry

from data_tools.answers.error_answers import PROBLEM_MEDIA_TYPE, error_object
from data_tools.answers.operation_answers import catalogue_body
from data_tools.http.error_catalogue import CATALOGUE
from data_tools.http.errors import ApiError
from data_tools.openapi.answer_schema import COMPONENTS
from data_tools.openapi.dataset_endpoints import DATASETS
from data_tools.openapi.description import JSON, Described
from data_tools.openapi.event_endpoints import EVENTS
from data_tools.openapi.json_schema import TEXT, UUID, Schema, ref
from data_tools.openapi.operation_endpoints import OPERATIONS
from data_tools.openapi.row_endpoints import COLUMNS, ROWS
from data_tools.openapi.session_endpoints import SESSIONS
from data_tools.openapi.token_endpoints import TOKENS
from data_tools.openapi.usage_endpoints import USAGE
from data_tools.operations import OPERATIONS as DECLARED

DESCRIPTIONS: dict[tuple[str, str], Described] = (
    SESSIONS | OPERATIONS | ROWS | COLUMNS | EVENTS | DATASETS | TOKENS | USAGE
)
EXAMPLES = Path(__file__).parent / "examples"  # recorded answers of the service
CATALOGUE_OF_OPERATIONS = "get_operations"
MOUNT = "/api/studio/{datasource_id}/"

# Of the examples of errors.
_TIME = "2026-11-22T18:00:00.000+00:00"
_TRACE_ID = "4bf92f3577b34da6a3ce929d0e0e4736"

_ALWAYS = (
    "INVALID_REQUEST",
    "URI_TOO_LONG",
    "HEADERS_TOO_LARGE",
    "NOT_ACCEPTABLE",
    "METHOD_NOT_ALLOWED",
    "THROTTLED",
)
_WHERE_SIGNED_IN = ("NOT_AUTHENTICATED", "TOKEN_EXPIRED", "CSRF_FAILED")
_OF_THE_SERVICE = (
    "INTERNAL_ERROR",
    "DATABASE_UNAVAILABLE",
    "DATABASE_READ_ONLY",
    "DATABASE_FULL",
    "DATABASE_OVERLOADED",
    "DATABASE_BUSY",
    "INVALID_PARAMETER",
)


def described(method: str, path: str) -> Described:
    """Return the description of a method at a path of the document.

    Raises:
        KeyError: it has none.
    """
    return DESCRIPTIONS[method, path.removeprefix(MOUNT)]


def operation_id(method: str, path: str) -> str:
    """Return the name of an endpoint's method, which its recorded answer has as well."""
    words = path.removeprefix(MOUNT).removeprefix("/api/")
    for mark in "{}":
        words = words.replace(mark, "")
    return "_".join([method.lower(), *words.replace("-", "_").strip("/").split("/")])


def only_the_canonical_mount(
    endpoints: list[tuple[str, str, str, Any]],
) -> list[tuple[str, str, str, Any]]:
    """Return the endpoints without the mounts of older clients and without the document's own."""
    return [
        endpoint
        for endpoint in endpoints
        if endpoint[0].startswith("/api/")
        and not endpoint[0].startswith(("/api/schema", "/api/docs"))
    ]


def with_components(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """Return the document with what the operations refer to: schemas, and an example per error."""
    components = result.setdefault("components", {})
    components.setdefault("schemas", {}).update(COMPONENTS)
    components["examples"] = {code: _example(code) for code in CATALOGUE}
    return result


class StudioTokenScheme(TokenScheme):
    """One way of signing in, as the document names it. drf-spectacular finds it by import."""

    target_class = "data_tools.http.authentication.StudioTokenAuthentication"
    name = "token"


class StudioSessionScheme(SessionScheme):
    """The other way of signing in."""

    target_class = "data_tools.http.authentication.StudioSessionAuthentication"
    name = "session"

    def get_security_definition(self, auto_schema: Any) -> dict[str, Any]:
        return super().get_security_definition(auto_schema) | {
            "description": "The login session of `/accounts/login/`. A change needs a CSRF token, "
            "or comes from our own page."
        }


class StudioAutoSchema(AutoSchema):
    """Takes what it says of an endpoint from its description; guesses nothing from the view."""

    def get_operation(
        self,
        path: str,
        path_regex: str,
        path_prefix: str,
        method: str,
        registry: ComponentRegistry,
    ) -> dict[str, Any]:
        self.registry = registry
        self.path, self.path_regex, self.path_prefix = path, path_regex, path_prefix
        self.method = method.upper()
        description = described(self.method, path)
        operation: dict[str, Any] = {
            "operationId": operation_id(self.method, path),
            "summary": description.summary,
            "tags": [description.tag],
            "parameters": [
                *_of_path(path),
                *_of_query(description),
                *_of_headers(description, self.view),
            ],
            "responses": self._responses(description, path),
            "security": self.get_auth() if description.needs_sign_in else [],
        }
        if description.text:
            operation["description"] = description.text
        if description.body is not None:
            content: dict[str, Any] = {"schema": description.body}
            if description.example_body is not None:
                content["example"] = description.example_body
            operation["requestBody"] = {
                "content": {description.sent_as: content},
                "required": "required" in description.body,
            }
        return operation

    def _responses(self, description: Described, path: str) -> dict[str, Any]:
        content: dict[str, Any] = {
            media_type: {"schema": description.answer if media_type == JSON else {"type": "string"}}
            for media_type in description.answers_in
        }
        example = recorded_answer(operation_id(self.method, path))
        if example is not None and JSON in content:
            content[JSON]["example"] = example
        responses: dict[str, Any] = {
            str(description.status): {"description": description.summary, "content": content}
        }
        if description.is_tagged:
            responses["304"] = {
                "description": "The client's copy, by `If-None-Match`, is still right."
            }
        is_existing = getattr(self.view, "is_existing_endpoint", False)
        codes = [*description.refusals, *_ALWAYS, *_OF_THE_SERVICE]
        if description.needs_sign_in:
            codes += _WHERE_SIGNED_IN
        if "datasource_id" in path:
            codes += ["DATASOURCE_NOT_FOUND", "NOT_FOUND"]
        if getattr(self.view, "answers_200_when_refused", False):
            success = content[JSON]["schema"]
            content[JSON]["schema"] = {"oneOf": [success, ref("SentenceAnswer")]}
        return responses | _errors(codes, is_existing=is_existing)


@cache
def recorded_answer(name: str) -> Any:
    """Return the recorded answer of that name, None if there is none.

    The catalogue of operations is not recorded, because it is what the operations declare.
    """
    if name == CATALOGUE_OF_OPERATIONS:
        return json.loads(json.dumps(catalogue_body(DECLARED.values())))
    path = EXAMPLES / f"{name}.json"
    return json.loads(path.read_text()) if path.exists() else None


def _errors(codes: Iterable[str], *, is_existing: bool) -> dict[str, Any]:
    by_status: dict[int, list[str]] = {}
    for code in dict.fromkeys(codes):
        by_status.setdefault(int(CATALOGUE[code].status), []).append(code)
    schema: Schema = ref("ErrorAnswer")
    if is_existing:
        schema = {"oneOf": [ref("ErrorAnswer"), ref("SentenceAnswer")]}
    return {
        str(status): {
            "description": ", ".join(f"`{code}`" for code in codes_of),
            "content": {
                JSON: {
                    "schema": schema,
                    "examples": {
                        code: {"$ref": f"#/components/examples/{code}"} for code in codes_of
                    },
                },
                PROBLEM_MEDIA_TYPE: {"schema": ref("Problem")},
            },
        }
        for status, codes_of in sorted(by_status.items())
    }


def _example(code: str) -> dict[str, Any]:
    sentence = CATALOGUE[code].user_message
    error = error_object(ApiError(code=code, message=sentence))
    error |= {"timestamp": _TIME, "trace_id": _TRACE_ID}
    return {"value": {"success": False, "error": error}}


_PATH_PARAMETERS: dict[str, tuple[Schema, str]] = {
    "datasource_id": (UUID, "The dataset's id."),
    "token_id": (UUID, "The token's id, as the list has it."),
    "column": ({**TEXT, "minLength": 1}, "The column's name."),
}


def _of_path(path: str) -> list[dict[str, Any]]:
    return [
        {"name": name, "in": "path", "required": True, "schema": schema, "description": text}
        for name, (schema, text) in _PATH_PARAMETERS.items()
        if f"{{{name}}}" in path
    ]


def _of_query(description: Described) -> list[dict[str, Any]]:
    examples = description.example_query
    return [
        {"name": name, "in": "query", "required": required, "schema": schema}
        | ({"example": examples[name]} if name in examples else {})
        for name, (schema, required) in description.query.items()
    ]


_WITH_CELLS = ("Rows", "Columns")
_CAPABILITIES = {
    "name": "X-Studio-Capabilities",
    "description": "A comma list. `structured-errors` gets the error object as `error`, "
    "`exact-integers` gets integers beyond 2^53 as text, `row-numbers` the dataset's number of "
    "each row shown.",
    "example": "structured-errors, exact-integers, row-numbers",
}
_IF_NONE_MATCH = {
    "name": "If-None-Match",
    "description": "The `ETag` of the client's copy; 304 where that is still right.",
}
_IDEMPOTENCY_KEY = {
    "name": "Idempotency-Key",
    "description": "Any text, in place of a `client_operation_id`.",
}


def _of_headers(description: Described, view: Any) -> list[dict[str, Any]]:
    headers: list[dict[str, str]] = []
    if getattr(view, "is_existing_endpoint", False) or description.tag in _WITH_CELLS:
        headers.append(_CAPABILITIES)
    if description.is_tagged:
        headers.append(_IF_NONE_MATCH)
    if "CLIENT_OPERATION_ID_REUSED" in description.refusals:
        headers.append(_IDEMPOTENCY_KEY)
    return [
        {"in": "header", "required": False, "schema": {"type": "string"}, **header}
        for header in headers
    ]
