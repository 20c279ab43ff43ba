"""The parts of the enhanced session API: pages, commands, bodies, and their cost in queries."""

from __future__ import annotations

import datetime as dt
import io
import uuid
from collections.abc import Callable
from typing import Any

import orjson
import psycopg2
import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.db import OperationalError, connection
from django.test import RequestFactory
from pytest_django import DjangoAssertNumQueries
from pytest_django.fixtures import Settings
from rest_framework.exceptions import ParseError, ValidationError
from rest_framework.request import Request

from data_tools.answers import session_answers, shared_values
from data_tools.exceptions import (
    DatasourceNotFound,
    DatasourceNotReady,
    InvalidBody,
    PayloadTooLarge,
)
from data_tools.filtering import EVERYTHING, PageSpec, Selection, SortSpec
from data_tools.filtering.exceptions import InvalidPagination
from data_tools.models import DataSource
from data_tools.operations.exceptions import ColumnNotFound
from data_tools.rows.pages import Page
from data_tools.services import session_service
from data_tools.views.api.api_view import MAX_BODY_DEPTH, JSONBodyParser
from data_tools.views.api.studio_view import body_of, command_of, requested_page, requested_rows
from session_events import services
from session_events.events import Column
from session_events.recording import Command
from tests.support import written_log
from tests.support.clock import Clock
from tests.support.small_datasets import COLUMNS, ROWS
from tests.support.studio_client import Studio

NAMES = [name for name, _ in COLUMNS]
DATASOURCE_ID = uuid.UUID("00000000-0000-4000-8000-000000000000")
OTHER_ID = uuid.UUID("00000000-0000-4000-8000-000000000001")


@pytest.fixture
def studio(opened: Studio) -> Studio:
    return opened


# get_session_data and its paginated form


@pytest.mark.django_db
def test_session_data_without_a_session_is_the_datasets_own(
    user: User, datasource: DataSource
) -> None:
    data = session_service.get_session_data(user_id=user.pk, datasource_id=datasource.pk)

    assert data.session is None
    assert [column.name for column in data.columns] == NAMES
    assert data.page.rows == list(ROWS)


@pytest.mark.django_db
def test_session_data_is_what_the_operations_make_of_the_rows_a_page_at_a_time(
    user: User, datasource: DataSource, studio: Studio
) -> None:
    studio.post("transform/columns/", {"operation": "drop", "columns": NAMES[1:]})

    data = session_service.get_session_data(
        user_id=user.pk, datasource_id=datasource.pk, page=PageSpec(page_number=2, page_size=3)
    )

    assert [column.name for column in data.columns] == ["id"]
    assert data.page.rows == [[4], [5], [6]]
    assert (data.page.total_rows, data.page.total_pages, data.page.has_next) == (7, 3, True)


@pytest.mark.django_db
def test_session_data_is_only_for_the_datasets_owner(
    user: User, other_user: User, datasource: DataSource
) -> None:
    with pytest.raises(DatasourceNotFound):
        session_service.get_session_data(user_id=other_user.pk, datasource_id=datasource.pk)


@pytest.mark.django_db
def test_session_data_is_refused_until_the_dataset_is_ready(
    user: User, datasource: DataSource
) -> None:
    DataSource.objects.update(status="PROCESSING", progress_percent=7, revision=0)

    with pytest.raises(DatasourceNotReady) as refused:
        session_service.get_session_data(user_id=user.pk, datasource_id=datasource.pk)

    assert refused.value.details == {"status": "PROCESSING", "progress": 7}


def paginated(
    user: User,
    datasource: DataSource,
    page_number: int = 1,
    selection: Selection = EVERYTHING,
) -> session_service.SessionData:
    return session_service.get_paginated_session_data(
        user_id=user.pk,
        datasource_id=datasource.pk,
        page=PageSpec(page_number=page_number, page_size=2),
        selection=selection,
        command=Command(actor_id=user.pk),
    )


