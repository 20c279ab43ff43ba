"""Work done in a process of its own, with the time it takes and the memory it needs."""

from __future__ import annotations

import multiprocessing
import os
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

_OURS = Path("/proc/self")
_FORGET_PEAK = "5"  # written to `clear_refs`; see proc_pid_clear_refs(5)
_LOOK_EVERY_SECONDS = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class Spent:
    """What a piece of work took.

    `grown_mb` is the most resident memory beyond what the process had before, `helpers_mb` the most
    that its own children had together, such as the confined reader of a Parquet file.
    """

    ms: float
    grown_mb: float
    helpers_mb: float
    result: Any


class TookTooLong(RuntimeError):
    """A process was ended because its time was over."""


def spent_on(work: Callable[..., Any], *arguments: Any, at_most_seconds: float = 600.0) -> Spent:
    """Call `work`, a function of a module, in a new process in which Django is set up.

    Raises:
        TookTooLong: it did not end in time, and was ended.
        RuntimeError: it failed; the text says how.
    """
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe(duplex=False)
    name = work.__module__, work.__name__  # not itself: its module can be imported after the setup
    process = context.Process(target=_run, args=(theirs, name, arguments))
    process.start()
    theirs.close()
    try:
        if not ours.poll(at_most_seconds):
            raise TookTooLong(f"{work.__name__} was not done in {at_most_seconds:.0f} s")
        spent = ours.recv()
    except EOFError:
        raise RuntimeError(f"the process of {work.__name__} ended early") from None
    finally:
        process.terminate()
        process.join()
        ours.close()
    if isinstance(spent, str):
        raise RuntimeError(f"{work.__name__}: {spent}")
    return spent


def _nothing() -> None:
    pass


def spent_here(work: Callable[[], Any], *, settle: Callable[[], object] = _nothing) -> Spent:
    """Call `work` in this process, in which nothing else may be going on.

    `settle` waits for what the work left to be done in threads: its memory counts, its time not.
    """
    begun_mb = megabytes(_OURS, "VmRSS")
    (_OURS / "clear_refs").write_text(_FORGET_PEAK)
    with _Helpers() as helpers:
        begun = time.perf_counter()
        result = work()
        ms = (time.perf_counter() - begun) * 1000
        settle()
    return Spent(
        ms=ms,
        grown_mb=megabytes(_OURS, "VmHWM") - begun_mb,
        helpers_mb=helpers.most_mb,
        result=result,
    )


class _Helpers:
    """Watches the memory of this process's children. Use as a context."""

    def __init__(self) -> None:
        self.most_mb = 0.0
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> _Helpers:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._ended.wait(_LOOK_EVERY_SECONDS):
            children = [
                Path("/proc", number)
                for listed in _OURS.glob("task/*/children")
                for number in listed.read_text().split()
            ]
            self.most_mb = max(self.most_mb, sum(megabytes(child, "VmRSS") for child in children))


def _run(pipe: Connection, name: tuple[str, str], arguments: tuple[Any, ...]) -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = "benchmarks.settings"
    import django

    django.setup()
    module, function = name
    work = getattr(import_module(module), function)
    try:
        pipe.send(spent_here(lambda: work(*arguments)))
    except Exception as error:  # noqa: BLE001 - the parent process raises it
        pipe.send(f"{type(error).__name__}: {error}")


def megabytes(process: Path, field: str) -> float:
    """Return a figure of the process's memory; 0 if it has just ended."""
    try:
        lines = (process / "status").read_text().splitlines()
    except OSError:
        return 0.0
    return sum(int(line.split()[1]) / 1024 for line in lines if line.startswith(f"{field}:"))
