"""Who may read the metrics, and that a database that fails does not keep them back."""

from __future__ import annotations

import pytest
from django.db import OperationalError
from django.test import Client
from pytest_django import Settings

from data_tools.services import health_service

pytestmark = pytest.mark.django_db

TOKEN = "an-operators-token"


@pytest.mark.parametrize(
    ("address", "headers", "status"),
    [
        ("127.0.0.1", {}, 200),
        ("::1", {}, 200),
        ("10.0.0.7", {}, 404),
        ("", {}, 404),
        ("127.0.0.1", {"X-Forwarded-For": "127.0.0.1"}, 404),
        ("127.0.0.1", {"Forwarded": "for=127.0.0.1"}, 404),
    ],
)
def test_without_a_token_only_programs_on_this_machine_read_them(
    address: str, headers: dict[str, str], status: int
) -> None:
    answer = Client().get("/metrics", REMOTE_ADDR=address, headers=headers)

    assert answer.status_code == status
    assert (b"hydroml_" in answer.content) == (status == 200)


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (f"Bearer {TOKEN}", 200),
        ("Bearer wrong", 401),
        (f"Token {TOKEN}", 401),
        (f"Bearer {TOKEN} ", 401),
        ("Bearer \u00fcber", 401),
        (None, 401),
    ],
)
def test_with_a_token_whoever_sends_it_reads_them_from_anywhere(
    settings: Settings, sent: str | None, status: int
) -> None:
    settings.METRICS_TOKEN = TOKEN
    headers = {} if sent is None else {"Authorization": sent}

    answer = Client().get("/metrics", REMOTE_ADDR="10.0.0.7", headers=headers)

    assert answer.status_code == status
    assert TOKEN.encode() not in answer.content


def test_a_database_that_fails_is_a_figure_and_keeps_nothing_else_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fail() -> None:
        raise OperationalError("the server closed the connection")

    monkeypatch.setattr(health_service._FIGURES, "_read", fail)
    health_service._FIGURES.forget()

    content = Client().get("/metrics").content

    assert b"hydroml_database_up 0.0" in content
    assert b"hydroml_requests_total" in content
    assert b"hydroml_sessions" not in content
