"""The documented proxy, run as it stands in docs/nginx.conf, in front of the service.

Where it matters what reaches the service, an application of the test's own stands in its place,
behind the same loop.
"""

from __future__ import annotations

import http.client
import threading
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import orjson
import pytest
from django.contrib.auth.models import User

from tests.conftest import part_is_missing
from tests.support.nginx import NAME, Nginx
from tests.support.patience import PATIENCE_SECONDS, eventually
from tests.support.serving import Server, free_port
from tests.support.serving_loop import Served, served
from tests.support.small_datasets import publish
from tests.support.uploads import MULTIPART, form
from tests.support.users import token_of

MEGABYTE = 1 << 20
TRACE_ID = "4bf92f3577b34da6a3ce929d0e0e4736"


class Seen:
    """Answers what it is asked for, and keeps what it was asked."""

    def __init__(self) -> None:
        self.environs: list[dict[str, Any]] = []
        self.lengths: list[int] = []
        self.go_on = threading.Event()
        self.go_on.set()
        self.made = 0

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterator[bytes]:
        self.environs.append(environ)
        self.lengths.append(len(environ["wsgi.input"].read()))
        assert self.go_on.wait(PATIENCE_SECONDS)
        start_response("200 OK", [("Content-Type", "text/csv"), ("X-Trace-Id", TRACE_ID)])
        size = int(environ["QUERY_STRING"].partition("&")[0] or 1)
        return self.pieces(size)

    def pieces(self, count: int) -> Iterator[bytes]:
        for _ in range(count):
            self.made += 1
            yield b"x" * MEGABYTE

    @property
    def is_client_gone(self) -> bool:
        return bool(self.environs[-1]["waitress.client_disconnected"]())


@pytest.fixture(scope="module", autouse=True)
def _nginx_is_there() -> None:
    if Nginx.program() is None:
        part_is_missing("nginx: there is no program `nginx`")


@pytest.fixture
def seen() -> Iterator[Seen]:
    application = Seen()
    yield application
    application.go_on.set()


@pytest.fixture
def behind(seen: Seen) -> Iterator[Served]:
    with served(seen, threads=2) as running:
        yield running


@pytest.fixture
def nginx(behind: Served, tmp_path: Path) -> Iterator[Nginx]:
    with Nginx(directory=tmp_path, service_port=behind.port) as running:
        yield running


def get(nginx: Nginx, path: str, **headers: str) -> int:
    with closing(nginx.client()) as client:
        client.request("GET", path, headers={"Host": NAME, **headers})
        with client.getresponse() as response:
            response.read()
            return response.status


def test_a_client_cannot_choose_its_address_nor_claim_tls_or_another_host(
    nginx: Nginx, seen: Seen
) -> None:
    forged = {
        "X-Forwarded-For": "6.6.6.6",
        "X_Forwarded_For": "7.7.7.7",
        "X-Forwarded-Proto": "http",
    }
    assert get(nginx, "/", **forged) == 200

    [environ] = seen.environs
    assert environ["HTTP_X_FORWARDED_FOR"] == "6.6.6.6, 127.0.0.1"  # the last is the proxy's
    assert environ["HTTP_X_FORWARDED_PROTO"] == "https"
    assert environ["HTTP_HOST"] == NAME


def test_plain_http_is_sent_to_tls(nginx: Nginx) -> None:
    with closing(http.client.HTTPConnection("127.0.0.1", nginx.plain_port)) as client:
        client.request("GET", "/a?b=c", headers={"Host": NAME})
        response = client.getresponse()

    assert (response.status, response.headers["Location"]) == (308, f"https://{NAME}/a?b=c")


def test_metrics_are_not_for_the_world(nginx: Nginx, seen: Seen) -> None:
    assert get(nginx, "/metrics", Authorization="Bearer x") == 404
    assert seen.environs == []


@pytest.mark.parametrize(("allowed", "status"), [("127.0.0.1", 200), ("10.0.0.5", 403)])
def test_the_commented_lines_give_metrics_to_one_address_and_the_token_is_passed_on(
    behind: Served, seen: Seen, tmp_path: Path, allowed: str, status: int
) -> None:
    replaced = {
        "return 404;": "",
        "# allow 10.0.0.5; deny all;": f"allow {allowed}; deny all;",
        "# proxy_pass": "proxy_pass",
    }
    with Nginx(directory=tmp_path, service_port=behind.port, replaced=replaced) as nginx:
        assert get(nginx, "/metrics", Authorization="Bearer x") == status

    passed_on = [
        (environ["HTTP_AUTHORIZATION"], environ["HTTP_X_FORWARDED_FOR"])
        for environ in seen.environs
    ]
    assert passed_on == ([("Bearer x", "127.0.0.1")] if status == 200 else [])


def test_what_slow_clients_begin_does_not_reach_the_service(
    nginx: Nginx, behind: Served, seen: Seen
) -> None:
    body = b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n" + b"x" * 50_000
    with ExitStack() as opened:
        for begun in (b"GET / HT", b"GET / HTTP/1.1\r\nHost: a\r\nX: ", body) * 5:
            opened.enter_context(closing(nginx.connect())).sendall(begun)
        assert get(nginx, "/honest") == 200
        assert [environ["PATH_INFO"] for environ in seen.environs] == ["/honest"]
        assert len(behind.loop.connections) == 1


