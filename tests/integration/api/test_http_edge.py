"""Requests at the edge of HTTP, to the real server: every refusal has the error object."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User

from tests.contract.error_shape import faults
from tests.support.serving import Server
from tests.support.studio_client import STRUCTURED, Studio
from tests.support.studios import studio_of

CHARSETS = ("rot13", "zlib", "utf-16", "utf-7", "cp037", "nonsense")
HOST = b"Host: 127.0.0.1\r\n"
NEXT = b"GET /healthz HTTP/1.1\r\n" + HOST + b"\r\n"


def get(path: bytes, *headers: bytes) -> bytes:
    lines = [b"GET %b HTTP/1.1" % path, b"Host: 127.0.0.1", *headers]
    return b"\r\n".join([*lines, b"", b""])


def post(*headers: bytes, body: bytes = b"{}") -> bytes:
    lines = [b"POST /api/auth/token/ HTTP/1.1", b"Host: 127.0.0.1", *headers]
    return b"\r\n".join([*lines, b"", body])


@pytest.fixture
def studio(user: User, server: Server) -> Studio:
    return studio_of(user, transport=server.transport, headers=STRUCTURED)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (get(b"/api/datasources/?q=" + b"x" * 9_000), "URI_TOO_LONG"),
        (get(b"/api/datasources/", b"X-Long: " + b"x" * 9_000), "HEADERS_TOO_LARGE"),
        (get(b"/api/datasources/", *(b"X-%d: x" % n for n in range(200))), "HEADERS_TOO_LARGE"),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", "INVALID_REQUEST"),  # TLS
        (b"GET\r\n\r\n", "INVALID_REQUEST"),
        (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "INVALID_REQUEST"),
        (b"get /api/datasources/ HTTP/1.1\r\n\r\n", "INVALID_REQUEST"),
        (b"GET /api/datasources/ HTTP/9.9\r\n\r\n", "INVALID_REQUEST"),
        (get("/api/ü/".encode()), "INVALID_REQUEST"),
        (get(b"/api/datasources/", b"X Y: 1"), "INVALID_REQUEST"),
        (get(b"/api/datasources/", b"X-Y: a\x00b"), "INVALID_REQUEST"),
        (get(b"/api/datasources/", b"X-Y: a\r\n b"), "INVALID_REQUEST"),
        (get(b"/api/datasources/", b"Host: elsewhere"), "INVALID_REQUEST"),
        (get(b"/api/datasources/", b"Expect: magic"), "INVALID_REQUEST"),
        (post(b"Content-Length: -2"), "INVALID_REQUEST"),
        (post(b"Content-Length: 2x"), "INVALID_REQUEST"),
        (post(b"Content-Length: 2", b"Content-Length: 3"), "INVALID_REQUEST"),
        (post(b"Content-Length: " + b"9" * 5_000), "INVALID_REQUEST"),
        (post(b"Transfer-Encoding: magic"), "INVALID_REQUEST"),
        (post(b"Transfer-Encoding: chunked, gzip"), "INVALID_REQUEST"),
        # What a proxy and the server might take for two requests each in its own way.
        (
            post(b"Transfer-Encoding: chunked", b"Content-Length: 5", body=b"0\r\n\r\n"),
            "INVALID_REQUEST",
        ),
        (post(b"Transfer-Encoding: chunked", body=b"x\r\n"), "LENGTH_REQUIRED"),
    ],
)
def test_a_request_that_is_not_http_gets_the_error_object_and_nothing_after_it_is_read(
    server: Server, content: bytes, code: str
) -> None:
    answer, behind = server.send_raw(content + NEXT)

    assert list(faults(answer, code)) == []
    assert behind == b""


def test_a_request_after_a_refused_one_is_answered(server: Server) -> None:
    refused, behind = server.send_raw(get(b"/api/nowhere/") + NEXT)

    assert list(faults(refused, "NOT_FOUND")) == []
    assert behind.startswith(b"HTTP/1.1 200 OK")


@pytest.mark.django_db(transaction=True)
def test_every_body_is_read_as_utf_8_whatever_charset_is_claimed(studio: Studio) -> None:
    studio.post("session/initialize/")

    for number, charset in enumerate(CHARSETS):
        claimed = {"Content-Type": f"application/json; charset={charset}"}
        names = {"old_name": "carrier", "new_name": f"Für {number}"}
        renamed = studio.post("session/rename-column/?page_size=1", names, headers=claimed)
        sorted_ = studio.get("data/", {"sort": f"-Für {number}"}, headers=claimed)
        assert renamed.status == sorted_.status == 200, (charset, renamed, sorted_)
        assert studio.post("session/undo/").status == 200


@pytest.mark.parametrize("charset", CHARSETS)
@pytest.mark.parametrize("path", ["/api/nowhere/", "/accounts/login/", "/healthz"])
def test_an_unknown_charset_is_not_an_error(server: Server, path: str, charset: str) -> None:
    client = Studio(transport=server.transport)

    answer = client.get(
        path, {"a": "b"}, headers={"Content-Type": f"text/plain; charset={charset}"}
    )

    assert answer.status == client.get(path).status < 500


@pytest.mark.parametrize(
    "path", ["//api/datasources/", "///api//datasources", "/tools//api/x/", "/api", "//tools/api"]
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_too_many_slashes_lead_nowhere_and_to_no_other_host(
    server: Server, method: str, path: str
) -> None:
    answer = Studio(transport=server.transport).request(method, path)

    assert list(faults(answer, "NOT_FOUND", sentence="tools" in path)) == []
    meant = answer.error["message"].endswith("/api/datasources/ is one.")
    assert meant == path.rstrip("/").endswith("datasources")


@pytest.mark.django_db(transaction=True)
def test_no_header_moves_the_address(studio: Studio) -> None:
    plain = studio.get("/api/datasources/")

    for name in ("SCRIPT_NAME", "PATH_INFO", "Script-Name"):
        moved = studio.get("/api/datasources/", headers={name: "/api"})
        assert (moved.status, moved.content) == (200, plain.content)


@pytest.mark.django_db(transaction=True)
def test_a_form_that_breaks_off_is_not_carried_out_in_part(studio: Studio, server: Server) -> None:
    studio.post("session/initialize/")
    whole = b"remove_nan_columns=false&remove_nan_rows=false"

    answer, _ = server.send_raw(
        b"POST %b%b/nan/quick-clean/ HTTP/1.1\r\n"
        % (studio.mount.encode(), str(studio.datasource_id).encode())
        + HOST
        + b"Authorization: Token %b\r\n" % studio.token.encode()
        + b"X-Studio-Capabilities: structured-errors\r\n"
        + b"Content-Type: application/x-www-form-urlencoded\r\n"
        + b"Content-Length: %d\r\n\r\n" % len(whole)
        + whole[:-30]
    )

    assert list(faults(answer, "INVALID_REQUEST")) == []
    assert studio.get("session/status/").body["operations_count"] == 0
