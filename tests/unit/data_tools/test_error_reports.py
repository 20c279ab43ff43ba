"""A report is made of what is listed, whatever the SDK's event has; and one fault is one report."""

from __future__ import annotations

import logging
import secrets
import sys
from typing import Any
from uuid import uuid4

import pytest
import sentry_sdk
from celery.exceptions import Retry
from freezegun import freeze_time
from sentry_sdk.envelope import Envelope, Item
from sentry_sdk.utils import event_from_exception

from data_tools.exceptions import RequestRejected
from data_tools.observing import activity
from data_tools.observing.activity import Activity
from data_tools.observing.reports import errors
from data_tools.observing.reports.repeats import Repeats
from data_tools.observing.reports.sending import ReportsOnly
from data_tools.observing.trace import begin_trace
from tests.support.sentry_server import sentry_server

SECRET = f"Zq{secrets.token_hex(8)} of somebody"  # not in the source, which reports quote


@pytest.fixture(autouse=True)
def _nothing_is_reported_yet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(errors, "_repeats", Repeats())


def report_of(error: BaseException) -> dict[str, Any]:
    event, hint = event_from_exception(error)
    report = errors.report(event, hint)
    assert report is not None
    return report


def log(name: str, message: str, *args: object, **about: object) -> dict[str, Any] | None:
    record = logging.LogRecord(name, logging.ERROR, "", 1, message, args, None)
    record.__dict__ |= about
    return errors.report({"logger": name}, {"log_record": record})


def test_of_an_event_only_what_is_listed_is_kept() -> None:
    filled = {"a": SECRET, SECRET: [SECRET], "values": [{"value": SECRET, "message": SECRET}]}
    names = (
        *("message", "logentry", "culprit", "logger", "transaction", "fingerprint", "errors"),
        *("user", "request", "tags", "extra", "contexts", "breadcrumbs", "threads", "debug_meta"),
        *("spans", "measurements", "attachments", "level", "type", "_meta", "dist", SECRET),
    )
    frame = {"function": "f", "lineno": 1, "vars": filled, "context_line": "f()", "x": SECRET}
    mechanism = {"type": SECRET, "data": filled, "meta": filled, "handled": True, "source": SECRET}
    exception = {
        "type": "KeyError",
        "value": SECRET,
        "thread_id": SECRET,
        "mechanism": mechanism,
        "stacktrace": {"frames": [frame], "registers": filled},
    }
    event = {**dict.fromkeys(names, filled), "exception": {"values": [exception]}}

    report = errors.report(event, {"attachments": [SECRET]})

    assert report is not None
    assert SECRET[:10] not in repr(report)
    assert report["exception"]["values"] == [
        {
            "type": "KeyError",
            "mechanism": {"type": "generic", "handled": True},
            "stacktrace": {"frames": [{"function": "f", "lineno": 1, "context_line": "f()"}]},
        }
    ]


def test_no_error_is_quoted_whatever_its_kind() -> None:
    like_a_code = f"ZQ_{secrets.token_hex(8)}".upper()
    noted = ValueError(SECRET)
    noted.add_note(SECRET)
    caused = LookupError(SECRET)
    caused.__cause__ = noted
    leaving = SystemExit(like_a_code)
    group = BaseExceptionGroup(SECRET, [caused, leaving])

    for error in (noted, caused, leaving, group):
        report = repr(report_of(error))
        assert SECRET[:10] not in report
        assert like_a_code not in report


def test_a_domain_error_is_named_by_its_code() -> None:
    class Broken(RequestRejected):
        """It is broken."""

        code = "BROKEN"

    assert report_of(Broken())["tags"]["code"] == "BROKEN"


def test_facts_of_another_shape_are_no_tags() -> None:
    with activity.activity():
        activity.note(
            operation=SECRET, dataset_id=SECRET, session_id=SECRET, version=SECRET, user_id=SECRET
        )
        activity.note(error_code=SECRET, method=SECRET, anything=SECRET, rows_scanned=SECRET)
        trace_id = begin_trace()
        report = log("data_tools.a", "It failed.")

    assert report is not None
    assert report["tags"] == {"trace_id": trace_id}
    assert SECRET[:10] not in repr(report)


def test_a_message_of_ours_is_kept_unfilled_and_of_a_librarys_only_the_name() -> None:
    ours = log("data_tools.a", "It failed for %s", SECRET)
    librarys = log("a_library", f"It failed for {SECRET}")

    assert ours is not None
    assert librarys is not None
    assert ours["logentry"] == {"message": "It failed for %s"}
    assert librarys["logentry"] == {"message": "logged by a_library"}


def test_a_fault_is_one_report_a_minute_and_others_are_others() -> None:
    def fail() -> None:
        raise ValueError

    def reports() -> list[bool]:
        found = []
        for _ in range(3):
            try:
                fail()
            except ValueError:
                event, hint = event_from_exception(sys.exc_info())
                found.append(errors.report(event, hint) is not None)
        return [*found, log("data_tools.a", "%s failed", 5) is not None]

    with freeze_time("2026-11-29T12:00:00Z") as time:
        assert reports() == [True, False, False, True]
        assert reports() == [False, False, False, False]
        assert log("data_tools.a", "another message") is not None
        time.tick(61)
        assert reports() == [True, False, False, True]


@pytest.mark.django_db
def test_damage_is_reported_of_each_session_though_nobody_works_on_it() -> None:
    message, sessions = "The log of session %s is damaged: %s", [uuid4(), uuid4()]

    reports = [
        log("session_events.integrity", message, each, SECRET, session_id=each) for each in sessions
    ]

    assert [report and report["tags"]["session_id"] for report in reports] == [*map(str, sessions)]
    assert SECRET[:10] not in repr(reports)


def test_what_is_expected_is_no_report() -> None:
    assert log("django.request", "Internal Server Error: %s", "/a/") is None  # logged before
    assert log("django.security.DisallowedHost", "Invalid HTTP_HOST header: %r.", "a") is None
    assert log("data_tools.errors", "%s", "…", is_report_due=False) is None


def test_a_job_that_asks_to_run_again_has_not_failed(monkeypatch: pytest.MonkeyPatch) -> None:
    reported: list[BaseException] = []
    monkeypatch.setattr(sentry_sdk, "capture_exception", reported.append)
    failed = ValueError()

    for error in (Retry(), failed, SystemExit(), None):
        errors.report_failed_job(Activity(facts={"task": "a.job"}), error)
    errors.report_failed_job(Activity(), ValueError())  # a request's, which is logged

    assert reported == [failed]


def test_nothing_but_reports_leaves_whatever_the_sdk_makes() -> None:
    with sentry_server() as sentry:
        client = sentry_sdk.Client(
            dsn=sentry.dsn, transport=ReportsOnly, default_integrations=False
        )
        kinds = ("event", "transaction", "log", "trace_metric", "session", "attachment", "profile")
        items = [Item(f'{{"a": "{kind}"}}'.encode(), type=kind) for kind in kinds]
        client.transport.capture_envelope(Envelope(items=items))
        client.close(timeout=10)

    assert [kind for kind, _ in sentry.items] == ["event", "transaction"]
