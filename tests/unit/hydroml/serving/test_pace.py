"""A pace is kept in every window of time, not on average and not by each byte."""

from __future__ import annotations

import pytest

from hydroml.serving.pace import Pace


@pytest.mark.parametrize(
    ("looks", "is_kept"),
    [
        ([(0, 0), (9, 0)], True),  # the window is not over
        ([(0, 0), (10, 99)], False),
        ([(0, 0), (10, 100)], True),
        ([(0, 0), (10, 1_000_000), (20, 1_000_000)], False),  # quick once, and then no more
        ([(0, 0), (10, 100), (20, 200), (30, 300)], True),
        ([(0, 0), (10, 100), (20, 200), (30, 299)], False),
        ([(0, 500), (10, 599)], False),  # what passed before does not count
        ([(0, 0), (60, 100)], True),  # looked at late
    ],
)
def test_so_many_bytes_in_each_window(looks: list[tuple[int, int]], is_kept: bool) -> None:
    pace = Pace(seconds=10, least_bytes=100)

    assert [pace.is_kept(now, passed) for now, passed in looks][-1] is is_kept


def test_a_pause_begins_a_window_anew() -> None:
    pace = Pace(seconds=10, least_bytes=100)
    pace.is_kept(0, 0)

    pace.stop()

    assert pace.is_kept(15, 0)
    assert pace.is_kept(24, 0)
    assert not pace.is_kept(25, 0)
