"""The catalogue of errors: complete, bounded, and the one mapper from an exception to an answer."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.core.exceptions import (
    BadRequest,
    DisallowedHost,
    PermissionDenied,
    RequestDataTooBig,
    TooManyFieldsSent,
)
from django.db import IntegrityError, InterfaceError, OperationalError, connection
from django.http import Http404
from django.http.multipartparser import MultiPartParserError
from django.test import RequestFactory
from django.urls import resolve
from rest_framework import exceptions as drf

from data_tools import exceptions as data_tools_exceptions
from data_tools.answers.error_answers import (
    LONGEST_DETAIL,
    LONGEST_SENTENCE,
    MOST_DETAILS,
    StandardErrorResponse,
)
from data_tools.exceptions import DatasourceNotReady
from data_tools.exporting import exceptions as exporting_exceptions
from data_tools.filtering import exceptions as filtering_exceptions
from data_tools.filtering.exceptions import InvalidFilter, InvalidPagination, InvalidSort
from data_tools.http.error_catalogue import CATALOGUE
from data_tools.http.error_kinds import RECOVERY_ACTIONS
from data_tools.http.errors import ApiError, error_from
from data_tools.http.throttling import RateLimitExceeded, Standing
from data_tools.operations import exceptions as operations_exceptions
from data_tools.operations.exceptions import ColumnNotFound, InvalidParameter
from session_events import exceptions as session_exceptions
from session_events.exceptions import SessionConflict, SessionNotFound
from tests.contract.error_shape import ERROR_KEYS, STATUS

MOUNT = "/api/studio/00000000-0000-4000-8000-000000000000/"
DATASET = "/api/datasources/00000000-0000-4000-8000-000000000000/"

STANDING = Standing(
    rate_class="reads", limit=20, remaining=0, window_seconds=60, reset_at=1002.5, now=1000.0
)

# Words that mean something to programs alone.
PARAMETERS = {
    *("parameter", "details", "filter[0]", "sortOrder", "pageSize", "null", "array", "payload"),
    *("integer", "string", "boolean", "Content-Length", "multipart/form-data", "id", "UUID"),
}

# Errors that somebody else answers for before they could reach a client.
NEVER_ANSWERED = {
    "DATA_TOOLS_ERROR": "a base class",
    "SESSION_ERROR": "a base class",
    "REFUSED": "a base class",
    "CLIENT_OPERATION_REPEATED": "answered with the first result",
    "EVENT_UNREADABLE": "a base class",
    "EVENT_TYPE_UNKNOWN": "replay makes a defect of it",
    "EVENT_SCHEMA_NEWER": "replay makes a defect of it",
    "EVENT_UNDECODABLE": "replay makes a defect of it",
    "INVALID_TRANSITION": "raised by nothing yet",
}


def domain_errors() -> dict[str, type[Exception]]:
    return {
        f"{module.__name__}.{name}": value
        for module in (
            data_tools_exceptions,
            exporting_exceptions,
            filtering_exceptions,
            operations_exceptions,
            session_exceptions,
        )
        for name, value in vars(module).items()
        if isinstance(value, type) and issubclass(value, Exception) and hasattr(value, "code")
    }


@pytest.mark.parametrize("name", sorted(domain_errors()))
def test_every_domain_error_is_in_the_catalogue(name: str) -> None:
    code = domain_errors()[name].code

    assert (code in CATALOGUE) != (code in NEVER_ANSWERED)


def test_the_statuses_are_those_that_clients_were_promised() -> None:
    assert {code: int(kind.status) for code, kind in CATALOGUE.items()} == STATUS


def test_only_errors_that_may_pass_without_a_change_are_retryable() -> None:
    retryable = {code for code, kind in CATALOGUE.items() if kind.retryable}

    assert retryable == {
        "REQUEST_TOO_SLOW",
        "UPLOADS_BUSY",
        "DATASOURCE_NOT_READY",
        "SESSION_UNREADABLE",
        "THROTTLED",
        "TOO_MUCH_AT_ONCE",
        "SERVICE_BUSY",
        "QUERY_TIMEOUT",
        "OUTCOME_UNKNOWN",
        "DATABASE_UNAVAILABLE",
        "DATABASE_READ_ONLY",
        "DATABASE_FULL",
        "DATABASE_OVERLOADED",
        "DATABASE_BUSY",
        "INTERNAL_ERROR",
    }


@pytest.mark.parametrize("action", sorted(RECOVERY_ACTIONS))
def test_every_recovery_action_is_an_endpoint_that_takes_its_method(action: str) -> None:
    offered = RECOVERY_ACTIONS[action]
    start = {"mount": MOUNT, "dataset": DATASET, "root": ""}[offered.below]

    view = resolve(start + offered.path).func

    assert hasattr(view.view_class, offered.method.lower())


@pytest.mark.parametrize("code", sorted(CATALOGUE))
def test_every_recovery_action_of_the_catalogue_is_known(code: str) -> None:
    assert set(CATALOGUE[code].recovery_actions) <= set(RECOVERY_ACTIONS)


@pytest.mark.parametrize("code", sorted(CATALOGUE))
def test_every_error_is_told_to_people_in_words_and_with_a_next_step(code: str) -> None:
    message = CATALOGUE[code].user_message

    assert not set("/_{}[]<>`\\") & set(message)
    words = {word.strip('.,;:"') for word in message.split()}
    assert not words & PARAMETERS
    assert not {word for word in words if len(word) > 1 and word.isupper()} - {"JSON"}
    assert message[0].isupper()
    assert len(message) > 15
    assert CATALOGUE[code].recovery_actions


@pytest.mark.django_db
@pytest.mark.parametrize("code", sorted(CATALOGUE))
def test_the_next_steps_of_every_error_are_addresses_that_exist(code: str) -> None:
    offered = answer(ApiError(code=code, message="x")).data["error"]["recovery_actions"]

    assert [each["action"] for each in offered] == list(CATALOGUE[code].recovery_actions)
    for each in offered:
        assert hasattr(resolve(each["href"]).func.view_class, each["method"].lower())


@pytest.mark.django_db
def test_an_error_about_no_dataset_offers_what_needs_none() -> None:
    error = answer(ApiError(code="NOT_FOUND", message="x"), mount="").data["error"]
    conflict = answer(CONFLICT, mount="").data["error"]

    assert [each["href"] for each in error["recovery_actions"]] == [
        "/api/datasources/",
        "/api/docs/",
    ]
    assert conflict["recovery_actions"] == []


@pytest.mark.parametrize(
    "raised",
    [
        InvalidParameter("columns[0]", "must be a text"),
        InvalidFilter("filter[0].op", "is unknown"),
        InvalidFilter("filter[0].value", "is not a value", column="dep delay"),
        InvalidSort("sortOrder must be asc or desc"),
        InvalidPagination("page_size must be a whole number from 1 to 1000"),
        drf.ValidationError({"expected_version": ["A valid integer is required."]}),
        SessionConflict(expected_version=7, current_version=9),
        session_exceptions.VersionNotFound("at_version must be from 1 to 3", field="at_version"),
        session_exceptions.InvalidRecovery("to_version needs the strategy to_version, not auto"),
        data_tools_exceptions.InvalidRecipe("operations[0].operation", "is required"),
        data_tools_exceptions.InvalidUpload(),
        data_tools_exceptions.RowsGone(),
    ],
    ids=lambda raised: type(raised).__name__,
)
def test_no_path_and_no_parameter_is_told_to_people(raised: Exception) -> None:
    error = error_from(raised)

    assert error.message == str(raised) or isinstance(raised, drf.ValidationError)
    assert not set("/_{}[]`") & set(error.user_message)


@pytest.mark.parametrize(
    ("raised", "told"),
    [
        (ColumnNotFound('Column "a_b" not found'), 'Column "a_b" not found'),
        (ColumnNotFound(), "There is no such column any more. Look at the columns that there are."),
        (
            InvalidParameter(
                "new_name", "is required", message="Missing required fields: new_name"
            ),
            "Missing required fields: new_name",
        ),
        (
            InvalidParameter("new_name", "is required", message="former", told="It lacks a name."),
            "It lacks a name.",
        ),
        (
            InvalidParameter("pattern", "is no regular expression", told="The pattern is wrong."),
            "The pattern is wrong.",
        ),
        (
            InvalidFilter("filter[0].value", "is wrong", column="delay"),
            'The filter does not suit the column "delay".',
        ),
    ],
)
def test_an_error_that_knows_more_tells_people_so(raised: Exception, told: str) -> None:
    assert error_from(raised).user_message == told


# From exceptions to codes


@pytest.mark.parametrize(
    ("raised", "code"),
    [
        (drf.NotAuthenticated(), "NOT_AUTHENTICATED"),
        (drf.AuthenticationFailed(), "NOT_AUTHENTICATED"),
        (drf.PermissionDenied(), "CSRF_FAILED"),
        (PermissionDenied(), "CSRF_FAILED"),
        (drf.NotFound(), "NOT_FOUND"),
        (Http404(), "NOT_FOUND"),
        (drf.MethodNotAllowed("PUT"), "METHOD_NOT_ALLOWED"),
        (drf.NotAcceptable(), "NOT_ACCEPTABLE"),
        (drf.UnsupportedMediaType("text/plain"), "UNSUPPORTED_MEDIA_TYPE"),
        (drf.ParseError(), "INVALID_JSON"),
        (drf.ValidationError({"a": ["wrong"]}), "INVALID_PARAMETER"),
        (RateLimitExceeded(STANDING), "THROTTLED"),
        (RequestDataTooBig(), "PAYLOAD_TOO_LARGE"),
        (TooManyFieldsSent(), "INVALID_REQUEST"),
        (DisallowedHost("Invalid HTTP_HOST header: 'evil'."), "INVALID_REQUEST"),
        (BadRequest(), "INVALID_REQUEST"),
        (MultiPartParserError(), "INVALID_REQUEST"),
        (OperationalError("connection refused"), "DATABASE_UNAVAILABLE"),
        (InterfaceError("connection already closed"), "DATABASE_UNAVAILABLE"),
        (IntegrityError("duplicate key"), "INTERNAL_ERROR"),
        (RuntimeError("bug"), "INTERNAL_ERROR"),
        (AssertionError(), "INTERNAL_ERROR"),
        (SessionNotFound(), "SESSION_NOT_FOUND"),
        (ColumnNotFound('Column "x" not found'), "COLUMN_NOT_FOUND"),
    ],
    ids=lambda value: value if isinstance(value, str) else type(value).__name__,
)
def test_an_exception_is_answered_as(raised: Exception, code: str) -> None:
    assert error_from(raised).code == code


@pytest.mark.parametrize(
    "raised",
    [
        RuntimeError("/etc/passwd"),
        OperationalError('connection to server at "10.0.0.1", password "secret" failed'),
        IntegrityError("Key (user_id)=(1) /etc/passwd"),
        DisallowedHost("Invalid HTTP_HOST header: secret"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_the_contents_of_unexpected_errors_are_not_revealed(raised: Exception) -> None:
    error = error_from(raised)

    assert "secret" not in f"{error}{error.user_message}"
    assert "passwd" not in f"{error}{error.user_message}"


def test_an_attribute_that_only_looks_like_a_code_is_ignored() -> None:
    class Lookalike(Exception):
        code = 42

    assert error_from(Lookalike()).code == "INTERNAL_ERROR"


@pytest.mark.django_db
def test_a_statement_that_took_too_long_is_not_mistaken_for_a_database_that_is_gone() -> None:
    """By the database's own code, whatever language its messages are in."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 20")
        with pytest.raises(OperationalError) as stopped:
            cursor.execute("SELECT pg_sleep(5)")

    assert error_from(stopped.value).code == "QUERY_TIMEOUT"

    translated = OperationalError("annulation de la requête à cause du délai écoulé")
    translated.__cause__ = stopped.value.__cause__
    assert error_from(translated).code == "QUERY_TIMEOUT"