@pytest.mark.django_db
def test_paginated_session_data_is_sorted_before_it_is_cut_into_pages(
    user: User, datasource: DataSource
) -> None:
    by_delay = Selection(sorts=(SortSpec(column_name="delay", descending=True),))

    pages = [paginated(user, datasource, number, by_delay).page.rows for number in (1, 2, 3, 4)]

    assert [row[2] for page in pages for row in page] == [33.25, 4.0, 2.5, 0.0, -1.0, None, None]


@pytest.mark.django_db
def test_paginated_session_data_refuses_an_unknown_column(
    user: User, datasource: DataSource
) -> None:
    with pytest.raises(ColumnNotFound):
        paginated(user, datasource, 1, Selection(sorts=(SortSpec(column_name="no such column"),)))


# The view is recorded, at no cost to anybody


@pytest.mark.django_db
def test_page_turns_within_an_interval_are_one_event(
    user: User, datasource: DataSource, clock: Clock, studio: Studio
) -> None:
    def version_after_looking_at(page_number: int) -> int:
        paginated(user, datasource, page_number)
        return written_log.head(user.pk, datasource.pk).position.version

    interval = dt.timedelta(seconds=settings.SESSION_EVENTS["VIEW_CHANGE_INTERVAL_SECONDS"])
    assert [version_after_looking_at(page) for page in (1, 2, 3, 2)] == [2, 2, 2, 2]
    clock.tick(interval)
    assert [version_after_looking_at(page) for page in (3, 4)] == [3, 3]
    clock.tick(interval)
    assert version_after_looking_at(3) == 3  # the page it was on already


@pytest.mark.django_db
@pytest.mark.parametrize("status", ["pause", "clear"])
def test_reading_a_session_that_is_not_active_records_no_view(
    user: User, datasource: DataSource, studio: Studio, status: str
) -> None:
    studio.post(f"session/{status}/")

    assert len(paginated(user, datasource, 2).page.rows) == 2

    assert written_log.head(user.pk, datasource.pk).position.version == 2


