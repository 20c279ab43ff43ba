"""A database that fails everybody is one line a second in the log, of all processes together."""

from __future__ import annotations

import logging
import os

import psycopg2
import pytest
from django.contrib.sessions.backends.db import SessionStore
from django.db import OperationalError
from django.test import Client
from freezegun import freeze_time

from data_tools.http import outage_lines
from data_tools.http.outage_lines import ToldOutageFilter, tell_outage
from data_tools.observing.trace import begin_trace
from data_tools.sql.outage import OUTAGE, Outage
from tests.support.at_once import at_once

AWAY = OperationalError("connection refused\nDETAIL: Key (name)=(a value of somebody)")


@pytest.fixture(autouse=True)
def _own_outage(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outage_lines, "OUTAGE", Outage(OUTAGE._offsets))


def lines(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.message for record in caplog.records if record.name == "data_tools.errors"]


def test_there_is_one_line_a_second_which_counts_what_was_left_out(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with freeze_time("2026-11-29T12:00:00Z") as time:
        for _ in range(50):
            tell_outage("DATABASE_UNAVAILABLE", AWAY)
        time.tick(1.5)
        for _ in range(50):
            tell_outage("DATABASE_UNAVAILABLE", AWAY)

    first = "DATABASE_UNAVAILABLE (no SQLSTATE): connection refused"
    assert lines(caplog) == [first, f"{first} (and 49 more errors since the last line)"]


def test_each_code_has_its_line_and_other_errors_have_none(
    caplog: pytest.LogCaptureFixture,
) -> None:
    for code in ("DATABASE_FULL", "DATABASE_READ_ONLY", "QUERY_TIMEOUT", "INTERNAL_ERROR"):
        tell_outage(code, AWAY)

    assert [line.split()[0] for line in lines(caplog)] == ["DATABASE_FULL", "DATABASE_READ_ONLY"]


def test_threads_at_once_say_one_line() -> None:
    outage = Outage(["DATABASE_FULL"])

    with freeze_time("2026-11-29T12:00:00Z"):
        said = at_once([lambda: outage.may_say("DATABASE_FULL")] * 8)

    assert sorted(said, key=str) == [0, *[None] * 7]


def test_a_forked_process_knows_what_the_other_said() -> None:
    outage = Outage(["DATABASE_FULL"])
    with freeze_time("2026-11-29T12:00:00Z"):
        child = os.fork()
        if child == 0:
            outage.may_say("DATABASE_FULL")
            outage.is_full = True
            os._exit(0)
        os.waitpid(child, 0)
        said = outage.may_say("DATABASE_FULL")

    assert said is None
    assert outage.is_full


def test_one_line_a_minute_is_to_be_reported_of_all_processes_together(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with freeze_time("2026-11-29T12:00:00Z") as time:
        for _ in range(61):
            tell_outage("DATABASE_UNAVAILABLE", AWAY)
            time.tick(1.5)

    records = [record for record in caplog.records if record.name == "data_tools.errors"]
    due = [at for at, record in enumerate(records) if record.is_report_due]
    assert len(records) == 61
    assert due == [0, 40]


def django_line(status: int) -> logging.LogRecord:
    record = logging.LogRecord("django.request", logging.ERROR, "", 1, "failed", (), None)
    record.status_code = status
    return record


def test_only_the_line_of_django_about_the_same_request_is_dropped() -> None:
    filtered = ToldOutageFilter()
    begin_trace()
    before = filtered.filter(django_line(503))
    tell_outage("DATABASE_UNAVAILABLE", AWAY)
    after = [filtered.filter(django_line(status)) for status in (503, 500, 404)]
    begin_trace()

    assert before
    assert after == [False, True, True]
    assert filtered.filter(django_line(503))


@pytest.mark.django_db
def test_a_page_for_people_says_so_too(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def load(store: SessionStore) -> None:
        raise OperationalError from psycopg2.OperationalError("connection refused")

    monkeypatch.setattr(SessionStore, "load", load)
    client = Client(raise_request_exception=False)
    client.cookies["sessionid"] = "x" * 32

    answers = [client.get(path) for path in ("/", "/admin/", "/accounts/login/")]

    for answer in answers:
        assert answer.status_code == 503
        assert answer["Retry-After"] == "5"
        assert "cannot reach its database" in answer.content.decode()
    assert len(lines(caplog)) == 1
    assert not [record for record in caplog.records if record.exc_info]


@pytest.mark.django_db
def test_a_page_with_a_fault_of_ours_is_still_a_500(monkeypatch: pytest.MonkeyPatch) -> None:
    def load(store: SessionStore) -> None:
        raise RuntimeError("a fault")

    monkeypatch.setattr(SessionStore, "load", load)
    client = Client(raise_request_exception=False)
    client.cookies["sessionid"] = "x" * 32

    assert client.get("/").status_code == 500
