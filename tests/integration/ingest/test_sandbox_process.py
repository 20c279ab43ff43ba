"""The process that reads a file goes with whoever asked for it."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from tests.support.patience import PATIENCE_SECONDS, eventually

_ASK = """
import sys, tempfile
from pathlib import Path
import django
django.setup()
from data_tools.ingest.limits import current_limits
from data_tools.ingest.formats.workbook_file import WorkbookFile
WorkbookFile(Path(sys.argv[1]), sheet="", limits=current_limits(), advance=lambda _: None)
"""


def opened_for_writing(pipe: Path) -> int:
    """The pipe's other end, as soon as somebody reads it."""
    opened: list[int] = []

    def is_read() -> bool:
        with suppress(OSError):
            opened.append(os.open(pipe, os.O_WRONLY | os.O_NONBLOCK))
        return bool(opened)

    eventually(is_read, told=lambda: "nobody reads")
    return opened[0]


@pytest.mark.skipif(sys.platform != "linux", reason="Linux tells that a parent died")
def test_a_killed_service_leaves_nobody_behind_who_reads_its_file(tmp_path: Path) -> None:
    """The file is a pipe in which nothing comes: it is read for ever."""
    pipe = tmp_path / "never.xlsx"
    os.mkfifo(pipe)
    service = subprocess.Popen([sys.executable, "-c", _ASK, str(pipe)])
    try:
        our_end = opened_for_writing(pipe)
        is_read = select.poll()
        is_read.register(our_end, 0)  # an error, which always tells, is that nobody reads any more
        assert is_read.poll(0) == []

        service.send_signal(signal.SIGKILL)

        assert is_read.poll(PATIENCE_SECONDS * 1000) == [(our_end, select.POLLERR)]
        os.close(our_end)
    finally:
        service.kill()
        service.wait()
