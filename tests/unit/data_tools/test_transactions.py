"""Which requests and jobs become transactions, and what their spans say."""

from __future__ import annotations

from typing import Any

import pytest
import sentry_sdk

from data_tools.observing import activity
from data_tools.observing.reports import about, errors, steps, transactions
from data_tools.observing.reports.repeats import Repeats
from data_tools.observing.reports.steps import Recorder
from data_tools.observing.reports.transactions import Transactions
from session_events import spans
from session_events.spans import Step, span

ROUTE = "/api/datasources/"


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """The transactions that are handed to the SDK."""

    class Client:
        def capture_event(self, event: dict[str, Any]) -> None:
            events.append(event)

    events: list[dict[str, Any]] = []
    monkeypatch.setattr(sentry_sdk, "get_client", Client)
    return events


@pytest.fixture(autouse=True)
def _recorded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spans, "_listeners", [Recorder()])
    monkeypatch.setattr(activity, "_told_of_ends", [])


def answer(share: float, *, slow_seconds: float, **facts: Any) -> None:
    activity._told_of_ends[:] = [Transactions(share=share, slow_seconds=slow_seconds).ended]
    with activity.activity():
        activity.note(**{"route": ROUTE, "status": 200, **facts})


def test_the_sampled_and_the_slow_are_sent(
    sent: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transactions.random, "random", lambda: 0.3)

    answer(0.2, slow_seconds=60)
    assert sent == []
    answer(0.4, slow_seconds=60)
    answer(0.2, slow_seconds=0)
    assert [event["transaction"] for event in sent] == [ROUTE, ROUTE]


def test_an_unknown_address_is_none(sent: list[dict[str, Any]]) -> None:
    answer(1, slow_seconds=0, route=None)

    assert sent == []


def test_a_refused_request_is_well_and_a_failed_one_is_not(sent: list[dict[str, Any]]) -> None:
    for status in (200, 404, 500):
        answer(1, slow_seconds=0, status=status)

    shown = [event["contexts"]["trace"]["status"] for event in sent]
    assert shown == ["ok", "ok", "internal_error"]


def test_spans_are_nested_as_the_steps_were_and_hold_no_text(sent: list[dict[str, Any]]) -> None:
    activity._told_of_ends[:] = [Transactions(share=1, slow_seconds=0).ended]
    with activity.activity():
        activity.note(route=ROUTE)
        with span(Step.FILTER, rows=3, column="a value", hit=True, kind="stored"):
            with span(Step.LIST):
                pass
        with pytest.raises(ValueError, match="^$"), span(Step.PAGE):
            raise ValueError

    (event,) = sent
    filtering, listing, page = event["spans"]
    root_id = event["contexts"]["trace"]["span_id"]
    assert [each["description"] for each in event["spans"]] == ["filter", "list", "page"]
    assert filtering["parent_span_id"] == page["parent_span_id"] == root_id
    assert listing["parent_span_id"] == filtering["span_id"]
    assert filtering["data"] == {"rows": 3, "hit": True, "kind": "stored"}
    assert [each["status"] for each in event["spans"]] == ["ok", "ok", "internal_error"]


def test_of_a_long_job_the_first_steps_are_kept_and_the_others_counted(
    sent: list[dict[str, Any]],
) -> None:
    activity._told_of_ends[:] = [Transactions(share=1, slow_seconds=0).ended]
    with activity.activity():
        activity.note(task="a.job")
        for _ in range(steps._MOST_STEPS + 5):
            with span(Step.REPLAY):
                pass

    (event,) = sent
    assert len(event["spans"]) == steps._MOST_STEPS
    assert event["contexts"]["trace"]["data"] == {"steps_left_out": 5}
    assert event["transaction_info"] == {"source": "task"}


def test_a_job_that_no_request_caused_is_one_trace_with_its_error(
    sent: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(about, "current_trace_id", lambda: "")
    monkeypatch.setattr(errors, "_repeats", Repeats())
    activity._told_of_ends[:] = [Transactions(share=1, slow_seconds=0).ended]

    with activity.activity():
        activity.note(task="a.job")
        report = errors.report({"exception": {"values": [{"type": "ValueError"}]}}, {})

    assert report is not None
    assert report["contexts"]["trace"]["trace_id"] == sent[0]["contexts"]["trace"]["trace_id"]
    assert report["contexts"]["trace"]["span_id"] == sent[0]["contexts"]["trace"]["span_id"]