def test_a_client_that_goes_away_is_gone_for_the_service_too(nginx: Nginx, seen: Seen) -> None:
    seen.go_on.clear()
    connection = nginx.connect()
    connection.sendall(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
    eventually(lambda: bool(seen.environs))
    assert not seen.is_client_gone

    connection.close()
    eventually(lambda: seen.is_client_gone)


def test_an_export_is_taken_from_the_service_before_its_reader_reads_and_arrives_whole(
    nginx: Nginx, behind: Served, seen: Seen
) -> None:
    with closing(nginx.connect()) as connection:
        connection.sendall(b"GET /?60 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        eventually(lambda: seen.made == 60 and behind.loop.is_idle)
        response = http.client.HTTPResponse(connection)
        response.begin()
        assert response.read() == b"x" * 60 * MEGABYTE


@pytest.mark.parametrize(
    ("path", "size", "status"),
    [
        ("/api/datasources/", 30 * MEGABYTE, 200),
        ("/api/datasources/00000000-0000-4000-8000-000000000000/file/", 4 * MEGABYTE, 200),
        ("/api/datasources/preview/", 4 * MEGABYTE, 200),
        ("/api/auth/token/", 4 * MEGABYTE, 413),
        ("/api/datasources/", 2053 * MEGABYTE, 413),
    ],
)
def test_files_are_passed_on_and_other_large_bodies_are_not(
    nginx: Nginx, seen: Seen, path: str, size: int, status: int
) -> None:
    with closing(nginx.client()) as client:
        client.putrequest("POST", path, skip_host=True)
        client.putheader("Host", NAME)
        client.putheader("Authorization", "Token x")
        client.putheader("Content-Length", str(size))
        client.endheaders()
        if status == 200:
            client.send(b"x" * size)
        with client.getresponse() as response:
            response.read()

    assert response.status == status
    assert seen.lengths == ([size] if status == 200 else [])


def test_its_log_has_a_line_of_each_request_and_nothing_that_a_user_typed(
    nginx: Nginx, tmp_path: Path
) -> None:
    page = f"https://{NAME}/?q=planted1"
    sent = {"Referer": page, "User-Agent": "planted2", "Cookie": "planted3"}
    plain = http.client.HTTPConnection("127.0.0.1", nginx.plain_port)
    with closing(plain):
        plain.request("GET", "/datasets/?planted4", headers={"Host": NAME, **sent})
        plain.getresponse().read()
    get(nginx, "/api/studio/7/data/?1&filter=planted5", **sent)
    get(nginx, "/api/studio/7/columns/planted6/values/?1&search=planted7", **sent)
    get(nginx, "/metrics?planted8", **sent)

    log = tmp_path / "access.log"
    eventually(lambda: log.read_text().count("\n") == 4, log.read_text)
    lines = [line.partition("] ")[2] for line in log.read_text().splitlines()]
    assert [line.rpartition('" ')[0] + '"' for line in lines] == [
        '"GET /datasets/"',
        '"GET /api/studio/7/data/"',
        '"GET /api/studio/7/columns/..."',
        '"GET /metrics"',
    ]
    assert [line.rpartition('" ')[2].split()[0] for line in lines] == ["308", "200", "200", "404"]
    assert [line.split()[-1] for line in lines] == ["-", TRACE_ID, TRACE_ID, "-"]
    assert "planted" not in log.read_text() + (tmp_path / "error.log").read_text()


def test_a_service_that_is_not_reached_shows_in_the_log_and_what_was_asked_does_not(
    tmp_path: Path,
) -> None:
    with Nginx(directory=tmp_path, service_port=free_port()) as nginx:
        assert get(nginx, "/api/studio/7/data/?filter=planted") == 502
        log = tmp_path / "access.log"
        eventually(lambda: '"GET /api/studio/7/data/" 502' in log.read_text(), log.read_text)

    assert "planted" not in log.read_text() + (tmp_path / "error.log").read_text()


@pytest.mark.django_db(transaction=True)
def test_the_service_itself_serves_pages_exports_and_uploads_over_tls(
    user: User, tmp_path: Path
) -> None:
    rows = [[number, "x" * 1_000] for number in range(5_000)]
    dataset = publish(user, [("n", "integer"), ("text", "text")], rows)
    headers = {"Host": NAME, "Authorization": f"Token {token_of(user)}"}
    server = Server(
        log=tmp_path / "log",
        workers=1,
        environment={"BEHIND_TLS_PROXY": "true", "ALLOWED_HOSTS": f"127.0.0.1,{NAME}"},
    )
    with (
        server,
        Nginx(directory=tmp_path, service_port=server.port) as nginx,
        closing(nginx.client()) as client,
    ):
        client.request("GET", "/accounts/login/", headers=headers)
        page = client.getresponse()
        page.read()
        assert "max-age=31536000" in page.headers["Strict-Transport-Security"]
        assert "; Secure" in page.headers["Set-Cookie"]

        client.request("GET", f"/api/studio/{dataset.pk}/export/?format=csv", headers=headers)
        export = client.getresponse()
        lines = export.read().splitlines()
        assert (export.status, len(lines)) == (200, 5_001)

        content = b"n,text\n" + b"".join(b"%d,%b\n" % (n, b"y" * 1_000) for n in range(20_000))
        client.request("POST", "/api/datasources/", body=form(content), headers=headers | MULTIPART)
        uploaded = client.getresponse()
        made = orjson.loads(uploaded.read())["datasource"]["id"]
        assert uploaded.status == 201

        def is_loaded() -> bool:
            client.request("GET", f"/api/datasources/{made}/", headers=headers)
            described = orjson.loads(client.getresponse().read())["datasource"]
            assert described["status"] != "ERROR", described
            return bool(described["status"] == "READY" and described["row_count"] == 20_000)

        eventually(is_loaded)
