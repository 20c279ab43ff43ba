"""What only watches the work changes nothing of it, whatever it raises."""

from __future__ import annotations

import logging

import pytest
from celery.exceptions import SoftTimeLimitExceeded

from data_tools.observing import activity
from session_events import spans, unfailing
from session_events.spans import Attribute, Span, Step


class Failing:
    """A listener that raises whatever it is told."""

    def began(self, span: Span) -> None:
        raise OSError("began")

    def ended(self, span: Span) -> None:
        raise OSError("ended")

    def happened(self, what: str, attributes: dict[str, Attribute]) -> None:
        raise OSError("happened")


@pytest.fixture(autouse=True)
def failing(monkeypatch: pytest.MonkeyPatch) -> None:
    def tell(this: activity.Activity, raised: BaseException | None) -> None:
        raise OSError("told of an end")

    monkeypatch.setattr(spans, "_listeners", [Failing(), *spans._listeners])
    monkeypatch.setattr(activity, "_told_of_ends", [tell, *activity._told_of_ends])
    monkeypatch.setattr(unfailing, "_failures_told", set())


def test_a_listener_that_raises_changes_nothing(caplog: pytest.LogCaptureFixture) -> None:
    for _ in range(2):
        with activity.activity() as this:
            with spans.span(Step.PAGE):
                spans.happened("session", version=3)
            assert this.facts == {"version": 3}
            assert Step.PAGE in this.step_seconds
        assert activity.current() is None

    told = [r for r in caplog.records if r.name == unfailing.logger.name]
    assert [each.levelno for each in told] == [logging.ERROR] * 4  # each of them once


def test_an_error_of_the_work_is_passed_on() -> None:
    with pytest.raises(LookupError), activity.activity(), spans.span(Step.PAGE):
        raise LookupError

    assert activity.current() is None


def test_the_end_of_a_jobs_time_is_no_failure_of_a_watcher() -> None:
    def watch() -> None:
        raise SoftTimeLimitExceeded

    with pytest.raises(SoftTimeLimitExceeded):
        unfailing.call(watch)
