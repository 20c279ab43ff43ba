"""A Redis that is dead: its port refuses connections, or accepts them and never answers."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field


@dataclass(slots=True, kw_only=True)
class DeadRedis:
    """A dead Redis. `held` are the connections that it accepted and never answers."""

    port: int
    accepts: bool
    held: list[socket.socket] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    @property
    def connections(self) -> int:
        return len(self.held)


@contextmanager
def dead_redis(*, accepts: bool) -> Iterator[DeadRedis]:
    """Occupy a port during the block, so that nobody else can listen there."""
    with closing(socket.socket()) as listener:
        listener.bind(("127.0.0.1", 0))
        dead = DeadRedis(port=listener.getsockname()[1], accepts=accepts)
        if not accepts:
            yield dead
            return
        listener.listen()
        accepting = threading.Thread(target=_accept, args=[listener, dead.held], daemon=True)
        accepting.start()
        yield dead
        listener.shutdown(socket.SHUT_RDWR)  # wakes the thread; closing alone would not
        accepting.join()
        for connection in dead.held:
            connection.close()


def _accept(listener: socket.socket, held: list[socket.socket]) -> None:
    while True:
        try:
            connection, _ = listener.accept()
        except OSError:
            return
        held.append(connection)
