"""The files in which all processes of a host share what they count for Prometheus.

Each process writes files of its own, named by its id; whoever is asked for `/metrics` adds them up.
The files of ended processes stay, so that no counter goes back, until the first process of the next
start finds that all have ended. Those of one process take 130 KB or more.
"""

from __future__ import annotations

import errno
import logging
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from django.conf import settings

# prometheus_client reads it when it is imported, so it is set before, and only imported after.
_VARIABLE = "PROMETHEUS_MULTIPROC_DIR"
_LEAST_FREE_BYTES = 16 << 20  # a write to a mapped file that finds no room ends the process
_OF_PROCESS = re.compile(r"(?P<kind>[a-z_]+)_(?P<process_id>\d+)\.db")

logger = logging.getLogger(__name__)


def share() -> None:
    """Have this process, and those that it starts, share what they count in `METRICS_DIR`.

    If nothing can be written there, each counts for itself.
    """
    directory = Path(settings.METRICS_DIR)
    try:
        _make(directory)
        _remove_ended(directory)
    except OSError as error:
        os.environ.pop(_VARIABLE, None)
        logger.warning("Processes count apart, as METRICS_DIR is of no use: %s", error.strerror)
    else:
        os.environ.update({_VARIABLE: str(directory)})


def make_again() -> None:
    """Make the folder again for a process that starts, if somebody has removed it meanwhile."""
    if _VARIABLE in os.environ:
        with suppress(OSError):
            _make(Path(settings.METRICS_DIR))


def _make(directory: Path) -> None:
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    if directory.stat().st_uid not in {0, os.geteuid()}:  # who could put links in our files' place
        raise PermissionError(errno.EPERM, "it belongs to another account")
    if not os.access(directory, os.W_OK | os.X_OK):
        raise PermissionError(errno.EACCES, "it cannot be written")
    if shutil.disk_usage(directory).free < _LEAST_FREE_BYTES:
        raise OSError(errno.ENOSPC, "it has no room")


def _remove_ended(directory: Path) -> None:
    files = [*_files(directory)]
    if any(_is_running(process_id) for _, process_id, _ in files):
        forget_ended()
        return
    for file, _, _ in files:
        file.unlink(missing_ok=True)


def forget_ended() -> None:
    """Do what `forget` does for every process of this host that has ended, however it did."""
    with suppress(OSError):
        for file, process_id, kind in _files(Path(settings.METRICS_DIR)):
            if kind.startswith("gauge_live") and not _is_running(process_id):
                file.unlink(missing_ok=True)


def forget(process_id: int) -> None:
    """Drop what only counts while a process runs, such as its memory: it has ended."""
    from prometheus_client import multiprocess

    if _VARIABLE in os.environ:
        with suppress(OSError):  # a file that somebody else has removed meanwhile
            multiprocess.mark_process_dead(process_id)


def _files(directory: Path) -> Iterator[tuple[Path, int, str]]:
    for file in directory.iterdir():
        if match := _OF_PROCESS.fullmatch(file.name):
            yield file, int(match["process_id"]), match["kind"]


def _is_running(process_id: int) -> bool:
    return Path(f"/proc/{process_id}").exists()