def test_a_throttled_client_is_told_when_to_try_again() -> None:
    assert error_from(RateLimitExceeded(STANDING)).headers["Retry-After"] == "3"


def test_a_wrong_field_is_named() -> None:
    error = error_from(drf.ValidationError({"username": ["This field is required."]}))

    assert error.message == "username: This field is required."
    assert error.details == {"fields": {"username": ["This field is required."]}}


def test_a_conflict_names_both_versions() -> None:
    error = error_from(SessionConflict(expected_version=7, current_version=9))

    assert error.details == {"expected_version": 7, "current_version": 9}
    assert error.user_message == "This session was changed in another tab."


# The answer


def answer(
    error: ApiError, *, capabilities: str | None = None, **how: Any
) -> StandardErrorResponse:
    headers = {} if capabilities is None else {"X-Studio-Capabilities": capabilities}
    request = RequestFactory().get("/", headers=headers)
    return StandardErrorResponse(error, request=request, **{"mount": MOUNT, **how})


CONFLICT = ApiError(code="SESSION_CONFLICT", message="expected version 7, session is at 9")


def test_the_error_object_has_every_key_and_a_time_in_utc() -> None:
    error = answer(CONFLICT).data["error"]

    assert set(error) == ERROR_KEYS
    assert dt.datetime.fromisoformat(error["timestamp"]).tzinfo == dt.UTC
    assert error["recovery_actions"] == [
        {
            "action": "reload",
            "label": "Load the latest version",
            "method": "GET",
            "href": f"{MOUNT}session/status/",
        }
    ]


