"""The sandbox process ends with the process that started it."""

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

_READ_IN_SANDBOX = """
import sys, tempfile
from pathlib import Path
import django
django.setup()
from data_tools.ingest.limits import current_limits
from data_tools.ingest.formats.workbook_file import WorkbookFile
from data_tools.ingest.options import ReadingOptions
WorkbookFile(Path(sys.argv[1]), ReadingOptions(), limits=current_limits(), advance=lambda _: None)
"""


def opened_for_writing(pipe: Path) -> int:
    """Wait until a process reads the pipe; return its other end."""
    opened: list[int] = []

    def is_read() -> bool:
        with suppress(OSError):
            opened.append(os.open(pipe, os.O_WRONLY | os.O_NONBLOCK))
        return bool(opened)

    eventually(is_read, told=lambda: "nobody reads")
    return opened[0]


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux reports that a parent died")
def test_a_killed_service_leaves_no_sandbox_process_behind(tmp_path: Path) -> None:
    """The file is a pipe into which nothing is written, so reading it never ends."""
    pipe = tmp_path / "never.xlsx"
    os.mkfifo(pipe)
    service = subprocess.Popen([sys.executable, "-c", _READ_IN_SANDBOX, str(pipe)])
    try:
        our_end = opened_for_writing(pipe)
        is_read = select.poll()
        # Errors are always reported; this one means that nobody reads any more.
        is_read.register(our_end, 0)
        assert is_read.poll(0) == []

        service.send_signal(signal.SIGKILL)

        assert is_read.poll(PATIENCE_SECONDS * 1000) == [(our_end, select.POLLERR)]
        os.close(our_end)
    finally:
        service.kill()
        service.wait()
