"""The loop in front of the threads, with real sockets and applications that do as they are told."""

from __future__ import annotations

import contextlib
import select
import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack, closing
from typing import Any

import orjson
import pytest

from hydroml.serving.limits import MOST_HEAD_BYTES
from tests.support.patience import PATIENCE_SECONDS, eventually
from tests.support.serving_loop import Served, answer_on, received, request, served

MEGABYTE = 1 << 20


def echo(environ: dict[str, Any], start_response: Any) -> list[bytes]:
    """Answer with the path and the body."""
    body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    start_response("200 OK", [("X-Path", environ["PATH_INFO"])])
    return [body or environ["PATH_INFO"].encode()]


class Held:
    """An application that answers when it is let go."""

    def __init__(self) -> None:
        self.has_begun = threading.Semaphore(0)
        self.go_on = threading.Event()
        self.environs: list[dict[str, Any]] = []

    def __call__(self, environ: dict[str, Any], start_response: Any) -> list[bytes]:
        self.environs.append(environ)
        self.has_begun.release()
        assert self.go_on.wait(2 * PATIENCE_SECONDS)  # longer than a test waits
        return echo(environ, start_response)

    def wait_until_begun(self, count: int = 1) -> None:
        for _ in range(count):
            assert self.has_begun.acquire(timeout=PATIENCE_SECONDS)

    @property
    def is_client_gone(self) -> bool:
        return bool(self.environs[-1]["waitress.client_disconnected"]())


@pytest.fixture
def held() -> Iterator[Held]:
    application = Held()
    yield application
    application.go_on.set()


class Streaming:
    """Answers with so many pieces of a megabyte, and notes how far it came."""

    def __init__(self, pieces: int, *, fails_after: int | None = None) -> None:
        self.pieces, self.fails_after = pieces, fails_after
        self.made = 0
        self.is_closed = threading.Event()

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Streaming:
        start_response("200 OK", [("Content-Type", "text/csv")])
        return self

    def __iter__(self) -> Iterator[bytes]:
        for number in range(self.pieces):
            if number == self.fails_after:
                raise LookupError("in the middle")
            self.made += 1
            yield bytes([number % 256]) * MEGABYTE

    def close(self) -> None:
        self.is_closed.set()


def is_open(connection: socket.socket) -> bool:
    """Tell whether the server has neither answered nor ended the connection."""
    return not select.select([connection], [], [], 0)[0]


def code_of(answer: bytes) -> tuple[int, str]:
    head, _, body = answer.partition(b"\r\n\r\n")
    return int(head.split()[1]), orjson.loads(body)["error"]["code"]


# One after another


def test_requests_on_one_connection_are_answered_in_their_order() -> None:
    with served(echo) as server:
        content = b"".join(request(f"/{number}") for number in range(20))
        answers = server.exchange(content)

    assert [int(part.split(b"\r\n")[0][1:]) for part in answers.split(b"X-Path: ")[1:]] == [
        *range(20)
    ]


def test_alive_waits_for_its_turn_on_a_connection(held: Held) -> None:
    with served(held) as server, closing(server.connect()) as connection:
        connection.sendall(request("/first") + request("/healthz"))
        held.wait_until_begun()
        assert is_open(connection)
        held.go_on.set()

        assert answer_on(connection)[1] == b"/first"
        assert orjson.loads(answer_on(connection)[1]) == {"status": "alive"}


def test_head_has_the_headers_of_get_and_no_body() -> None:
    with served(echo) as server:
        answers = server.exchange(request("/abc", method="HEAD") + request("/d"))

    first, _, second = answers.partition(b"\r\n\r\n")
    assert b"Content-Length: 4" in first
    assert second.startswith(b"HTTP/1.1 200 OK\r\n")


