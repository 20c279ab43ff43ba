"""An answer's memory is free once it was sent, without waiting for Python's garbage collector."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator, Mapping

import pytest
from django.contrib.auth.models import User
from django.core.handlers.wsgi import WSGIHandler
from django.test import RequestFactory
from pytest_django import Settings
from rest_framework.response import Response

from data_tools.rows.on_demand import OnDemand
from tests.support.small_datasets import publish
from tests.support.studio_client import STRUCTURED, Answer, Studio
from tests.support.studios import open_studio

pytestmark = pytest.mark.django_db(transaction=True)


class ByWsgi:
    """Calls the application as a server does. Django's test client would keep each answer."""

    def __init__(self) -> None:
        self.application = WSGIHandler()

    def send(self, method: str, path: str, *, content: bytes, headers: Mapping[str, str]) -> Answer:
        request = RequestFactory().generic(
            method, path, content, "application/json", headers=dict(headers)
        )
        statuses: list[str] = []
        response = self.application(request.environ, lambda status, _: statuses.append(status))
        body = b"".join(response)
        response.close()
        return Answer(status=int(statuses[0].split()[0]), headers={}, content=body)


@pytest.fixture
def _no_collector() -> Iterator[None]:
    gc.collect()
    gc.disable()
    yield
    gc.enable()


def answers_in_memory() -> int:
    return sum(issubclass(type(each), Response | OnDemand) for each in gc.get_objects())


def page(studio: Studio) -> Answer:
    return studio.get("data/")


def status(studio: Studio) -> Answer:
    return studio.get("session/status/")


def refused(studio: Studio) -> Answer:
    return studio.get("data/", {"sort": "nothing"})


def command(studio: Studio) -> Answer:
    return studio.post("session/rename-column/", {"old_name": "text", "new_name": "words"})


@pytest.mark.usefixtures("_no_collector")
@pytest.mark.parametrize("ask", [page, status, refused, command])
@pytest.mark.parametrize("most_bytes", [1 << 24, 600])
def test_no_answer_outlives_its_request(
    user: User, settings: Settings, ask: Callable[[Studio], Answer], most_bytes: int
) -> None:
    dataset = publish(user, [("n", "integer"), ("text", "text")], [[1, "x"], [2, "y"]])
    studio = open_studio(user, dataset, headers=STRUCTURED, transport=ByWsgi())
    settings.BUDGETS = settings.BUDGETS | {"ANSWER_MAX_BYTES": most_bytes}
    before = answers_in_memory()

    answer = ask(studio)

    assert answer.status in (200, 400)
    assert answers_in_memory() == before
