"""The same works in the database that is lived in and in a fresh one, a process for each."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from importlib import import_module
from multiprocessing.connection import Connection
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from benchmarks.measuring import Work

_ENDS_WITHIN_SECONDS = 30.0


class WorksElsewhere:
    """Works in a process that uses one of the two databases."""

    def __init__(self, pipe: Connection) -> None:
        self._pipe = pipe
        self.names: list[str] = pipe.recv()

    def turn(self, name: str) -> list[float]:
        """Return the times of one turn of a work."""
        self._pipe.send(name)
        return self._pipe.recv()


@contextmanager
def works_elsewhere(
    make: Callable[[], Mapping[str, Work]], *, is_fresh: bool
) -> Iterator[WorksElsewhere]:
    """Call `make`, a function of a module, in a process of its own, and keep it for the block.

    Raises:
        EOFError: the process ended early, having said why.
    """
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    name = make.__module__, make.__name__  # its module can be imported after the setup
    process = context.Process(target=_serve, args=(theirs, name, is_fresh))
    process.start()
    theirs.close()
    try:
        yield WorksElsewhere(ours)
    finally:
        with suppress(BrokenPipeError):
            ours.send(None)
        process.join(_ENDS_WITHIN_SECONDS)
        process.terminate()
        process.join()
        ours.close()


def _serve(pipe: Any, name: tuple[str, str], is_fresh: bool) -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = "benchmarks.settings"
    os.environ["BENCH_FRESH"] = str(is_fresh).lower()
    import django

    django.setup()
    from benchmarks.measuring import turn

    module, function = name
    works = getattr(import_module(module), function)()
    pipe.send([*works])
    while (what := pipe.recv()) is not None:
        pipe.send(turn(works[what]))