@pytest.mark.django_db
def test_a_page_is_read_even_if_the_view_cannot_be_recorded(
    user: User, datasource: DataSource, studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A lock held for too long, a full disk, a database that only reads."""

    def fails(*_: object, **__: object) -> None:
        refusal = OperationalError("canceling statement due to lock timeout")
        raise refusal from psycopg2.errors.LockNotAvailable()

    monkeypatch.setattr(services, "record", fails)

    answer = studio.get("data/", {"page": 2, "pageSize": 2})

    assert answer.status == 200, answer
    assert [row["id"] for row in answer.body["data"]] == [3, 4]
    assert answer.body["version"] == 1


# Cost in queries

SELECTED = {"sort": "-delay,id", "filter": '[{"column": "id", "op": "gt", "value": 2}]'}


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("ask", "queries"),
    [
        (lambda studio: studio.get("session/status/"), 3),
        (lambda studio: studio.get("data/", {"page": 2, "pageSize": 2}), 3),
        (lambda studio: studio.get("data/", SELECTED | {"page": 2, "pageSize": 2}), 3),
        (lambda studio: studio.post("session/undo/"), 4),
        (
            lambda studio: studio.post(
                "session/rename-column/", {"old_name": "id", "new_name": "key"}
            ),
            4,
        ),
        (
            lambda studio: studio.post(
                "session/fill-missing-values/", {"columns": ["delay"], "strategy": "mean"}
            ),
            # Blocks are looked for, and there are none, so the rows are read: each in a savepoint.
            11,
        ),
    ],
    ids=["status", "a page", "a later page of a filter and an order", "undo", "rename", "fill"],
)
def test_a_request_sends_no_more_queries_than_it_must(
    studio: Studio,
    django_assert_max_num_queries: DjangoAssertNumQueries,
    ask: Callable[[Studio], Any],
    queries: int,
) -> None:
    """One each for the token, for dataset and session, and for the rows; a change appends."""
    studio.post("session/rename-column/", {"old_name": "carrier", "new_name": "airline"})
    studio.get("data/")  # records the view

    studio.get("data/", SELECTED)  # the first page of a selection computes it for all
    with django_assert_max_num_queries(queries):
        assert ask(studio).status == 200


# Parts of a request


def request(body: dict[str, Any] | None = None, query: str = "", **headers: str) -> Request:
    """Return a POST request as a view receives it."""
    sent = RequestFactory().post(
        f"/api/studio/{DATASOURCE_ID}/session/undo/?{query}",
        data=orjson.dumps(body or {}),
        content_type="application/json",
        headers=headers,
    )
    received = Request(sent, parsers=[JSONBodyParser()])
    received.user = User(pk=7)
    return received


def test_a_page_is_requested_by_number_or_size_in_query_or_body() -> None:
    assert requested_page(request()) is None
    assert requested_page(request({"page_size": None})) is None
    assert requested_page(request({"page_number": 3})) == PageSpec(page_number=3, page_size=25)
    assert requested_page(request(query="page_size=7")) == PageSpec(page_number=1, page_size=7)


def test_a_page_requested_in_query_and_body_must_be_the_same() -> None:
    with pytest.raises(InvalidPagination):
        requested_page(request({"page_number": 3}, query="page_number=2"))


def test_without_a_requested_page_the_first_hundred_rows_are_shown() -> None:
    rows = requested_rows(request())

    assert rows.page_or_preview == PageSpec(page_number=1, page_size=100)
    assert (rows.selection, rows.is_paged) == (EVERYTHING, False)


def test_page_and_command_fields_are_not_parameters() -> None:
    body = {
        "columns": ["a"],
        "page_number": 1,
        "page_size": 5,
        "expected_version": 1,
        "expected_session_id": str(OTHER_ID),
        "client_operation_id": str(DATASOURCE_ID),
    }

    assert body_of(request(body)) == {"columns": ["a"]}


def test_a_command_says_who_sent_it_and_what_they_last_saw() -> None:
    body = {
        "expected_version": 5,
        "expected_session_id": str(OTHER_ID),
        "client_operation_id": str(DATASOURCE_ID),
    }

    command = command_of(request(body, **{"User-Agent": "a browser"}), DATASOURCE_ID)

    assert (command.actor_id, command.client_kind) == (7, "a browser")
    assert (command.expected_version, command.client_operation_id) == (5, DATASOURCE_ID)
    assert command.expected_session_id == OTHER_ID


def test_an_idempotency_key_stands_in_for_a_missing_id() -> None:
    keyed = {"Idempotency-Key": "double click"}

    first, second = (command_of(request(**keyed), DATASOURCE_ID) for _ in range(2))
    elsewhere = command_of(request(**keyed), uuid.uuid4())
    named = command_of(request({"client_operation_id": str(DATASOURCE_ID)}, **keyed), DATASOURCE_ID)

    assert first.client_operation_id == second.client_operation_id is not None
    assert first.request_digest == second.request_digest
    assert elsewhere.client_operation_id != first.client_operation_id
    assert named.client_operation_id == DATASOURCE_ID


def test_the_same_request_has_the_same_digest_however_its_page_is_shown() -> None:
    def digest(**body: Any) -> str | None:
        body = {"client_operation_id": str(DATASOURCE_ID), **body}
        return command_of(request(body), DATASOURCE_ID).request_digest

    assert digest(columns=["a"], page_size=5, expected_version=3) == digest(columns=["a"])
    assert digest(columns=["a"]) != digest(columns=["b"])
    assert digest(a=1, b=2) == digest(b=2, a=1)


def test_a_command_without_an_id_has_no_digest() -> None:
    command = command_of(request({"columns": ["a"]}), DATASOURCE_ID)

    assert (command.client_operation_id, command.request_digest) == (None, None)


@pytest.mark.parametrize("body", [{"expected_version": 0}, {"client_operation_id": "x"}])
def test_an_invalid_command_field_is_refused(body: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        command_of(request(body), DATASOURCE_ID)


# Bodies


def parsed(content: bytes) -> Any:
    return JSONBodyParser().parse(io.BytesIO(content))


def test_a_body_may_be_as_deep_as_any_request_and_no_deeper() -> None:
    def nested(levels: int) -> bytes:
        return b"[" * levels + b"1" + b"]" * levels

    assert parsed(nested(MAX_BODY_DEPTH))
    for levels in (MAX_BODY_DEPTH + 1, 1000):
        with pytest.raises(InvalidBody):
            parsed(nested(levels))


def test_objects_are_as_deep_as_lists() -> None:
    assert parsed(b'{"a":' * MAX_BODY_DEPTH + b"1" + b"}" * MAX_BODY_DEPTH)
    with pytest.raises(InvalidBody):
        parsed(b'{"a":' * (MAX_BODY_DEPTH + 1) + b"1" + b"}" * (MAX_BODY_DEPTH + 1))


def test_a_body_may_be_as_large_as_the_settings_say(settings: Settings) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 10

    assert parsed(b'"12345678"') == "12345678"
    with pytest.raises(PayloadTooLarge) as refused:
        parsed(b'"123456789"')
    assert refused.value.details == {"maximum_bytes": 10}


@pytest.mark.parametrize("content", [b"{", b"NaN", b'"\xff"', b"", b"\xef\xbb\xbf{}"])
def test_a_body_that_is_not_json_in_utf_8_is_refused(content: bytes) -> None:
    with pytest.raises(ParseError):
        parsed(content)


# Presentation


COLUMN = Column(key="b0", name="a", type="text")


def test_a_missing_value_is_null_in_records_and_empty_in_a_preview() -> None:
    page = Page(
        rows=[[None], [""], ["x"]], page_number=1, page_size=25, total_rows=3, filtered_rows=3
    )

    assert session_answers.records(page, (COLUMN,)) == [{"a": None}, {"a": ""}, {"a": "x"}]
    assert session_answers.preview(page, (COLUMN,)) == [{"a": ""}, {"a": ""}, {"a": "x"}]


@pytest.mark.parametrize(
    ("page_number", "total_rows", "total_pages", "has_next", "has_previous"),
    [
        (1, 0, 0, False, False),
        (1, 10, 1, False, False),
        (1, 11, 2, True, False),
        (2, 11, 2, False, True),
        (9, 11, 2, False, True),
    ],
    ids=["no rows", "one full page", "the first of two", "the last of two", "past the end"],
)
def test_pagination_says_whether_there_are_pages_before_and_after(
    page_number: int, total_rows: int, total_pages: int, has_next: bool, has_previous: bool
) -> None:
    page = Page(
        rows=[],
        page_number=page_number,
        page_size=10,
        total_rows=total_rows + 1,
        filtered_rows=total_rows,
    )

    assert session_answers.pagination(page) == {
        "page_number": page_number,
        "page_size": 10,
        "total_rows": total_rows + 1,
        "filtered_rows": total_rows,
        "total_pages": total_pages,
        "has_next": has_next,
        "has_previous": has_previous,
    }


def test_without_a_session_there_is_no_version_and_no_saved_at() -> None:
    assert shared_values.durable(None) == {"version": None, "saved_at": None}
    assert session_answers.session_info(None) == {"session_exists": False}


@pytest.mark.django_db
def test_statements_have_the_time_limit_of_the_settings() -> None:
    """A slow statement must not hold a connection forever."""
    with connection.cursor() as cursor:
        cursor.execute("SHOW statement_timeout")
        assert cursor.fetchone() == ("30s",)
