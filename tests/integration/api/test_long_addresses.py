"""A filter travels in the address: the server accepts addresses of the documented length."""

from __future__ import annotations

import json
from urllib.parse import urlencode

import pytest
from django.contrib.auth.models import User

from tests.support.serving import Server
from tests.support.studios import studio_of

LONGEST_REQUEST_LINE = 8_190  # bytes; docs/api.md says so


@pytest.mark.django_db(transaction=True)
def test_a_request_line_may_be_as_long_as_documented_and_no_longer(
    user: User, server: Server
) -> None:
    studio = studio_of(user, transport=server.transport)
    line = len(f"GET {studio.mount}{studio.datasource_id}/data/? HTTP/1.1")

    def find(carrier: str) -> int:
        condition = [{"column": "carrier", "op": "eq", "value": carrier}]
        return studio.get("data/", {"filter": json.dumps(condition)}).status

    rest = (
        LONGEST_REQUEST_LINE
        - line
        - len(urlencode({"filter": json.dumps([{"column": "carrier", "op": "eq", "value": ""}])}))
    )

    assert find("x" * rest) == 200
    assert find("x" * (rest + 1)) == 414
