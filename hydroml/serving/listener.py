"""The loop of a process, the sockets that it listens on, and all of its connections."""

from __future__ import annotations

import socket
import threading
import time
from collections import Counter, deque
from typing import Any

from gunicorn.config import Config
from waitress.adjustments import Adjustments
from waitress.server import BaseWSGIServer

from hydroml.serving.callers import Callers
from hydroml.serving.connection import Connection
from hydroml.serving.incoming import Address
from hydroml.serving.limits import CROWDED_BYTES, MOST_BYTES_IN_MEMORY, PIECE_BYTES, Limits
from hydroml.serving.poller import Poller
from hydroml.serving.threads import Threads

_WAIT_SECONDS = 1.0
_WAIT_SECONDS_WITH_WORK = 0.25


class Listener(BaseWSGIServer):
    """One listening socket of gunicorn's, and its connections."""

    channel_class = Connection

    def __init__(
        self, sock: socket.socket, *, application: Any, cfg: Config, loop: Loop, adj: Adjustments
    ) -> None:
        self.cfg = cfg
        self.limits = loop.limits
        self.poller = loop.poller
        self.callers = loop.callers
        self.loop = loop
        self.address: Address = sock.getsockname()
        self.has_accepted_all = True  # when it last tried
        super().__init__(
            application,
            loop.map,
            True,
            sock,
            dispatcher=loop.threads,
            adj=adj,
            sockinfo=(sock.family, sock.type, sock.proto, self.address),
            bind_socket=False,
        )
        self.poller.watch(self)

    @property
    def is_stopping(self) -> bool:
        return self.loop.is_stopping

    @property
    def thread_id(self) -> int:
        return self.loop.thread_id

    @property
    def are_answers_crowded(self) -> bool:
        return self.loop.seen_answers_bytes > CROWDED_BYTES

    def has_room_for_answers(self) -> bool:
        kept = sum(each.total_outbufs_len for each in self.loop.connections)
        return kept < self.limits.answers_bytes

    def has_room_for_bodies(self) -> bool:
        kept = sum(each.body_bytes for each in self.loop.connections)
        return kept < self.limits.bodies_bytes

    def getsockname(self) -> tuple[str, str]:
        return "", ""  # waitress's own environ is not used

    def pull_trigger(self) -> None:
        self.poller.wake()

    def readable(self) -> bool:
        return self.accepting

    def add_task(self, connection: Connection) -> None:
        """Have the connection's first request answered. May be called by any thread."""
        if connection.needs_no_thread:
            self.loop.own_tasks.append(connection)
            self.pull_trigger()
        else:
            request = connection.requests[0]
            request.arrived_at = time.monotonic()
            request.caller = self.callers.caller_of(request)
            self.task_dispatcher.add_task(connection, request.caller)
            self.loop.request_count += 1

    def accept(self) -> tuple[socket.socket, Any] | None:
        accepted: tuple[socket.socket, Any] | None = super().accept()
        self.has_accepted_all = accepted is None
        return accepted

    def handle_accept(self) -> None:
        super().handle_accept()  # makes the connection
        newest = next(reversed(self.active_channels.values()), None)
        if newest is not None:
            newest.handle_read()  # its request has usually arrived already
            self.loop.make_room(newest)

    def set_socket_options(self, conn: socket.socket) -> None:
        if conn.family != socket.AF_UNIX:
            conn.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def stop_accepting(self) -> None:
        """Accept the connections that have arrived, and close this process's listening socket.

        See Note [Stopping refuses nobody].
        """
        self.accepting = False
        for _ in range(self.adj.backlog):
            self.has_accepted_all = True  # also if accepting fails
            self.handle_accept()
            if self.has_accepted_all:
                break
        self.poller.forget(self._fileno)
        self.del_channel()
        self.socket.close()


class Loop:
    """The event loop of one process: all listeners and connections, in one thread."""

    def __init__(self, *, limits: Limits, thread_count: int) -> None:
        self.limits = limits
        self.map: dict[int, Any] = {}
        self.poller = Poller(self.map)
        self.threads = Threads(thread_count, turns=limits.light_requests)
        self.callers = Callers()
        self.thread_id = threading.get_ident()
        self.own_tasks: deque[Connection] = deque()
        self.is_stopping = False
        self.request_count = 0
        self.seen_answers_bytes = 0  # when the connections were last looked at
        self._listeners: list[Listener] = []
        self._looked_at = 0.0

    def listen(self, sockets: list[socket.socket], *, application: Any, cfg: Config) -> None:
        adj = Adjustments(
            backlog=cfg.backlog,
            recv_bytes=PIECE_BYTES,
            outbuf_overflow=MOST_BYTES_IN_MEMORY,
            outbuf_high_watermark=self.limits.answer_bytes,
            channel_request_lookahead=1,
            log_socket_errors=False,
            clear_untrusted_proxy_headers=False,  # gunicorn's parser decides on headers
            ident="",
        )
        self._listeners = [
            Listener(sock, application=application, cfg=cfg, loop=self, adj=adj) for sock in sockets
        ]

    @property
    def connections(self) -> list[Connection]:
        return [each for one in self._listeners for each in tuple(one.active_channels.values())]

    @property
    def is_idle(self) -> bool:
        """Whether no client waits for anything."""
        return not any(
            each.requests or each.request or each.total_outbufs_len for each in self.connections
        )

    def turn(self) -> None:
        """Handle what has happened, after waiting for it for at most a second."""
        self.poller.wait(_WAIT_SECONDS_WITH_WORK if self.poller.unsettled else _WAIT_SECONDS)
        while self.own_tasks:
            connection = self.own_tasks.popleft()
            if connection.requests:
                connection.service()
        now = time.monotonic()
        if now - self._looked_at >= _WAIT_SECONDS_WITH_WORK:
            self._looked_at = now
            self.threads.look_again()
            connections = self.connections
            self.seen_answers_bytes = sum(each.total_outbufs_len for each in connections)
            for each in connections:
                each.look_at_the_clock(now)

    def make_room(self, newest: Connection) -> None:
        """If there are too many connections, close the one that loses the least by it."""
        connections = self.connections
        if len(connections) <= self.limits.connections:
            return
        costs = {
            each: cost
            for each in connections
            if each is not newest and (cost := each.cost_of_closing) is not None
        }
        if costs:
            min(costs, key=costs.__getitem__).handle_close()
        else:  # all wait for answers, so somebody has to try again: the caller with the most
            waiting = {each: sent[0].caller for each in connections if (sent := [*each.requests])}
            counts = Counter(waiting.values())
            most = max(counts.values(), default=0)
            of_most = [each for each, caller in waiting.items() if counts[caller] == most]
            (of_most or [newest])[-1].handle_close()

    def close(self) -> None:
        """Close every connection at once, and end each thread when it is idle."""
        self.threads.end()
        for connection in self.connections:
            connection.handle_close()
        for one in self._listeners:
            one.trigger.close()
        self.poller.close()

    def stop_accepting(self) -> None:
        """Accept no more connections, and let those that are there end.

        See Note [Stopping refuses nobody].
        """
        self.is_stopping = True
        for each in self._listeners:
            each.stop_accepting()
