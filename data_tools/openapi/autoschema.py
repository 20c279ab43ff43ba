"""The descriptions as OpenAPI: drf-spectacular finds the views, this says what they do."""

from __future__ import annotations

import json
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import ComponentRegistry

import data_tools.openapi.security_schemes  # noqa: F401
from data_tools.answers.error_answers import PROBLEM_MEDIA_TYPE
from data_tools.http.error_catalogue import CATALOGUE
from data_tools.openapi.column_endpoints import COLUMNS
from data_tools.openapi.components import COMPONENTS
from data_tools.openapi.dataset_endpoints import DATASETS
from data_tools.openapi.description import JSON, Described
from data_tools.openapi.event_endpoints import EVENTS
from data_tools.openapi.json_schema import TEXT, UUID, Schema, ref
from data_tools.openapi.operation_endpoints import OPERATIONS
from data_tools.openapi.row_endpoints import ROWS
from data_tools.openapi.session_endpoints import SESSIONS

DESCRIPTIONS: dict[tuple[str, str], Described] = (
    SESSIONS | OPERATIONS | ROWS | COLUMNS | EVENTS | DATASETS
)
EXAMPLES = Path(__file__).parent / "examples"  # answers of the service, recorded
MOUNT = "/api/studio/{datasource_id}/"

_ALWAYS = (
    "INVALID_REQUEST",
    "URI_TOO_LONG",
    "HEADERS_TOO_LARGE",
    "NOT_ACCEPTABLE",
    "METHOD_NOT_ALLOWED",
    "THROTTLED",
)
_OF_A_USER = ("NOT_AUTHENTICATED", "CSRF_FAILED")
_OF_A_SERVICE = ("INTERNAL_ERROR", "DATABASE_UNAVAILABLE", "INVALID_PARAMETER")


def described(method: str, path: str) -> Described:
    """Return what is said of a method at a path of the document. Raises: KeyError."""
    return DESCRIPTIONS[method, path.removeprefix(MOUNT)]


def operation_id(method: str, path: str) -> str:
    """Return the name of an endpoint's method: what it is called by, and its recorded answer."""
    words = path.removeprefix(MOUNT).removeprefix("/api/")
    for mark in "{}":
        words = words.replace(mark, "")
    return "_".join([method.lower(), *words.replace("-", "_").strip("/").split("/")])


def only_the_canonical_mount(
    endpoints: list[tuple[str, str, str, Any]],
) -> list[tuple[str, str, str, Any]]:
    """Leave out the mounts of older clients and what serves the document itself."""
    return [
        endpoint
        for endpoint in endpoints
        if endpoint[0].startswith("/api/")
        and not endpoint[0].startswith(("/api/schema", "/api/docs"))
    ]


