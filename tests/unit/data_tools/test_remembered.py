"""A figure is read by one thread, for all that wait for it, and none waits for ever."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import OperationalError

from data_tools.services import health_service
from data_tools.services.health_service import Remembered


class Slow:
    """A figure that is read when it is let."""

    def __init__(self) -> None:
        self.began, self.may_end = threading.Event(), threading.Event()
        self.count = 0

    def __call__(self) -> int:
        self.count += 1
        self.began.set()
        assert self.may_end.wait(60)
        return self.count


def begun(slow: Slow, get: Callable[[], int], pool: ThreadPoolExecutor) -> None:
    pool.submit(get)
    assert slow.began.wait(60)


def test_threads_that_waited_take_what_another_has_read() -> None:
    slow = Slow()
    remembered = Remembered(slow, seconds=60)
    with ThreadPoolExecutor() as pool:
        begun(slow, remembered.get, pool)
        others = [pool.submit(remembered.get) for _ in range(3)]
        slow.may_end.set()

        assert [each.result() for each in others] == [1, 1, 1]
    assert slow.count == 1


def test_a_thread_does_not_wait_for_ever_for_the_first_value(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(health_service, "_LONGEST_WAIT_SECONDS", 0.01)
    slow = Slow()
    remembered = Remembered(slow, seconds=60)
    with ThreadPoolExecutor() as pool:
        begun(slow, remembered.get, pool)
        try:
            with pytest.raises(OperationalError):
                remembered.get()
        finally:
            slow.may_end.set()


def test_meanwhile_others_take_the_old_value() -> None:
    slow = Slow()
    slow.may_end.set()
    remembered = Remembered(slow, seconds=0)
    assert remembered.get() == 1
    slow.began.clear()
    slow.may_end.clear()
    with ThreadPoolExecutor() as pool:
        begun(slow, remembered.get, pool)
        try:
            assert remembered.get() == 1
        finally:
            slow.may_end.set()