@pytest.mark.parametrize(
    ("capabilities", "is_object"),
    [
        (None, False),
        ("", False),
        ("something-else", False),
        ("structured-errors-2", False),
        ("structured-errors", True),
        ("Structured-Errors", True),
        ("something-else , structured-errors", True),
        ("structured-errors;q=1", False),
    ],
)
def test_an_existing_endpoint_answers_in_the_form_that_the_client_reads(
    capabilities: str | None, is_object: bool
) -> None:
    response = answer(CONFLICT, capabilities=capabilities, is_existing_endpoint=True)

    if is_object:
        assert set(response.data) == {"success", "error"}
        assert response.data["error"]["code"] == "SESSION_CONFLICT"
    else:
        assert response.data["error"] == "This session was changed in another tab."
        assert response.data["error_detail"]["code"] == "SESSION_CONFLICT"


@pytest.mark.parametrize(
    ("code", "status"),
    [
        ("COLUMN_NOT_FOUND", 200),
        ("SESSION_CONFLICT", 200),
        ("NOT_AUTHENTICATED", 401),
        ("CSRF_FAILED", 403),
        ("DATASOURCE_NOT_FOUND", 404),
        ("METHOD_NOT_ALLOWED", 405),
        ("PAYLOAD_TOO_LARGE", 413),
        ("INTERNAL_ERROR", 500),
        ("DATABASE_UNAVAILABLE", 503),
    ],
)
def test_transform_answers_200_for_a_refused_operation_and_for_nothing_else(
    code: str, status: int
) -> None:
    error = ApiError(code=code, message="x")

    old = answer(error, is_existing_endpoint=True, answers_200=True)
    capable = answer(
        error, is_existing_endpoint=True, answers_200=True, capabilities="structured-errors"
    )

    assert old.status_code == status
    assert capable.status_code == CATALOGUE[code].status


def test_an_error_never_repeats_the_bulk_of_a_request() -> None:
    long = "x" * 1_000_000
    raised = InvalidParameter(
        long, long, message=long, value=[long] * 1000, nested={long: {"deep": long}}
    )

    error = answer(error_from(raised)).data["error"]

    assert len(error["message"]) == len(error["user_message"]) == LONGEST_SENTENCE
    assert len(error["details"]["path"]) == LONGEST_DETAIL
    assert len(error["details"]["value"]) == MOST_DETAILS
    assert len(str(error["details"])) < 50_000


def test_details_keep_their_types() -> None:
    raised = DatasourceNotReady(status="PROCESSING", progress=40, rows=[1, None, True, 2.5])

    assert answer(error_from(raised)).data["error"]["details"] == {
        "status": "PROCESSING",
        "progress": 40,
        "rows": [1, None, True, 2.5],
    }
