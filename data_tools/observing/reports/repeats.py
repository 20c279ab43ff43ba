"""One report of a fault a minute: a fault that occurs a thousand times is one fault."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from dataclasses import dataclass, field

SECONDS_BETWEEN = 60.0
_MOST_FAULTS = 500


@dataclass(slots=True, eq=False)
class Repeats:
    """Remembers when each fault was last reported by this process."""

    _reported_at: OrderedDict[object, float] = field(default_factory=OrderedDict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def is_due(self, fault: object) -> bool:
        """Tell whether to report the fault now, and note that it is."""
        now = time.monotonic()
        with self._lock:
            before = self._reported_at.get(fault)
            if before is not None and now - before < SECONDS_BETWEEN:
                return False
            self._reported_at[fault] = now
            self._reported_at.move_to_end(fault)
            if len(self._reported_at) > _MOST_FAULTS:
                self._reported_at.popitem(last=False)
            return True
