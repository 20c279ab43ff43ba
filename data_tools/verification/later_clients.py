"""What pages will be told that saw more than this database holds, as after a restore."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db import transaction

from data_tools.jobs.connections import take_as_long_as_it_takes
from session_events import heads

_LATELY = dt.timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class LaterClients:
    """The newest event of the log, and how many sessions were being worked in just before it.

    How many pages saw later versions cannot be known here: what they wrote is not in the log.
    """

    newest_event_at: dt.datetime | None
    open_sessions: int
    open_and_used_lately: int

    def in_words(self) -> str:
        """Say what can be known, and what the service answers to such pages."""
        if self.newest_event_at is None:
            return "The log holds no event."
        return (
            f"The newest event is of {self.newest_event_at.isoformat()}; "
            f"{self.open_and_used_lately} of {self.open_sessions} open sessions had one in the "
            "hour before. A page that saw a later version of a session is told to reload it "
            "(client_ahead), and applies again what it had no answer for. What was acknowledged "
            "after the newest event is not here."
        )


def later_clients() -> LaterClients:
    """Look at the ends of all sessions."""
    with transaction.atomic():
        take_as_long_as_it_takes()
        newest = heads.newest_event_at()
        return LaterClients(
            newest_event_at=newest,
            open_sessions=heads.count_open(),
            open_and_used_lately=0 if newest is None else heads.count_open(since=newest - _LATELY),
        )
