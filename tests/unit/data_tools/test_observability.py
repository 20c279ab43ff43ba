"""Every request has a trace id: in its answer, its log lines and the events it appended."""

from __future__ import annotations

import logging

import pytest
from django.contrib.auth.models import User
from django.test import Client

from data_tools.http.observability import TraceFilter, current_trace_id, trace_id_from
from data_tools.services import session_service
from tests.contract.error_shape import faults
from tests.support import written_log
from tests.support.small_datasets import publish
from tests.support.studio_client import STRUCTURED
from tests.support.studios import studio_of

TRACE = "0af7651916cd43dd8448eb211c80319c"
SPAN = "b7ad6b7169203331"


@pytest.mark.parametrize(
    "traceparent",
    [f"00-{TRACE}-{SPAN}-01", f"00-{TRACE}-{SPAN}-00", f"cc-{TRACE}-{SPAN}-01-what-comes-later"],
)
def test_a_valid_traceparent_gives_its_trace_id(traceparent: str) -> None:
    assert trace_id_from(traceparent) == TRACE


@pytest.mark.parametrize(
    "traceparent",
    [
        "",
        "x",
        TRACE,
        f"00-{TRACE}-{SPAN}",
        f"00-{TRACE.upper()}-{SPAN}-01",
        f"00-{'0' * 32}-{SPAN}-01",
        f"00-{TRACE}-{'0' * 16}-01",
        f"ff-{TRACE}-{SPAN}-01",
        f"00-{TRACE[:-1]}-{SPAN}-01",
        f" 00-{TRACE}-{SPAN}-01",
        f"00-{TRACE}-{SPAN}-01\n",
        f"00-{TRACE}-{SPAN}-01\r\nSet-Cookie: a=b",
        "00-" + "<script>alert(1)</script>" + f"-{SPAN}-01",
    ],
)
def test_anything_else_gets_a_fresh_trace_id(traceparent: str) -> None:
    fresh = trace_id_from(traceparent)

    assert fresh != TRACE
    assert len(fresh) == 32
    assert set(fresh) <= set("0123456789abcdef")
    assert trace_id_from(traceparent) != fresh


@pytest.mark.django_db
@pytest.mark.parametrize(
    "path", ["/", "/healthz", "/readyz", "/nowhere", "/api/nowhere/", "/accounts/login/"]
)
def test_every_answer_names_its_trace_id(client: Client, path: str) -> None:
    given = client.get(path, headers={"traceparent": f"00-{TRACE}-{SPAN}-01"})
    fresh = [client.get(path)["X-Trace-Id"] for _ in range(2)]

    assert given["X-Trace-Id"] == TRACE
    assert len({*fresh, TRACE}) == 3


@pytest.mark.django_db
def test_an_event_names_the_request_that_appended_it(user: User) -> None:
    datasource = publish(user)
    studio = studio_of(user, datasource)
    sent = {"traceparent": f"00-{TRACE}-{SPAN}-01", "User-Agent": "a browser"}

    opened = studio.post("session/initialize/")
    studio.post("session/rename-column/", {"old_name": "id", "new_name": "key"}, headers=sent)

    events = written_log.events(written_log.head(user.pk, datasource.pk))
    started, renamed = written_log.metadata(events)
    assert started.trace_id == opened.headers["X-Trace-Id"]
    assert (renamed.trace_id, renamed.actor_id, renamed.client_kind) == (
        TRACE,
        user.pk,
        "a browser",
    )


@pytest.mark.django_db
def test_a_browsers_name_of_any_length_fits_into_an_event(user: User) -> None:
    datasource = publish(user)
    studio = studio_of(user, datasource)

    answer = studio.post("session/initialize/", headers={"User-Agent": "é\x01" * 5000})

    assert answer.status == 200
    [metadata] = written_log.metadata(written_log.events(written_log.head(user.pk, datasource.pk)))
    assert len(metadata.client_kind) == 64


@pytest.mark.django_db
def test_an_unexpected_error_tells_its_trace_id_and_nothing_internal(
    user: User, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def breaks(**arguments: object) -> None:
        raise RuntimeError("SELECT secret FROM /etc/passwd")

    monkeypatch.setattr(session_service, "get_session_data", breaks)
    caplog.handler.addFilter(TraceFilter())
    studio = studio_of(user, headers=STRUCTURED)

    answer = studio.get("session/status/")

    assert list(faults(answer, "INTERNAL_ERROR")) == []
    assert b"secret" not in answer.content
    assert b"passwd" not in answer.content
    [record] = [r for r in caplog.records if r.name == "data_tools.errors"]
    assert record.levelno == logging.ERROR
    assert "RuntimeError: SELECT secret" in caplog.text
    assert record.trace_id == answer.headers["X-Trace-Id"] == answer.error["trace_id"]


def test_a_log_line_outside_a_request_has_a_trace_id_of_its_own_or_none() -> None:
    record = logging.LogRecord("x", logging.INFO, "x.py", 1, "x", None, None)

    assert TraceFilter().filter(record) is True
    assert record.trace_id == current_trace_id()
