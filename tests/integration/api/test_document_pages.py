"""The addresses of the OpenAPI document and of its page refuse requests as the API does."""

from __future__ import annotations

import pytest

from tests.contract.error_shape import faults
from tests.support.studio_client import Studio

pytestmark = pytest.mark.django_db
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
