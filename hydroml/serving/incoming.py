"""A request while it arrives: gunicorn's parser reads its head, and its body goes to a buffer."""

from __future__ import annotations

import io
from typing import Any, BinaryIO

from gunicorn.config import Config
from gunicorn.http import wsgi
from gunicorn.http.errors import LimitRequestHeaders, NoMoreData, ParseException
from gunicorn.http.message import Request
from gunicorn.http.unreader import IterUnreader
from waitress.buffers import OverflowableBuffer, ReadOnlyFileBasedBuffer
from waitress.receiver import FixedStreamReceiver

from data_tools.http.errors import ApiError
from hydroml.serving import refusals
from hydroml.serving.body_limits import refusal_of_body
from hydroml.serving.limits import MOST_BYTES_IN_MEMORY_WHEN_CROWDED, MOST_HEAD_BYTES

Address = tuple[str, int] | str


class IncomingRequest:
    """One request. waitress's channel feeds it, and reads the attributes without an underscore.

    Note [Chunked bodies]
        The application refuses them (411), or ignores them on requests that take no body. So a
        chunked body is never read: the request is complete once its head is, and the connection
        ends with the answer, because the bytes that follow are not a request.
    """

    def __init__(self, cfg: Config, address: Address) -> None:
        self._cfg = cfg
        self._address = address
        self._head = bytearray()
        self._request: Request | None = None
        self._body: FixedStreamReceiver | None = None
        self.completed = False
        self.empty = False
        self.headers_finished = False
        self.expect_continue = False
        self.error: ApiError | None = None
        self.version = "1.1"
        self.command = ""
        self.path = ""
        self.length_bytes = 0
        self.arrived_at = 0.0  # when it began to wait for its turn, by `time.monotonic()`
        self.caller = ""  # whose it is, as far as that was known then
        self.is_last = False  # nothing after it on this connection is a request

    @property
    def address(self) -> str:
        """The address that the connection comes from; "" for a socket that is a file."""
        return self._address[0] if isinstance(self._address, tuple) else ""

    @property
    def is_blank(self) -> bool:
        """Whether nothing of it has arrived yet, line ends aside."""
        return not self.headers_finished and not self._head.strip()

    @property
    def body_bytes(self) -> int:
        """How much of its body has arrived."""
        return 0 if self._body is None else self.length_bytes - self._body.remain

    @property
    def is_body_missing(self) -> bool:
        return self.headers_finished and not self.completed

    def header(self, name: str) -> str:
        """Return the header of this name, in capitals; "" if there is none, several with commas."""
        headers = self._request.headers if self._request else ()
        return ",".join(value for each, value in headers if each == name)

    def received(self, data: bytes) -> int:
        """Take bytes from the connection, and return how many belong to this request."""
        if self.completed:
            return 0
        if self._body is not None:
            taken: int = self._body.received(data)
            self.completed = bool(self._body.completed)
            return taken
        self._head += data
        if len(self._head) > MOST_HEAD_BYTES:
            self._refuse_head(LimitRequestHeaders("the head is too large"))
            return len(data)
        if b"\n" not in data and len(self._head) <= self._cfg.limit_request_line:
            return len(data)
        unreader = IterUnreader([bytes(self._head)])
        try:
            request = Request(self._cfg, unreader, self._address)
        except (NoMoreData, StopIteration):
            return len(data)  # the head goes on
        except ParseException as error:
            self._refuse_head(error)
            return len(data)
        self._head_is_read(request)
        return len(data) - len(unreader.take_buffered())

    def refuse(self, error: ApiError) -> None:
        """Answer with this error instead, and read no further request on the connection."""
        self.error = error
        self.completed = self.is_last = True
        self.expect_continue = False

    def break_off(self) -> None:
        """Refuse the request: the client has finished sending, and the body is incomplete."""
        self.refuse(refusals.broken_off(self.body_bytes, self.length_bytes))

    def environ(self, server_address: Address) -> dict[str, Any]:
        """Return the WSGI environ that gunicorn makes of the request.

        Raises:
            ParseException: gunicorn cannot make an environ of the request's head.
        """
        assert self._request is not None
        self._request._expected_100_continue = False  # the loop sends `100 Continue`
        _, environ = wsgi.create(
            self._request, None, self._address, server_address, self._cfg, lambda *_: None
        )
        for needs_gunicorns_socket in ("gunicorn.socket", "wsgi.early_hints"):
            environ.pop(needs_gunicorns_socket, None)
        return {
            **environ,
            "wsgi.input": self._stream(),
            "wsgi.multithread": True,
            "wsgi.file_wrapper": ReadOnlyFileBasedBuffer,
        }

    @property
    def ends_connection(self) -> bool:
        """Whether the connection ends after this request: the client asked for it, or it must."""
        return self.is_last or self._request is None or self._request.should_close()

    def close(self) -> None:
        """Remove the body."""
        if self._body is not None:
            self._body.getbuf().close()

    def _stream(self) -> BinaryIO:
        return io.BytesIO() if self._body is None else self._body.getfile()

    def _refuse_head(self, error: ParseException) -> None:
        self.headers_finished = True
        self.refuse(
            refusals.refusal_of(
                error,
                most_headers=self._cfg.limit_request_fields,
                most_field_bytes=self._cfg.limit_request_field_size,
            )
        )

    def _head_is_read(self, request: Request) -> None:
        self._request, self._head = request, bytearray()
        self.headers_finished = True
        self.command, self.path = request.method, request.path
        self.version = "1.0" if request.version < (1, 1) else "1.1"
        self.length_bytes = int(self.header("CONTENT-LENGTH") or 0)
        if self.header("TRANSFER-ENCODING"):  # see Note [Chunked bodies]
            self.completed = self.is_last = True
        elif refused := refusal_of_body(request, self.length_bytes):
            self.refuse(refused)
        elif self.length_bytes == 0:
            self.completed = True
        else:
            self.expect_continue = request._expected_100_continue
            buffer = OverflowableBuffer(MOST_BYTES_IN_MEMORY_WHEN_CROWDED)
            self._body = FixedStreamReceiver(self.length_bytes, buffer)
