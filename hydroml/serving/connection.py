"""One client's connection: its requests one after another, their answers, and its deadlines.

Note [Half-closed or gone]
    A client that has closed its connection and one that has only finished sending
    (`shutdown(SHUT_WR)`) look the same: both send FIN. So the server sends `100 Continue` while the
    answer is still being made; every HTTP/1.1 client skips it (RFC 9110, section 15.2). If the
    client is gone, its operating system replies with a reset. If it is waiting, it gets its answer.
    HTTP/1.0 has no such message: a client that has sent FIN counts as gone, and still gets the
    answer if there is one. A client whose machine is off sends nothing at all; its request ends at
    its deadline.
"""

from __future__ import annotations

import contextlib
import fcntl
import socket
import struct
import termios
import time
from typing import Any

from gunicorn.http.errors import InvalidResponseHeader, ParseException
from waitress.channel import ClientDisconnected

from data_tools.http.errors import error_from
from data_tools.observing.trace import begin_trace
from data_tools.sql.postgres.calls import is_of_client_gone
from hydroml.serving import refusals
from hydroml.serving.answers import Alive, FromApplication, Refused, is_about_liveness
from hydroml.serving.incoming import IncomingRequest
from hydroml.serving.limits import MOST_BYTES_IN_MEMORY_WHEN_CROWDED, SENT_PIECE_BYTES
from hydroml.serving.pace import Pace
from hydroml.serving.spooling import SpoolingChannel
from hydroml.serving.surroundings import Surroundings
from hydroml.serving.turns import Turn

_CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
_GONE_AFTER_SECONDS = 0.5  # most requests are answered by then, and need no check
_LINGER_SECONDS = 5.0  # a client that is still sending a refused body must see the refusal


