"""How long a request may compute in all; each of its statements has a limit of its own."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

# Well below the 60 seconds after which a worker that does not answer is killed.
LONGEST_SECONDS = 40


@dataclass(frozen=True, slots=True)
class TimeLimit:
    """A limit that starts when it is created; work checks it between two steps."""

    began: float = field(default_factory=lambda: time.monotonic())  # looked up late for frozen time

    @property
    def is_over(self) -> bool:
        return time.monotonic() - self.began > LONGEST_SECONDS
