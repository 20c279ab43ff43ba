"""End a command by a signal as by an error: what it started is ended, and what it made removed."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

_SIGNALS = (signal.SIGTERM, signal.SIGHUP)


@contextmanager
def ended_by_signals() -> Iterator[None]:
    """Let SIGTERM and SIGHUP raise `SystemExit` in the block, unless they are ignored (`nohup`).

    Otherwise they end this process alone, and `pg_dump` or `pg_restore` goes on without it. A query
    of this process, such as the one that counts a table's rows, is finished first. To be called in
    the main thread.
    """
    before = {number: signal.getsignal(number) for number in _SIGNALS}
    taken = {number: each for number, each in before.items() if each is not signal.SIG_IGN}
    for number in taken:
        signal.signal(number, _end)
    try:
        yield
    finally:
        for number, handler in taken.items():
            signal.signal(number, handler)


def _end(number: int, frame: FrameType | None) -> None:
    raise SystemExit(128 + number)  # as shells report it
