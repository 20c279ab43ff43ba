"""How long one request may compute, over all of its statements; each has a limit of its own."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

# Well below the 60 seconds after which a worker that does not answer is given up.
LONGEST_SECONDS = 40


@dataclass(frozen=True, slots=True)
class TimeLimit:
    """Begins when it is made. Whoever works step by step looks at it between two steps."""

    began: float = field(default_factory=lambda: time.monotonic())  # asked late: tests freeze it

    @property
    def is_over(self) -> bool:
        return time.monotonic() - self.began > LONGEST_SECONDS
