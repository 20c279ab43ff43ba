"""Each thing that happens is counted where `/metrics` shows it, under its labels."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.contrib.auth.models import User
from django.core.wsgi import get_wsgi_application
from django.test import Client
from prometheus_client.parser import text_string_to_metric_families
from pytest_django import Settings

from data_tools.exceptions import FittingTookTooLong
from data_tools.observing.metrics import count_refusal
from data_tools.services import export_service
from data_tools.under_way import admission
from data_tools.under_way.requests import under_way
from hydroml.process_metrics import measure
from session_events import loading
from session_events.exceptions import SessionConflict
from session_events.models import SessionStream
from session_events.recording import Command
from tests.support.log_damage import delete_event
from tests.support.serving_loop import served
from tests.support.studio_client import Answer, Studio
from tests.support.studios import rename
from tests.support.written_sessions import begin
from tests.support.written_sessions import rename as rename_in

pytestmark = pytest.mark.django_db

DATA = "/api/studio/<uuid:datasource_id>/data/"

Sample = tuple[str, frozenset[tuple[str, str]]]


def named(name: str, **labels: str) -> Sample:
    return f"hydroml_{name}", frozenset(labels.items())


class Counted:
    """What `/metrics` says more than when this was made."""

    def __init__(self) -> None:
        self._before = self._now()

    def __call__(self, name: str, **labels: str) -> float:
        sample = named(name, **labels)
        return self._now().get(sample, 0.0) - self._before.get(sample, 0.0)

    def each(self, name: str) -> dict[str, float]:
        """Return what was added to each series of a metric, its labels joined by spaces."""
        now = self._now()
        added = {
            " ".join(value for _, value in sorted(labels)): now[sample, labels]
            - self._before.get((sample, labels), 0.0)
            for sample, labels in now
            if sample == f"hydroml_{name}"
        }
        return {labels: amount for labels, amount in added.items() if amount}

    def _now(self) -> dict[Sample, float]:
        content = Client().get("/metrics").content.decode()
        return {
            (sample.name, frozenset(sample.labels.items())): sample.value
            for family in text_string_to_metric_families(content)
            for sample in family.samples
        }


def recover(studio: Studio, **body: object) -> Answer:
    loading.forget_all()
    return studio.post("session/recover/", body)


def session_id(studio: Studio) -> UUID:
    return SessionStream.objects.get(dataset_id=studio.datasource_id).pk


def recover_an_ended_session(studio: Studio) -> None:
    studio.take(("session/initialize/", {}), rename("id", "key"), ("session/clear/", {}))
    body = {"client_operation_id": str(uuid4())}
    assert recover(studio, **body).status == 200
    assert recover(studio, **body).status == 200  # the same request again, which changes nothing


def recover_what_comes_before_the_damage(studio: Studio) -> None:
    studio.take(("session/initialize/", {}), rename("id", "key"), rename("key", "id"))
    delete_event(session_id(studio), 3)
    assert recover(studio).status == 200


def recover_nothing(studio: Studio) -> None:
    assert recover(studio).status == 409


def begin_where_there_is_nothing(studio: Studio) -> None:
    assert recover(studio, strategy="start_new").status == 200


def begin_anew(studio: Studio) -> None:
    studio.take(("session/initialize/", {}))
    assert recover(studio, strategy="start_new").status == 200


@pytest.mark.parametrize(
    ("happen", "expected"),
    [
        (recover_nothing, "impossible initialize"),
        (begin_where_there_is_nothing, "start_new initialize"),
        (begin_anew, "start_new continue"),
        (recover_an_ended_session, "replay start_new"),
        (recover_what_comes_before_the_damage, "partial recover_partial"),
    ],
)
def test_a_recovery_is_counted_once_by_what_was_found_and_what_came_of_it(
    studio: Studio, happen: Callable[[Studio], None], expected: str
) -> None:
    counted = Counted()

    happen(studio)

    assert counted.each("recoveries_total") == {expected: 1}


def test_a_refusal_at_a_gate_is_counted(opened: Studio, settings: Settings) -> None:
    counted = Counted()
    settings.REQUESTS_PER_USER = 0

    assert opened.get("data/").status == 429

    settings.REQUESTS_PER_USER = 10
    assert counted.each("refusals_total") == {"gate requests": 1}


def test_a_refusal_by_a_quota_is_counted(studio: Studio, settings: Settings) -> None:
    settings.QUOTAS = settings.QUOTAS | {"open_sessions": 0}
    counted = Counted()

    assert studio.post("session/initialize/").error["code"] == "QUOTA_EXCEEDED"

    assert counted.each("refusals_total") == {"quota open_sessions": 1}


def test_a_page_is_counted_by_where_its_order_came_from(opened: Studio) -> None:
    counted = Counted()

    for query in ({}, {"sort": "delay"}, {"sort": "delay"}):
        assert opened.get("data/", query).status == 200

    assert counted.each("pages_total") == {"rows": 1, "computed": 1, "list": 1}


def is_gone() -> bool:
    return True


@pytest.mark.parametrize(("is_there", "status"), [(True, 404), (False, 499)])
def test_a_request_whose_client_left_is_counted_apart(is_there: bool, status: int) -> None:
    counted = Counted()
    from_the_server = {} if is_there else {"waitress.client_disconnected": is_gone}

    Client().get("/nowhere/", **from_the_server)

    assert counted("requests_total", route="none", method="GET", status=str(status)) == 1


@pytest.mark.parametrize(("is_gone", "status"), [(False, "408"), (True, "499")])
def test_a_refusal_whose_client_left_is_counted_apart(is_gone: bool, status: str) -> None:
    counted = Counted()

    count_refusal("GET", 408, is_client_gone=is_gone)

    assert counted("requests_total", route="none", method="GET", status=status) == 1


EXPORT = "/api/studio/<uuid:datasource_id>/export/"


def read_all(response: Any) -> None:
    list(response.streaming_content)


def leave(response: Any) -> None:
    next(iter(response.streaming_content))
    response.close()


def meet_an_error(response: Any) -> None:
    with pytest.raises(FittingTookTooLong):
        list(response.streaming_content)
    response.close()


@pytest.mark.parametrize(("read", "status"), [(read_all, 200), (leave, 499), (meet_an_error, 503)])
def test_an_export_is_counted_by_what_became_of_it(
    opened: Studio, monkeypatch: pytest.MonkeyPatch, read: Callable[[Any], None], status: int
) -> None:
    def pieces(*arguments: Any, **named: Any) -> Iterator[bytes]:
        yield b"n"
        if read is meet_an_error:
            raise FittingTookTooLong

    monkeypatch.setattr(export_service, "pieces", pieces)
    counted = Counted()

    read(
        Client().get(
            f"/api/studio/{opened.datasource_id}/export/?format=csv",
            headers={"Authorization": f"Token {opened.token}"},
        )
    )

    assert counted("requests_total", route=EXPORT, method="GET", status=str(status)) == 1


def test_statements_and_the_time_they_took_are_counted_by_route(opened: Studio) -> None:
    counted = Counted()

    assert opened.get("data/").status == 200

    assert counted("statements_total", route=DATA) >= 1
    assert (
        0
        < counted("database_seconds_total", route=DATA)
        <= counted("request_seconds_sum", route=DATA, method="GET")
    )


def test_events_that_are_folded_are_counted_and_so_is_a_damaged_log(opened: Studio) -> None:
    opened.take(rename("id", "key"), rename("key", "id"))
    counted = Counted()
    loading.forget_all()

    opened.get("session/status/")

    assert counted("replayed_events_total") == 3
    assert counted("damaged_replays_total") == 0
    delete_event(session_id(opened), 3)
    loading.forget_all()
    opened.get("session/status/")
    assert counted("damaged_replays_total") == 1


def test_an_append_that_somebody_else_was_before_is_counted(user: User) -> None:
    session = begin(user)
    command = Command(actor_id=user.pk, expected_version=1, expected_session_id=None)
    counted = Counted()

    rename_in(session, "first", command)
    with suppress(SessionConflict):
        rename_in(session, "second", command)

    assert counted.each("appends_total") == {"appended": 1, "conflict": 1}


def test_requests_inside_a_gate_are_shown() -> None:
    with served(application=get_wsgi_application()) as server, under_way(60):
        counted = Counted()
        admission.count_request()
        measure(server.loop)
        assert counted("gate_requests", gate="requests", state="running") == 1
    measure(server.loop)
    assert counted("gate_requests", gate="requests", state="running") == 0
