"""Each request logs one line that says what was read and how long it took."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client, override_settings

from data_tools.observing.request_line import USUAL_FIELDS
from data_tools.services import export_service, session_service
from tests.support.logged import Line, documented_fields, logged_requests
from tests.support.small_datasets import ROWS, publish
from tests.support.studio_client import STRUCTURED, Studio
from tests.support.studios import open_studio, rename, studio_of

pytestmark = pytest.mark.django_db

# What each line has beside the fields that are documented.
OF_EVERY_LINE = {"level", "message", "trace_id"}
FILTERED = {
    "filter": json.dumps([{"column": "delay", "op": "gte", "value": 0}]),
    "sort": "-carrier",
    "page_size": 2,
}


@pytest.fixture
def line_of(caplog: pytest.LogCaptureFixture) -> Any:
    """Return a function that sends a request and returns its only line."""

    def send(studio: Studio, method: str, path: str, **more: Any) -> Line:
        with logged_requests(caplog) as lines:
            answer = studio.request(method, path, **more)
        [line] = lines
        assert line["status"] == answer.status
        assert line["response_bytes"] == len(answer.content)
        assert line["trace_id"] == answer.headers["X-Trace-Id"]
        assert list(line)[2 : 2 + len(USUAL_FIELDS)] == list(USUAL_FIELDS)
        return line

    return send


def test_a_page_is_logged_with_whose_it_is_and_what_it_took(
    opened: Studio, user: User, line_of: Any
) -> None:
    line = line_of(opened, "GET", "data/", query={"page_number": 2, "page_size": 3})

    session_id = opened.get("session/validate/").body["session_id"]
    assert (line["route"], line["method"]) == ("/api/studio/<uuid:datasource_id>/data/", "GET")
    assert (line["user_id"], line["dataset_id"]) == (user.pk, str(opened.datasource_id))
    assert (line["session_id"], line["version"]) == (session_id, 2)  # it recorded the view
    assert (line["page_number"], line["page_size"], line["read_from"]) == (2, 3, "rows")
    assert (line["rows_scanned"], line["rows_returned"]) == (3, 3)
    assert line["query_count"] > 0
    assert 0 < line["db_ms"] < line["total_ms"]
    assert 0 < line["page_ms"] < line["total_ms"]
    assert (line["level"], line["message"]) == ("INFO", "request")
    assert line["work"] == "light or heavy"


def test_the_database_is_counted_as_the_headers_count_it(opened: Studio, line_of: Any) -> None:
    opened.get("data/", query={"page_size": 3})

    line = line_of(opened, "GET", "data/", query={"page_size": 3})

    timing = opened.get("data/", query={"page_size": 3}).headers["Server-Timing"]
    assert f'desc="{line["query_count"]} queries"' in timing


def test_a_filter_is_logged_by_its_shape_and_computed_once(opened: Studio, line_of: Any) -> None:
    first = line_of(opened, "GET", "data/", query=FILTERED)
    second = line_of(opened, "GET", "data/", query=FILTERED | {"page_number": 2})

    assert (first["filter_shape"], first["sort_shape"]) == ("b2 gte", "-b1")
    assert (first["read_from"], second["read_from"]) == ("computed", "list")
    assert first["rows_scanned"] == len(ROWS) + 2
    assert second["rows_scanned"] == 2
    assert {"filter_ms", "list_ms", "gate_wait_ms"} <= {*first}
    assert not {"filter_ms", "list_ms", "gate_wait_ms"} & {*second}


def test_an_operation_is_logged_with_the_rows_it_was_fitted_to(
    opened: Studio, line_of: Any
) -> None:
    body = {"columns": ["delay"], "strategy": "mean"}

    line = line_of(
        opened, "POST", "session/fill-missing-values/", content=json.dumps(body).encode()
    )

    assert line["operation"] == "fill_missing_values"
    assert line["rows_scanned"] >= 2 * len(ROWS)  # a pass to learn, and the rows of the answer
    assert {"fit_ms", "append_ms", "page_ms"} <= {*line}
    assert line_of(opened, "POST", "session/undo/")["operation"] == "undo"


def test_statistics_are_logged_with_the_pass_that_measured_them(
    opened: Studio, line_of: Any
) -> None:
    line = line_of(opened, "GET", "columns/")

    assert line["rows_scanned"] == len(ROWS)
    assert "profile_ms" in line


def test_a_refused_request_is_logged_with_its_code(opened: Studio, line_of: Any) -> None:
    line = line_of(opened, "GET", "data/", query={"filter": "not JSON"})

    assert (line["status"], line["error_code"]) == (400, "INVALID_FILTER")
    assert line["level"] == "INFO"


def test_a_throttled_request_is_logged_with_whose_it_is(
    opened: Studio, user: User, line_of: Any, settings: Any
) -> None:
    settings.RATE_LIMITS = {"reads": "1/minute"}
    opened.get("data/")

    line = line_of(opened, "GET", "data/")

    assert (line["status"], line["error_code"]) == (429, "THROTTLED")
    assert line["user_id"] == user.pk


def test_an_unknown_address_is_logged_without_it(user: User, line_of: Any) -> None:
    line = line_of(studio_of(user), "GET", "/api/nowhere/secret/")

    assert (line["route"], line["status"], line["error_code"]) == (None, 404, "NOT_FOUND")
    assert "secret" not in str(line)


def test_an_unexpected_error_is_a_warning(
    user: User, line_of: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def breaks(**arguments: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(session_service, "get_session_data", breaks)

    line = line_of(studio_of(user, headers=STRUCTURED), "GET", "session/status/")

    assert (line["level"], line["error_code"]) == ("WARNING", "INTERNAL_ERROR")


def test_a_page_of_html_is_logged_with_who_is_signed_in(
    user: User, caplog: pytest.LogCaptureFixture
) -> None:
    client = Client()
    client.force_login(user)

    with logged_requests(caplog) as lines:
        client.get("/")

    [line] = lines
    assert (line["route"], line["user_id"]) == ("/", user.pk)


def test_an_export_is_logged_when_its_last_piece_was_read(opened: Studio, line_of: Any) -> None:
    line = line_of(opened, "GET", "export/", query={"format": "csv", **{"sort": "delay"}})

    assert line["rows_returned"] == len(ROWS)
    assert line["is_cut_off"] is False
    assert line["slowest_piece_ms"] > 0
    assert line["sort_shape"] == "b2"


def test_an_export_that_nobody_reads_is_logged_when_it_is_given_up(
    opened: Studio, caplog: pytest.LogCaptureFixture
) -> None:
    with logged_requests(caplog) as lines:
        response = Client().get(
            f"/api/studio/{opened.datasource_id}/export/?format=csv",
            headers={"Authorization": f"Token {opened.token}"},
        )
        assert caplog.records == []
        response.close()

    [line] = lines
    assert line["is_cut_off"] is True
    assert line["response_bytes"] == 0


def breaks_off(error: Exception) -> Callable[..., Iterator[bytes]]:
    """Return what makes a file of which only the beginning can be made."""

    def pieces(*arguments: Any, **named: Any) -> Iterator[bytes]:
        yield b"n"
        raise error

    return pieces


def test_an_export_that_breaks_off_is_a_failure_in_the_trace_of_its_request(
    opened: Studio, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    settings.REQUEST_LOG_SAMPLE = 0
    monkeypatch.setattr(export_service, "pieces", breaks_off(RuntimeError("no room")))
    headers = {"Authorization": f"Token {opened.token}"}

    with logged_requests(caplog) as lines:
        response = Client().get(
            f"/api/studio/{opened.datasource_id}/export/?format=csv", headers=headers
        )
        opened.get("data/")  # another request has the thread meanwhile
        with pytest.raises(RuntimeError):
            list(response.streaming_content)
        response.close()

    [line] = lines
    assert (line["level"], line["message"]) == ("WARNING", "request")
    assert (line["error_code"], line["is_cut_off"], line["status"]) == ("INTERNAL_ERROR", True, 200)
    [told] = [each for each in caplog.records if each.name == export_service.__name__]
    assert line["trace_id"] == told.trace_id == response.headers["X-Trace-Id"]


@pytest.mark.parametrize(
    ("limit", "level", "message"),
    [(0, "WARNING", "slow request"), (10**9, "INFO", "request")],
)
def test_a_slow_request_is_a_warning(
    opened: Studio, line_of: Any, settings: Any, limit: int, level: str, message: str
) -> None:
    settings.SLOW_REQUEST_MS = limit

    for path, query in (("data/", None), ("export/", {"format": "csv"})):
        line = line_of(opened, "GET", path, query=query)
        assert (line["level"], line["message"]) == (level, message)


def test_of_quick_requests_a_share_is_logged_and_of_others_all(
    opened: Studio, caplog: pytest.LogCaptureFixture, settings: Any
) -> None:
    settings.REQUEST_LOG_SAMPLE = 0.25
    traces = [f"{number:024x}{part}0000000" for number in range(1, 3) for part in "048c"]

    with logged_requests(caplog) as lines:
        for trace in traces:
            sent = {"traceparent": f"00-{trace}-b7ad6b7169203331-01"}
            opened.get("session/status/", headers=sent)
            opened.get("data/", {"page_size": 0}, headers=sent)

    assert [line["trace_id"] for line in lines if line["status"] == 200] == traces[::4]
    assert [line["trace_id"] for line in lines if line["status"] == 400] == traces


def every_kind_of_request(user: User) -> Iterator[tuple[Studio, str, str, dict[str, Any]]]:
    studio = open_studio(user, steps=[rename("id", "key")])
    yield studio, "GET", "data/", {"query": FILTERED}
    yield studio, "GET", "columns/", {}
    yield studio, "POST", "session/fill-missing-values/", {"content": b'{"columns": ["delay"]}'}
    yield studio, "GET", "session/validate/", {}
    yield studio, "GET", "export/", {"query": {"format": "csv"}}


@override_settings(SESSION_EVENTS={"SNAPSHOT_EVERY_EVENTS": 1})
def test_the_operations_guide_explains_every_field_and_no_other(
    user: User, caplog: pytest.LogCaptureFixture
) -> None:
    with logged_requests(caplog) as lines:
        for studio, method, path, more in every_kind_of_request(user):
            studio.request(method, path, **more)

    seen = {name for line in lines for name in line} - OF_EVERY_LINE
    only_by_a_server = {"queued_ms", "is_client_gone"}  # see test_lines_of_a_server
    of_failures, of_jobs = {"error_code"}, {"snapshot_ms"}
    assert seen | only_by_a_server | of_failures | of_jobs == documented_fields("request")


def test_a_dataset_of_somebody_else_is_named_by_the_id_that_was_asked_for(
    user: User, other_user: User, line_of: Any
) -> None:
    theirs = publish(other_user)

    line = line_of(studio_of(user, theirs), "GET", "data/")

    assert (line["status"], line["dataset_id"], line["session_id"]) == (404, str(theirs.pk), None)
