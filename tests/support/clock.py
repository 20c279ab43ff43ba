"""The service's clock, in a test's hand."""

from __future__ import annotations

import datetime as dt

START = dt.datetime(2026, 11, 22, 12, 0, tzinfo=dt.UTC)


class Clock:
    """Stands at noon until it is moved.

    For tests over HTTP, in place of freezegun: under that one, modules written in C that a first
    request imports find a `datetime` that is not theirs.
    """

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> dt.datetime:
        return self.now

    def tick(self, by: dt.timedelta) -> None:
        self.now += by
