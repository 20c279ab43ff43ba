"""A Redis that is not there: nobody listens, or somebody accepts and never answers."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field


@dataclass(slots=True, kw_only=True)
class DeadRedis:
    """`held` are the connections it took and says nothing on; none if it does not even accept."""

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
    """Hold the port for as long as the block runs, so that nobody else listens there."""
    with closing(socket.socket()) as listener:
        listener.bind(("127.0.0.1", 0))
        dead = DeadRedis(port=listener.getsockname()[1], accepts=accepts)
        if not accepts:
            yield dead
            return
        listener.listen()
        taking = threading.Thread(target=_take, args=[listener, dead.held], daemon=True)
        taking.start()
        yield dead
        listener.shutdown(socket.SHUT_RDWR)  # wakes the thread, which closing alone does not
        taking.join()
        for connection in dead.held:
            connection.close()


def _take(listener: socket.socket, held: list[socket.socket]) -> None:
    while True:
        try:
            connection, _ = listener.accept()
        except OSError:
            return
        held.append(connection)
