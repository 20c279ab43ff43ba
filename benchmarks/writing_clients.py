"""Client processes that write at the same time, and the rate that they reach together."""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Callable
from contextlib import suppress
from multiprocessing.connection import Connection
from multiprocessing.synchronize import Lock
from types import TracebackType

from benchmarks.writers.database import Address

Writer = Callable[[Address], Callable[[], None]]

_HEAD_START_SECONDS = 0.05
_WARM_UP_WRITES = 50


class WritingClients:
    """Processes, each with a writer and a database connection of its own. Use as a context."""

    def __init__(self, writer: Writer, address: Address, *, count: int) -> None:
        context = multiprocessing.get_context("spawn")
        self._pipes: list[Connection] = []
        self._processes = []
        preparing = context.Lock()
        for number in range(count):
            ours, theirs = context.Pipe()
            process = context.Process(
                target=_serve, args=(theirs, writer, address, preparing), daemon=True
            )
            process.start()
            theirs.close()  # else a client that ended would be waited for
            self._pipes.append(ours)
            self._processes.append(process)
            if number == 0:
                ours.recv()  # it makes what all need
        for pipe in self._pipes[1:]:
            pipe.recv()

    def rate(self, *, clients: int, seconds: float) -> float:
        """Return the writes per second of the first `clients` of them, over `seconds`."""
        pipes = self._pipes[:clients]
        begin = time.monotonic() + _HEAD_START_SECONDS
        for pipe in pipes:
            pipe.send((begin, begin + seconds))
        return sum(pipe.recv() for pipe in pipes)

    def __enter__(self) -> WritingClients:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        for pipe in self._pipes:
            with suppress(BrokenPipeError):
                pipe.send(None)
        for process in self._processes:
            process.join()


def _serve(pipe: Connection, writer: Writer, address: Address, preparing: Lock) -> None:
    # Some make their tables although they exist, and PostgreSQL refuses those who do so at once.
    with preparing:
        write = writer(address)
    for _ in range(_WARM_UP_WRITES):
        write()
    pipe.send("ready")
    while (span := pipe.recv()) is not None:
        begin, end = span
        time.sleep(max(0.0, begin - time.monotonic()))
        count = 0
        while (now := time.monotonic()) < end:
            write()
            count += 1
        pipe.send(count / (now - begin))