@pytest.mark.parametrize("status", ["204 No Content", "304 Not Modified"])
def test_an_answer_that_may_have_no_body_has_none(status: str) -> None:
    def empty(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        start_response(status, [("ETag", '"a"'), ("Content-Length", "0")])
        return []

    with served(empty) as server:
        answer = server.exchange(request())

    assert answer.startswith(b"HTTP/1.1 " + status.encode() + b"\r\nETag: ")
    assert answer.endswith(b"\r\n\r\n")
    assert b"Content-Length" not in answer
    assert b"Transfer-Encoding" not in answer


@pytest.mark.parametrize(
    ("headers", "is_kept"),
    [("", False), ("Connection: keep-alive\r\n", True)],
)
def test_http_1_0_keeps_a_connection_if_it_says_so(headers: str, is_kept: bool) -> None:
    with served(echo) as server, closing(server.connect()) as connection:
        connection.sendall(f"GET /a HTTP/1.0\r\n{headers}\r\n".encode())
        response, body = answer_on(connection)
        assert response.headers["Connection"] == ("keep-alive" if is_kept else "close")
        assert body == b"/a"
        connection.sendall(f"GET /b HTTP/1.0\r\n{headers}\r\n".encode())
        assert (b"/b" in received_or_none(connection)) is is_kept


def received_or_none(connection: socket.socket) -> bytes:
    with contextlib.suppress(OSError):
        return connection.recv(4_096)
    return b""


def test_a_client_that_asks_first_is_told_to_go_on() -> None:
    asking = request("/x", "Content-Length: 3", "Expect: 100-continue", method="POST")
    with served(echo) as server, closing(server.connect()) as connection:
        connection.sendall(asking)
        assert connection.recv(4_096) == b"HTTP/1.1 100 Continue\r\n\r\n"
        connection.sendall(b"abc")
        assert answer_on(connection)[1] == b"abc"


def test_a_body_arrives_whole_however_it_is_cut() -> None:
    body = bytes(range(256)) * 1_000
    whole = request("/x", f"Content-Length: {len(body)}", method="POST", body=body)
    with served(echo) as server, closing(server.connect()) as connection:
        for start in range(0, len(whole), 33_333):
            connection.sendall(whole[start : start + 33_333])
        assert answer_on(connection)[1] == body


@pytest.mark.parametrize(
    ("header", "name"),
    [
        ("X_Forwarded_For: 6.6.6.6", "HTTP_X_FORWARDED_FOR"),
        ("SCRIPT_NAME: /admin", "HTTP_SCRIPT_NAME"),
        ("Path_Info: /admin", "HTTP_PATH_INFO"),
    ],
)
def test_a_header_with_an_underscore_stands_for_no_other(
    held: Held, header: str, name: str
) -> None:
    held.go_on.set()
    with served(held) as server:
        server.exchange(request("/", "X-Forwarded-For: 1.2.3.4", header))

    [environ] = held.environs
    assert environ["HTTP_X_FORWARDED_FOR"] == "1.2.3.4"
    assert environ.get(name, "1.2.3.4") == "1.2.3.4"
    assert (environ["SCRIPT_NAME"], environ["PATH_INFO"]) == ("", "/")


@pytest.mark.parametrize(
    "smuggled",
    [
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",  # noqa: E501
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\nContent-Length: 4\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4, 4\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: +4\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length : 4\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\n Content-Length: 4\r\n\r\n",
        "POST / HTTP/1.1\nHost: a\nContent-Length: 4\n\n",
        "POST / HTTP/1.1\r\nHost: a\r\nX: y\nContent-Length: 4\r\n\r\n",
        "POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked, chunked\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: \x0bchunked\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: identity\r\n\r\n",
    ],
)
def test_what_two_servers_could_read_in_two_ways_is_refused_and_ends_the_connection(
    held: Held, smuggled: str
) -> None:
    held.go_on.set()
    with served(held) as server:
        answer = server.exchange(smuggled.encode() + request("/smuggled"))

    assert code_of(answer) == (400, "INVALID_REQUEST")
    assert held.environs == []


def test_what_follows_a_chunked_body_is_no_request(held: Held) -> None:
    held.go_on.set()
    chunked = request("/x", "Transfer-Encoding: chunked", method="POST", body=b"0\r\n\r\n")
    with served(held) as server:
        answer = server.exchange(chunked + request("/smuggled"))

    assert [environ["PATH_INFO"] for environ in held.environs] == ["/x"]
    assert answer.count(b"HTTP/1.1 ") == 1
    assert "CONTENT_LENGTH" not in held.environs[0]


# What is refused before it is read


@pytest.mark.parametrize(
    ("path", "headers", "length", "error"),
    [
        ("/api/auth/token/", [], 3 * MEGABYTE, (413, "PAYLOAD_TOO_LARGE")),
        ("/nowhere/", ["Authorization: Token x"], 3 * MEGABYTE, (413, "PAYLOAD_TOO_LARGE")),
        ("/api/datasources/", [], 3 * MEGABYTE, (401, "NOT_AUTHENTICATED")),
        ("/api/datasources/", ["Cookie: sessionid=x"], 3 << 30, (413, "PAYLOAD_TOO_LARGE")),
        ("/api/datasources/", [], 3 << 30, (413, "PAYLOAD_TOO_LARGE")),
    ],
)
@pytest.mark.parametrize("expects", [[], ["Expect: 100-continue"]])
def test_a_body_that_is_too_large_is_refused_before_any_of_it_is_sent(
    path: str, headers: list[str], length: int, error: tuple[int, str], expects: list[str]
) -> None:
    head = request(path, f"Content-Length: {length}", *headers, *expects, method="POST")
    with served(echo) as server, closing(server.connect()) as connection:
        connection.sendall(head)
        response, body = answer_on(connection)

    assert (response.status, orjson.loads(body)["error"]["code"]) == error


def test_a_client_that_sends_on_sees_why_it_was_refused() -> None:
    size = 30 * MEGABYTE
    with served(echo) as server, closing(server.connect()) as connection:
        connection.sendall(request("/x", f"Content-Length: {size}", method="POST"))
        with contextlib.suppress(ConnectionError):
            connection.sendall(b"x" * size)
        response, _ = answer_on(connection)

    assert response.status == 413


def test_an_upload_goes_to_a_file_and_arrives() -> None:
    size = 10 * MEGABYTE
    head = request(
        "/api/datasources/", f"Content-Length: {size}", "Authorization: Token x", method="POST"
    )
    with served(echo) as server, closing(server.connect()) as connection:
        connection.sendall(head)
        sender = threading.Thread(target=connection.sendall, args=(b"x" * size,))
        sender.start()
        _, body = answer_on(connection)
        sender.join(PATIENCE_SECONDS)

    assert len(body) == size


def test_bodies_have_a_bound_together() -> None:
    size = 10 * MEGABYTE
    head = request(
        "/api/datasources/", f"Content-Length: {size}", "Authorization: Token x", method="POST"
    )
    with (
        served(echo, bodies_bytes=8 * MEGABYTE) as server,
        closing(server.connect()) as first,
        closing(server.connect()) as second,
    ):
        first.sendall(head + b"x" * (5 * MEGABYTE))
        eventually(lambda: sum(each.body_bytes for each in server.loop.connections) == 5 * MEGABYTE)
        second.sendall(head)
        with contextlib.suppress(ConnectionError):
            second.sendall(b"x" * size)
        response, body = answer_on(second)
        assert is_open(first)

    assert (response.status, response.headers["Retry-After"]) == (503, "30")
    assert orjson.loads(body)["error"]["code"] == "UPLOADS_BUSY"


def test_a_head_has_a_bound() -> None:
    endless = request("/x")[:-2] + b"".join(b"X-%d: %b\r\n" % (n, b"y" * 8_000) for n in range(20))
    assert len(endless) > MOST_HEAD_BYTES
    with served(echo) as server:
        assert code_of(server.exchange(endless)) == (431, "HEADERS_TOO_LARGE")


# Slow clients


@pytest.mark.parametrize(
    ("begun", "code"),
    [
        (b"GET /api/data", 408),
        (b"GET / HTTP/1.1\r\nHost: a\r\nX-Y: ", 408),
        (request("/", "Content-Length: 100", method="POST"), 408),
        (request("/", "Content-Length: 100", method="POST", body=b"x" * 50), 408),
    ],
)
def test_a_request_that_does_not_go_on_is_told_so(begun: bytes, code: int) -> None:
    with (
        served(echo, header_seconds=0.5, body_seconds=0.5) as server,
        closing(server.connect()) as connection,
    ):
        connection.sendall(begun)
        answer = received(connection)

    assert code_of(answer) == (code, "REQUEST_TOO_SLOW")
    assert b"\r\nConnection: close\r\n" in answer


@pytest.mark.parametrize(
    "begun", [b"GET / HTTP/1.1\r\n", request("/", "Content-Length: 1000000", method="POST")]
)
def test_a_byte_now_and_then_is_too_slow(begun: bytes) -> None:
    with (
        served(echo, header_seconds=1, body_seconds=1) as server,
        closing(server.connect()) as connection,
    ):
        connection.sendall(begun)
        while is_open(connection):
            connection.sendall(b"x")
            select.select([connection], [], [], 0.1)

        assert received(connection).startswith(b"HTTP/1.1 408 ")


@pytest.mark.parametrize("sent", [b"", b"\r\n"])
def test_a_connection_without_a_request_is_closed_without_an_answer(sent: bytes) -> None:
    with served(echo, header_seconds=0.5) as server, closing(server.connect()) as connection:
        connection.sendall(sent)
        assert received(connection) == b""


def test_a_kept_connection_is_closed_after_a_while() -> None:
    with served(echo, keepalive_seconds=0.5) as server, closing(server.connect()) as connection:
        connection.sendall(request("/a"))
        assert answer_on(connection)[1] == b"/a"
        assert received(connection) == b""


def test_clients_that_do_not_finish_their_requests_hold_no_thread() -> None:
    halves = [
        request("/half")[:-2],
        request("/", "Content-Length: 100", method="POST", body=b"x"),
    ]
    with served(echo, threads=1) as server, ExitStack() as opened:
        slow = [opened.enter_context(closing(server.connect())) for _ in range(50)]
        for number, connection in enumerate(slow):
            connection.sendall(halves[number % 2])

        assert server.exchange(request("/honest")).endswith(b"/honest")
        assert all(is_open(connection) for connection in slow)


def test_an_answer_that_nobody_reads_holds_no_thread_and_is_whole_when_it_is_read() -> None:
    streaming = Streaming(100)
    with served(streaming, threads=1) as server, ExitStack() as opened:
        slow = [
            opened.enter_context(closing(server.connect(receive_bytes=MEGABYTE))) for _ in range(3)
        ]
        for connection in slow:
            connection.sendall(request("/export"))
        for _ in slow:  # made one after another by the only thread, and nobody reads
            assert streaming.is_closed.wait(PATIENCE_SECONDS)
            streaming.is_closed.clear()

        for connection in slow:
            response, body = answer_on(connection)
            assert response.headers["Transfer-Encoding"] == "chunked"
            assert [body[at] for at in range(0, len(body), MEGABYTE)] == [*range(100)]


def test_an_answer_takes_no_more_than_its_bound_and_goes_on_as_it_is_read() -> None:
    streaming = Streaming(60)
    with (
        served(streaming, answer_bytes=10 * MEGABYTE) as server,
        closing(server.connect(receive_bytes=MEGABYTE)) as connection,
    ):
        connection.sendall(request("/export"))
        eventually(lambda: streaming.made > 10)
        assert not streaming.is_closed.wait(1)
        assert streaming.made < 40  # the systems' own buffers take some of it
        _, body = answer_on(connection)

    assert len(body) == 60 * MEGABYTE


@pytest.mark.parametrize(
    "limits",
    [
        {"answer_bytes": 10 * MEGABYTE, "answer_wait_seconds": 0.5},
        {"answers_bytes": 10 * MEGABYTE, "answer_wait_seconds": 0.5},
        {"answer_bytes": 10 * MEGABYTE, "read_seconds": 0.5},
        {"read_seconds": 0.5},
    ],
)
def test_an_answer_that_is_not_read_is_cut_where_everybody_sees_it(
    limits: dict[str, float],
) -> None:
    streaming = Streaming(100)
    with (
        served(streaming, **limits) as server,
        closing(server.connect(receive_bytes=MEGABYTE)) as connection,
    ):
        connection.sendall(request("/export"))
        assert streaming.is_closed.wait(PATIENCE_SECONDS)
        eventually(lambda: not server.loop.connections)
        content = received(connection)

    assert content.startswith(b"HTTP/1.1 200 OK\r\n")
    assert not content.endswith(b"0\r\n\r\n")


def test_a_reader_with_a_pace_is_not_cut() -> None:
    streaming = Streaming(12)
    with (
        served(streaming, read_seconds=2, least_bytes_per_second=1_000) as server,
        closing(server.connect(receive_bytes=MEGABYTE)) as connection,
    ):
        connection.sendall(request("/export"))
        content = b""
        for _ in range(40):  # four seconds, far longer than the window, and some bytes in each
            content += connection.recv(64 << 10)
            threading.Event().wait(0.1)
        content += received_to_the_end(connection)

    assert content.count(b"100000\r\n") == 12


def received_to_the_end(connection: socket.socket) -> bytes:
    content = b""
    while not content.endswith(b"\r\n0\r\n\r\n"):
        piece = connection.recv(1 << 20)
        assert piece, "cut off"
        content += piece
    return content


def test_an_answer_that_fails_in_the_middle_is_cut() -> None:
    with served(Streaming(3, fails_after=2)) as server:
        answer = server.exchange(request("/export"))

    assert len(answer) > 2 * MEGABYTE
    assert not answer.endswith(b"0\r\n\r\n")


# Clients that go away


def test_a_client_that_is_gone_is_noticed_while_its_request_runs(held: Held) -> None:
    with served(held) as server:
        connection = server.connect()
        connection.sendall(request("/"))
        held.wait_until_begun()
        assert not held.is_client_gone

        connection.close()
        eventually(lambda: held.is_client_gone)


def test_a_client_that_is_gone_is_noticed_behind_requests_that_it_sent_ahead(held: Held) -> None:
    with served(held) as server:
        connection = server.connect()
        connection.sendall(request("/") * 10)
        held.wait_until_begun()

        connection.close()
        eventually(lambda: held.is_client_gone)
        held.go_on.set()
        eventually(lambda: not server.loop.connections)
        assert len(held.environs) < 10


def test_a_client_that_only_sends_no_more_gets_its_answer_however_long_it_takes(
    held: Held,
) -> None:
    with served(held) as server, closing(server.connect()) as connection:
        connection.sendall(request("/late"))
        connection.shutdown(socket.SHUT_WR)
        held.wait_until_begun()
        asked = connection.recv(25)
        assert not held.is_client_gone
        held.go_on.set()

        assert asked == b"HTTP/1.1 100 Continue\r\n\r\n"
        assert answer_on(connection)[1] == b"/late"


def test_a_client_of_http_1_0_that_sends_no_more_counts_as_gone_and_is_answered(
    held: Held,
) -> None:
    with served(held) as server, closing(server.connect()) as connection:
        connection.sendall(b"GET /late HTTP/1.0\r\n\r\n")
        connection.shutdown(socket.SHUT_WR)
        held.wait_until_begun()
        eventually(lambda: held.is_client_gone)
        held.go_on.set()

        assert answer_on(connection)[1] == b"/late"


def test_a_client_that_goes_away_ends_its_stream() -> None:
    streaming = Streaming(100_000)
    with served(streaming, answer_bytes=10 * MEGABYTE) as server:
        connection = server.connect(receive_bytes=MEGABYTE)
        connection.sendall(request("/export"))
        eventually(lambda: streaming.made > 10)
        connection.close()

        assert streaming.is_closed.wait(PATIENCE_SECONDS)


def test_a_body_that_breaks_off_never_reaches_the_application(held: Held) -> None:
    with served(held) as server:
        answer = server.exchange(request("/", "Content-Length: 9", method="POST", body=b"abc"))

    assert code_of(answer) == (400, "INVALID_REQUEST")
    assert held.environs == []


# Many connections


def test_the_oldest_idle_connection_makes_room(held: Held) -> None:
    with served(held, connections=50) as server, ExitStack() as opened:
        busy = opened.enter_context(closing(server.connect()))
        busy.sendall(request("/busy"))
        held.wait_until_begun()
        half = opened.enter_context(closing(server.connect()))
        half.sendall(b"GET /half HT")
        idle = [opened.enter_context(closing(server.connect())) for _ in range(500)]
        eventually(lambda: sum(map(is_open, idle)) == 48)

        assert [is_open(connection) for connection in idle] == [False] * 452 + [True] * 48
        assert is_open(half)
        held.go_on.set()
        half.sendall(b"TP/1.1\r\nHost: a\r\n\r\n")
        assert answer_on(half)[1] == b"/half"
        assert answer_on(busy)[1] == b"/busy"


def test_alive_is_said_while_every_thread_hangs_and_every_connection_is_taken(held: Held) -> None:
    with served(held, threads=2, connections=20) as server, ExitStack() as opened:
        for _ in range(19):
            hanging = opened.enter_context(closing(server.connect()))
            hanging.sendall(request("/hangs"))
        held.wait_until_begun(2)
        for _ in range(50):
            opened.enter_context(closing(server.connect()))

        response, body = answer_on_new_connection(server)

    assert (response.status, orjson.loads(body)) == (200, {"status": "alive"})
    assert response.headers["Cache-Control"] == "private, no-store"
    assert len(response.headers["X-Trace-Id"]) == 32


def answer_on_new_connection(server: Served) -> Any:
    with closing(server.connect()) as connection:
        connection.sendall(request("/healthz"))
        return answer_on(connection)
