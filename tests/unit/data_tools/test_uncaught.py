"""What ends a thread is logged, without what it quotes."""

from __future__ import annotations

import io
import logging
import threading
from collections.abc import Iterator

import pytest

from data_tools.observing import uncaught
from data_tools.observing.log_formats import TextFormatter


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    """What the service's log has, in a process where nobody else looks after its threads."""
    monkeypatch.setattr(threading, "excepthook", threading.__excepthook__)
    uncaught.log_uncaught()
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    handler.setFormatter(TextFormatter())
    uncaught.logger.addHandler(handler)
    yield written
    uncaught.logger.removeHandler(handler)


def end_with(error: BaseException) -> None:
    def fail() -> None:
        raise error

    thread = threading.Thread(target=fail, name="row-lists")
    thread.start()
    thread.join()


def test_what_ends_a_thread_is_logged_without_its_message(
    log: io.StringIO, capsys: pytest.CaptureFixture[str]
) -> None:
    end_with(ValueError("a cell of somebody"))

    assert "ERROR data_tools.observing.uncaught The thread row-lists ended" in log.getvalue()
    assert "ValueError: (its message is left out)" in log.getvalue()
    assert "cell of somebody" not in log.getvalue() + capsys.readouterr().err


def test_a_thread_that_is_told_to_exit_is_no_error(log: io.StringIO) -> None:
    end_with(SystemExit())

    assert log.getvalue() == ""


def test_somebody_elses_hook_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    def hook(ended: threading.ExceptHookArgs) -> None: ...

    monkeypatch.setattr(threading, "excepthook", hook)

    uncaught.log_uncaught()

    assert threading.excepthook is hook
