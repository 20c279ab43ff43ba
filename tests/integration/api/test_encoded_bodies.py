"""A chunked or compressed body is refused: it would be read as empty, or as something else."""

from __future__ import annotations

import http.client
import uuid

import orjson
import pytest
from django.contrib.auth.models import User

from tests.contract.endpoints import ENDPOINTS, Endpoint
from tests.contract.error_shape import faults
from tests.support.patience import PATIENCE_SECONDS
from tests.support.serving import Server
from tests.support.studio_client import STRUCTURED, Answer
from tests.support.studios import open_studio, studio_of
from tests.support.users import token_of

IN_CHUNKS = {"Transfer-Encoding": "chunked"}


@pytest.mark.django_db(transaction=True)
def test_a_command_in_chunks_is_refused_and_never_carried_out_without_its_body(
    user: User, server: Server
) -> None:
    studio = open_studio(user, transport=server.transport)
    studio.post("session/rename-column/", {"old_name": "id", "new_name": "key"})
    stale = orjson.dumps({"expected_version": 1})

    refused = sent_in_chunks(server, f"{studio.mount}{studio.datasource_id}/session/undo/", stale)

    assert studio.get("session/status/").body["column_info"][0] == "key"
    assert refused.status == 411, refused


def sent_in_chunks(server: Server, path: str, content: bytes) -> Answer:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, PATIENCE_SECONDS)
    try:
        token = token_of(User.objects.get())
        headers = {"Authorization": f"Token {token}", "Content-Type": "application/json"}
        connection.request("POST", path, body=iter([content]), headers=headers, encode_chunked=True)
        return Answer.read(connection.getresponse())
    finally:
        connection.close()


@pytest.mark.django_db
@pytest.mark.parametrize("endpoint", [e for e in ENDPOINTS if e.method != "GET"], ids=str)
def test_every_endpoint_that_changes_something_refuses_an_encoded_body(
    user: User, endpoint: Endpoint
) -> None:
    studio = studio_of(user)

    for encoding, code in (
        (IN_CHUNKS, "LENGTH_REQUIRED"),
        ({"Content-Encoding": "gzip"}, "UNSUPPORTED_MEDIA_TYPE"),
    ):
        answer = studio.request(
            endpoint.method,
            endpoint.path.format(datasource_id=studio.datasource_id, token_id=uuid.uuid4()),
            headers=STRUCTURED | encoding,
        )
        assert list(faults(answer, code)) == []


@pytest.mark.django_db
def test_a_read_ignores_a_body(user: User) -> None:
    studio = studio_of(user)

    assert studio.get("data/", headers=IN_CHUNKS).status == 200
