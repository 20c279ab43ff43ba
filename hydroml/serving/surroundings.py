"""What a connection needs from the process that serves it."""

from __future__ import annotations

from typing import Any, Protocol

from gunicorn.config import Config

from hydroml.serving.callers import Callers
from hydroml.serving.limits import Limits
from hydroml.serving.poller import Poller


class Surroundings(Protocol):
    cfg: Config
    limits: Limits
    poller: Poller
    callers: Callers

    @property
    def is_stopping(self) -> bool: ...

    @property
    def thread_id(self) -> int:
        """The identifier of the loop's thread."""
        ...

    @property
    def are_answers_crowded(self) -> bool: ...

    def has_room_for_answers(self) -> bool: ...

    def has_room_for_bodies(self) -> bool: ...

    def add_task(self, connection: Any) -> None:
        """Have the connection's first request answered. May be called by any thread."""
        ...