def with_components(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """Add what the operations refer to: the shared schemas, and an example of each error."""
    components = result.setdefault("components", {})
    components.setdefault("schemas", {}).update(COMPONENTS)
    components["examples"] = {code: _example(code) for code in CATALOGUE}
    return result


class StudioAutoSchema(AutoSchema):
    """Says of each endpoint what its description does; nothing is guessed from the views."""

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
        said = described(self.method, path)
        operation: dict[str, Any] = {
            "operationId": operation_id(self.method, path),
            "summary": said.summary,
            "tags": [said.tag],
            "parameters": [*_of_path(path), *_of_query(said), *_of_headers(said, self.view)],
            "responses": self._responses(said, path),
            "security": self.get_auth() if said.needs_sign_in else [],
        }
        if said.text:
            operation["description"] = said.text
        if said.body is not None:
            content: dict[str, Any] = {"schema": said.body}
            if said.example_body is not None:
                content["example"] = said.example_body
            operation["requestBody"] = {
                "content": {said.sent_as: content},
                "required": said.body_is_required,
            }
        return operation

    def _responses(self, said: Described, path: str) -> dict[str, Any]:
        content: dict[str, Any] = {
            media_type: {"schema": said.answer if media_type == JSON else {"type": "string"}}
            for media_type in said.answers_in
        }
        example = recorded_answer(operation_id(self.method, path))
        if example is not None and JSON in content:
            content[JSON]["example"] = example
        answers: dict[str, Any] = {
            str(said.status): {"description": said.summary, "content": content}
        }
        if said.is_tagged:
            answers["304"] = {
                "description": "The client's copy, by `If-None-Match`, is still right."
            }
        is_existing = getattr(self.view, "is_existing_endpoint", False)
        codes = [*said.refusals, *_ALWAYS, *_OF_A_SERVICE]
        if said.needs_sign_in:
            codes += _OF_A_USER
        if "datasource_id" in path:
            codes += ["DATASOURCE_NOT_FOUND", "NOT_FOUND"]
        if getattr(self.view, "answers_200_when_refused", False):
            success = content[JSON]["schema"]
            content[JSON]["schema"] = {"oneOf": [success, ref("SentenceAnswer")]}
        return answers | _errors(codes, is_existing=is_existing)


@cache
def recorded_answer(name: str) -> Any:
    """Return an answer of the service as it was recorded, None where there is none."""
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
                    "examples": {code: _example_of(code) for code in codes_of},
                },
                PROBLEM_MEDIA_TYPE: {"schema": ref("Problem")},
            },
        }
        for status, codes_of in sorted(by_status.items())
    }


def _example_of(code: str) -> dict[str, str]:
    return {"$ref": f"#/components/examples/{code}"}


def _example(code: str) -> dict[str, Any]:
    kind = CATALOGUE[code]
    sentence = kind.user_message or "What was wrong, and with which part of the request."
    return {
        "value": {
            "success": False,
            "error": {
                "code": code,
                "message": sentence,
                "user_message": sentence,
                "recovery_actions": [],
                "retryable": kind.retryable,
                "details": {},
                "timestamp": "2026-11-22T18:00:00.000+00:00",
                "trace_id": "4bf92f3577b34da6a3ce929d0e0e4736",
            },
        }
    }


_PATH_PARAMETERS: dict[str, tuple[Schema, str]] = {
    "datasource_id": (UUID, "The dataset's id."),
    "column": ({**TEXT, "minLength": 1}, "The column's name."),
}


def _of_path(path: str) -> list[dict[str, Any]]:
    return [
        {
            "name": name,
            "in": "path",
            "required": True,
            "schema": schema,
            "description": description,
        }
        for name, (schema, description) in _PATH_PARAMETERS.items()
        if f"{{{name}}}" in path
    ]


def _of_query(said: Described) -> list[dict[str, Any]]:
    return [
        {
            "name": name,
            "in": "query",
            "required": required,
            "schema": schema,
            **({"example": said.example_query[name]} if name in said.example_query else {}),
        }
        for name, (schema, required) in said.query.items()
    ]


_CAPABILITIES = {
    "name": "X-Studio-Capabilities",
    "description": "A comma list; `structured-errors` gets the error object as `error`.",
    "example": "structured-errors",
}
_IF_NONE_MATCH = {
    "name": "If-None-Match",
    "description": "The `ETag` of the client's copy; 304 where that is still right.",
}
_IDEMPOTENCY_KEY = {
    "name": "Idempotency-Key",
    "description": "Any text, in place of a `client_operation_id`.",
}


def _of_headers(said: Described, view: Any) -> list[dict[str, Any]]:
    named: list[dict[str, str]] = []
    if getattr(view, "is_existing_endpoint", False):
        named.append(_CAPABILITIES)
    if said.is_tagged:
        named.append(_IF_NONE_MATCH)
    if "CLIENT_OPERATION_ID_REUSED" in said.refusals:
        named.append(_IDEMPOTENCY_KEY)
    return [
        {"in": "header", "required": False, "schema": {"type": "string"}, **one} for one in named
    ]
