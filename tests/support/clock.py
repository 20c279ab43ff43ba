"""A clock for the service that a test moves."""

from __future__ import annotations

import datetime as dt

START = dt.datetime(2026, 11, 22, 12, 0, tzinfo=dt.UTC)


class Clock:
    """Shows noon until it is moved.

    Tests over HTTP use it instead of freezegun, under which modules written in C that are imported
    by a first request find a `datetime` that is not theirs.
    """

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> dt.datetime:
        return self.now

    def tick(self, by: dt.timedelta) -> None:
        self.now += by
