"""The addresses of the OpenAPI document and of its page refuse requests as the API does."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from django.test import Client

from tests.contract.error_shape import faults
from tests.support.documents import ROOT
from tests.support.patience import PATIENCE_SECONDS
from tests.support.studio_client import Studio

pytestmark = pytest.mark.django_db
ASK_AT_ONCE = """
from concurrent.futures import ThreadPoolExecutor
import django
django.setup()
from django.test import Client

def ask(number):
    client = Client(raise_request_exception=False, headers={"host": "127.0.0.1"})
    return client.get("/api/schema/").status_code

with ThreadPoolExecutor(6) as pool:
    print("statuses", *pool.map(ask, range(6)))
"""
ADDRESSES = pytest.mark.parametrize("path", ["/api/schema/", "/api/docs/"])


@ADDRESSES
@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"])
def test_another_method_is_refused_with_the_error_object(path: str, method: str) -> None:
    answer = Studio().request(method, path)

    assert list(faults(answer, "METHOD_NOT_ALLOWED")) == []
    assert answer.headers["Allow"] == "GET, HEAD"


@ADDRESSES
def test_another_format_is_refused_with_the_error_object(path: str) -> None:
    answer = Studio().request("GET", path, headers={"Accept": "image/png"})

    assert list(faults(answer, "NOT_ACCEPTABLE")) == []


@ADDRESSES
def test_a_client_that_accepts_problem_details_gets_them(path: str) -> None:
    accept = {"Accept": "application/problem+json"}

    answer = Studio().request("POST", path, headers=accept)

    assert answer.headers["Content-Type"] == accept["Accept"]
    assert answer.body["status"] == answer.status
    assert answer.body["code"] in ("METHOD_NOT_ALLOWED", "NOT_ACCEPTABLE")


@ADDRESSES
def test_it_can_be_read_without_signing_in(path: str) -> None:
    assert Studio().get(path).status == 200
    assert Studio().request("HEAD", path).status == 200


def test_several_who_ask_a_new_process_at_once_all_get_the_document() -> None:
    """In a process of its own, since what happens there happens on first use alone."""
    done = subprocess.run(
        [sys.executable, "-c", ASK_AT_ONCE],
        cwd=ROOT,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "hydroml.settings_test"},
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
    )

    assert "statuses 200 200 200 200 200 200\n" in done.stdout, done.stderr


def test_no_parameter_changes_the_document(client: Client) -> None:
    plain = client.get("/api/schema/")

    asked = client.get("/api/schema/", {"version": "9\r\nX: 1", "lang": "de"})

    assert (asked.status_code, asked.content) == (200, plain.content)
    assert asked.headers["Content-Disposition"] == plain.headers["Content-Disposition"]
