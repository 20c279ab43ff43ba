"""The document says what the service does: every endpoint, with examples that are real answers."""

from __future__ import annotations

import json
from difflib import unified_diff
from typing import Any

import jsonschema_rs
import pytest
from django.test import Client

from data_tools.models import ApiToken
from data_tools.openapi.answer_schema import COMPONENTS
from data_tools.openapi.autoschema import (
    CATALOGUE_OF_OPERATIONS,
    DESCRIPTIONS,
    EXAMPLES,
    MOUNT,
    operation_id,
    recorded_answer,
)
from data_tools.openapi.description import JSON, Described
from data_tools.openapi.json_schema import Schema
from data_tools.operations import OPERATIONS
from tests.contract.recorded import kinds, record_answers
from tests.contract.requests import in_the_middle_of_work
from tests.golden.openapi import DOCUMENT, as_text, generated_document
from tests.support.studio_client import Answer, Studio
from tests.support.users import UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    return generated_document()


def methods(document: dict[str, Any]) -> set[tuple[str, str]]:
    return {
        (method.upper(), path.removeprefix(MOUNT))
        for path, item in document["paths"].items()
        for method in item
    }


def test_the_document_is_valid_without_a_warning_and_names_every_endpoint(
    document: dict[str, Any],
) -> None:
    assert document["openapi"] == "3.1.0"
    assert methods(document) == set(DESCRIPTIONS)


def test_the_document_is_byte_for_byte_the_golden_one(document: dict[str, Any]) -> None:
    """After a change that is meant, delete the file and run `python -m tests.golden`."""
    golden, today = DOCUMENT.read_text().splitlines(), as_text(document).splitlines()

    assert list(unified_diff(golden, today, "golden", "today", lineterm="")) == []


def test_the_document_is_served_to_everybody(client: Client) -> None:
    answer = client.get("/api/schema/")

    assert answer.status_code == 200
    assert answer.json()["info"]["title"] == "HydroML session service"


def test_the_page_to_try_the_api_loads_nothing_from_other_sites(client: Client) -> None:
    page = client.get("/api/docs/").content.decode()

    assert "/static/drf_spectacular_sidecar/swagger-ui-dist/swagger-ui-bundle.js" in page
    assert "https://" not in page


def test_every_operation_has_an_example_and_its_errors(document: dict[str, Any]) -> None:
    for path, item in document["paths"].items():
        for method, operation in item.items():
            where = f"{method} {path}"
            answers = operation["responses"]
            success = next(answers[status] for status in answers if status.startswith("2"))
            for media_type, content in success["content"].items():
                assert media_type != JSON or "example" in content, where
            assert {"429", "500", "503"} <= set(answers), where
            for media_type, content in operation.get("requestBody", {}).get("content", {}).items():
                assert media_type != JSON or "example" in content, where


@pytest.mark.parametrize(
    ("method", "path", "headers"),
    [
        ("get", "data/", {"X-Studio-Capabilities", "If-None-Match"}),
        ("post", "session/undo/", {"X-Studio-Capabilities", "Idempotency-Key"}),
        ("get", "columns/", {"X-Studio-Capabilities"}),
        ("get", "session/validate/", set()),
    ],
)
def test_an_operation_names_the_headers_that_it_reads(
    document: dict[str, Any], method: str, path: str, headers: set[str]
) -> None:
    operation = document["paths"][MOUNT + path][method]

    assert {one["name"] for one in operation["parameters"] if one["in"] == "header"} == headers


JSON_ENDPOINTS = [
    pytest.param(method, path, said, id=f"{method} {path}")
    for (method, path), said in DESCRIPTIONS.items()
    if JSON in said.answers_in
]


@pytest.mark.parametrize(("method", "path", "said"), JSON_ENDPOINTS)
def test_the_example_works_and_is_answered_as_described(
    method: str, path: str, said: Described
) -> None:
    answer = called(method, path, said)

    assert answer.status == said.status, answer
    assert faults(answer.body, said.answer) == []


@pytest.mark.parametrize(("method", "path", "said"), JSON_ENDPOINTS)
def test_the_recorded_answer_is_what_the_service_answers(
    method: str, path: str, said: Described
) -> None:
    """Run the tests with RECORD_ANSWERS=1 to record them anew."""
    answer, name = called(method, path, said).body, operation_id(method, path)
    if name != CATALOGUE_OF_OPERATIONS:
        record_answers(EXAMPLES / f"{name}.json", answer)

    assert kinds(recorded_answer(name)) == kinds(answer)


def test_the_example_of_the_catalogue_has_every_operation(document: dict[str, Any]) -> None:
    content = document["paths"][f"{MOUNT}operations/"]["get"]["responses"]["200"]["content"]

    named = [each["operation"] for each in content[JSON]["example"]["operations"]]

    assert named == list(OPERATIONS)


def test_no_answer_is_recorded_for_an_endpoint_that_does_not_exist() -> None:
    assert {path.stem for path in EXAMPLES.glob("*.json")} == {
        operation_id(method, path)
        for (method, path), said in DESCRIPTIONS.items()
        if JSON in said.answers_in
    } - {CATALOGUE_OF_OPERATIONS}


def faults(value: Any, schema: Schema) -> list[str]:
    """What is wrong with `value`, by a schema that may refer to the shared ones."""
    whole = {**schema, "components": {"schemas": COMPONENTS}}
    validator = jsonschema_rs.Draft202012Validator(whole, validate_formats=True)
    return [f"{error.instance_path}: {error.message}" for error in validator.iter_errors(value)]


def called(method: str, path: str, said: Described) -> Answer:
    """The answer to the described example, by a user in the middle of some work."""
    studio = in_the_middle_of_work(UserFactory(username="ada"))
    for name, value in said.example_path.items():
        path = path.replace(f"{{{name}}}", value)
    if path.startswith("/"):
        path = path.replace("{datasource_id}", str(studio.datasource_id))
        path = path.replace("{token_id}", str(ApiToken.objects.latest("created").public_id))
    if said.sent_as != JSON:
        return upload(studio, path)
    if method == "GET":
        return studio.get(path, dict(said.example_query))
    return studio.request(
        method,
        path,
        query=dict(said.example_query),
        content=json.dumps(said.example_body).encode() if said.body is not None else b"",
    )


def upload(studio: Studio, path: str) -> Answer:
    boundary = "frontier"
    content = (
        f"--{boundary}\r\n"
        'Content-Disposition: form-data; name="file"; filename="flights.csv"\r\n'
        "Content-Type: text/csv\r\n\r\n"
        "id,carrier\r\n1,UA\r\n"
        f"\r\n--{boundary}--\r\n"
    ).encode()
    headers = {"Content-Type": f"multipart/form-data; boundary={boundary}"}
    return studio.request("POST", path, content=content, headers=headers)