class Connection(SpoolingChannel):
    """waitress's channel, with deadlines and limits. Everything but `service` runs in the loop."""

    request: IncomingRequest | None
    requests: list[IncomingRequest]

    def __init__(self, server: Surroundings, sock: socket.socket, *arguments: Any, **named: Any):
        now = time.monotonic()
        limits = server.limits
        self.limits = limits
        self._has_served = False
        self._since = now  # when the wait for a request began, or its first byte arrived
        self._input_ended_at: float | None = None
        self._has_read_all = False
        self._has_asked = False
        self._seems_gone = False
        self._lingers = False
        self._lingers_until: float | None = None
        self._sent_bytes = 0
        self._arrival = Pace(
            seconds=limits.body_seconds,
            least_bytes=int(limits.body_seconds * limits.least_bytes_per_second),
        )
        self._reading = Pace(
            seconds=limits.read_seconds,
            least_bytes=int(limits.read_seconds * limits.least_bytes_per_second),
        )
        super().__init__(server, sock, *arguments, **named)
        self.sendbuf_len = SENT_PIECE_BYTES
        address = self.addr if self.addr else ""
        self.parser_class = lambda adj: IncomingRequest(server.cfg, address)

    # What the loop asks

    @property
    def is_settled(self) -> bool:
        """Whether there is nothing to do until the client sends something."""
        return not (self.requests or self.total_outbufs_len or self._is_ending)

    @property
    def has_input_ended(self) -> bool:
        return self._input_ended_at is not None

    @property
    def _is_ending(self) -> bool:
        return self.will_close or self.close_when_flushed

    @property
    def cost_of_closing(self) -> tuple[int, float] | None:
        """What closing the connection would lose, for sorting; None if it must stay open."""
        if self.requests:
            return None
        if self.total_outbufs_len:
            rank = 3
        elif self.request is None or self.request.is_blank:
            rank = 0
        else:
            rank = 2 if self.request.is_body_missing else 1
        return rank, self._since

    @property
    def body_bytes(self) -> int:
        """How many bytes of request bodies are kept for this connection."""
        arriving = self.request.body_bytes if self.request else 0
        return arriving + sum(request.body_bytes for request in tuple(self.requests))

    def check_client_disconnected(self) -> bool:
        """Tell whether the client is gone. May be called by any thread."""
        return not self.connected or self._seems_gone

    def readable(self) -> bool:
        if self._lingers_until is not None:
            return True
        return not self._has_read_all and bool(super().readable())

    def writable(self) -> bool:
        """Tell whether there is something to send, or the connection is to be closed."""
        if self._lingers_until is not None:
            return False
        return bool(super().writable()) or (self._has_read_all and self.is_settled)

    # Events

    def handle_read(self) -> None:
        try:
            data = self.socket.recv(self.adj.recv_bytes)
        except BlockingIOError:
            return
        except OSError:
            self.handle_close()
            return
        if self._lingers_until is not None:
            if not data:
                self.handle_close()
        elif data:
            self.last_activity = time.time()
            self.received(data)
        else:
            self._has_read_all = True
            self.handle_input_ended()
            if self.request is not None and self.request.is_body_missing:
                self.request.break_off()
                self._answer_in_place()

    def received(self, data: bytes) -> bool:
        if self.request is None or self.request.is_blank:
            self._since = time.monotonic()
        taken = bool(super().received(data))
        request = self.request
        if request is not None and request.body_bytes > MOST_BYTES_IN_MEMORY_WHEN_CROWDED:
            if not self.server.has_room_for_bodies():
                self._refuse(refusals.no_room_for_bodies())
        return taken

    def handle_input_ended(self) -> None:
        """Note that the client has finished sending: it waits for its answer, or is gone.

        Some of what it sent may not have been read yet.
        """
        if self._input_ended_at is None:
            self._input_ended_at = time.monotonic()

    def handle_write(self) -> None:
        """Send what is waiting, and end the connection once everything has been sent."""
        if self.total_outbufs_len:
            if self.requests:
                self._flush_exception(self._flush_some_if_lockable)
            else:
                self._flush_exception(self._flush_some)
        if self.close_when_flushed and not self.total_outbufs_len:
            self.close_when_flushed = False
            self.will_close = True
        if not self.will_close:
            if self._has_read_all and self.is_settled:
                self.handle_close()
            return
        if self._lingers and not self._has_read_all and self.socket is not None:
            self._lingers_until = time.monotonic() + _LINGER_SECONDS
            self.will_close = False
            try:
                self.socket.shutdown(socket.SHUT_WR)
            except OSError:
                self.handle_close()
        else:
            self.handle_close()

    def handle_close(self) -> None:
        partial, self.request = self.request, None
        if partial is not None:
            partial.close()
        super().handle_close()

    def send(self, data: bytes, do_close: bool = True) -> int:
        sent = int(super().send(data, do_close) or 0)
        self._sent_bytes += sent
        return sent

    def add_channel(self, map: Any = None) -> None:
        super().add_channel(map)
        self.server.poller.watch(self)

    def del_channel(self, map: Any = None) -> None:
        self.server.poller.forget(self._fileno)
        super().del_channel(map)

    # Deadlines

    def look_at_the_clock(self, now: float) -> None:
        """End what takes too long. Called by the loop at least about once a second."""
        if not self.total_outbufs_len:
            self._reading.stop()
        if self.must_cut:
            self._cut()
        elif self._lingers_until is not None:
            if now > self._lingers_until:
                self.handle_close()
        elif self.total_outbufs_len and not self._reading.is_kept(now, self._taken_bytes()):
            self.logger.warning("cut off an answer that %s does not read", self.addr)
            self._cut()
        elif self.requests or self.total_outbufs_len:
            self._since = now
            self._arrival.stop()
            if self.requests and self._input_ended_at is not None:
                self._find_out_whether_anybody_waits(now)
        else:
            self._look_at_the_request(now)

    def _cut(self) -> None:
        """End the connection and discard what the operating system has not sent yet."""
        with contextlib.suppress(OSError, AttributeError):  # it may be closed already
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.handle_close()

    def _look_at_the_request(self, now: float) -> None:
        request, limits = self.request, self.limits
        if request is None or request.is_blank:
            is_short = self._has_served or self.server.is_stopping
            seconds = limits.keepalive_seconds if is_short else limits.header_seconds
            if now - self._since > seconds:
                self.handle_close()
        elif not request.headers_finished:
            if now - self._since > limits.header_seconds:
                self._refuse(refusals.too_slow("head", limits.header_seconds))
        elif not self._arrival.is_kept(now, request.body_bytes):
            self._refuse(refusals.too_slow("body", limits.body_seconds))

    def _taken_bytes(self) -> int:
        """Return how many bytes the client's system has acknowledged.

        Bytes that wait in this system's socket buffer do not count.
        """
        if self.socket is None:
            return self._sent_bytes
        try:
            waiting = fcntl.ioctl(self.socket.fileno(), termios.TIOCOUTQ, b"\0" * 4)
        except OSError:
            return self._sent_bytes
        return self._sent_bytes - int(struct.unpack("i", waiting)[0])

    def _find_out_whether_anybody_waits(self, now: float) -> None:
        """See Note [Half-closed or gone]."""
        assert self._input_ended_at is not None
        if self._has_asked or now - self._input_ended_at < _GONE_AFTER_SECONDS:
            return
        self._has_asked = True
        if self.requests[0].version == "1.0":
            self._seems_gone = True
        elif self.outbuf_lock.acquire(False):
            try:
                if not (self.total_outbufs_len or self.has_answer_begun):
                    self.socket.send(_CONTINUE)
            except OSError:
                self._seems_gone = True
            finally:
                self.outbuf_lock.release()

    def _refuse(self, error: Any) -> None:
        """Answer the arriving request with an error, and end the connection."""
        assert self.request is not None
        self.request.headers_finished = True
        self.request.refuse(error)
        self._answer_in_place()

    def _answer_in_place(self) -> None:
        with self.requests_lock:
            assert self.request is not None
            self.requests.append(self.request)
            self.request = None
            if len(self.requests) == 1:
                self.server.add_task(self)
        self.server.poller.watch(self)

    # In a thread, or in the loop if the answer needs no thread

    @property
    def needs_no_thread(self) -> bool:
        request = self.requests[0]
        return request.error is not None or is_about_liveness(request)

    def service(self, turn: Turn | None = None) -> None:
        """Answer the first request, and queue the next one if it has arrived."""
        request = self.requests[0]
        self.begin_answer()
        task = self._task_for(request, turn)
        try:
            if self.connected:
                task.service()
        except ClientDisconnected:
            self.logger.info("a client went away before it was answered")
            task.close_on_finish = True
        except Exception as error:  # whatever the application raises
            trace_id = begin_trace(request.header("TRACEPARENT"))
            task.close_on_finish = True
            if is_of_client_gone(error):
                self.logger.info("a client went away before it was answered")
            else:
                self.logger.exception("an answer failed")
            if not task.wrote_header:
                failed = (
                    refusals.refusal_of(error, most_headers=0, most_field_bytes=0)
                    if isinstance(error, ParseException)
                    and not isinstance(error, InvalidResponseHeader)
                    else error_from(error)
                )
                task = Refused(self, request, failed, trace_id=trace_id)
                self._end_with(task)
        self._has_served = True
        if task.close_on_finish or not self.connected:
            self._is_served_last(request)
        else:
            self._is_served(request)
        self.last_activity = time.time()
        self._since = time.monotonic()
        if not (self.is_settled and self.server.poller.listens_for_input(self)):
            self.server.poller.wake()

    def _task_for(self, request: IncomingRequest, turn: Turn | None) -> Any:
        if request.error is not None:
            return Refused(self, request, request.error)
        if is_about_liveness(request):
            return Alive(self, request)
        return FromApplication(self, request, turn)

    def _end_with(self, task: Refused) -> None:
        try:
            task.service()
        except ClientDisconnected:
            self.logger.info("a client went away before it was answered")

    def _is_served(self, request: IncomingRequest) -> None:
        if self.current_outbuf_count > 0:  # the next answer gets buffers of its own
            self.current_outbuf_count = self.adj.outbuf_high_watermark
        request.close()
        with self.requests_lock:
            self.requests.pop(0)
            if self.connected and self.requests:
                self.server.add_task(self)
            elif (
                self.connected
                and self.request is not None
                and self.request.expect_continue
                and self.request.headers_finished
                and not self.sent_continue
            ):
                self.send_continue()

    def _is_served_last(self, request: IncomingRequest) -> None:
        with self.requests_lock:
            self._lingers = request.is_last
            self.close_when_flushed = True
            for each in self.requests:
                each.close()
            self.requests = []
