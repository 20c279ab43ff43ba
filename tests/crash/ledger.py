"""What clients sent and what they were told: the side of the story that the log must match."""

from __future__ import annotations

import threading
from collections import Counter
from dataclasses import dataclass, field
from uuid import UUID

MOST_FAULTS_KEPT = 50


@dataclass(slots=True, kw_only=True)
class Request:
    """One state-changing request, sent until it was answered.

    `version` is what an acknowledgement said; null while there is none, or when the request was
    refused. `sends` counts how often it was sent.
    """

    client_operation_id: UUID
    sends: int = 0
    version: int | None = None
    is_acknowledged: bool = False
    is_refused: bool = False


@dataclass(slots=True, kw_only=True)
class Account:
    """All requests of the clients that share one user's session on one dataset.

    `is_ordered` is true when they all come from one client, one after another: the log must then
    hold them in that order.
    """

    user_id: int
    dataset_id: UUID
    is_ordered: bool
    requests: list[Request] = field(default_factory=list)


@dataclass(slots=True)
class Ledger:
    """Everything that was sent. Used by many threads at once."""

    accounts: list[Account] = field(default_factory=list)
    uploads: list[UUID] = field(default_factory=list)
    answers: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)
    longest_answer_seconds: float = 0.0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def count(self, what: str, seconds: float = 0.0) -> None:
        with self._lock:
            self.answers[what] += 1
            self.longest_answer_seconds = max(self.longest_answer_seconds, seconds)

    def fault(self, sentence: str) -> None:
        """Note an answer that no client should ever get."""
        with self._lock:
            self.answers["fault"] += 1
            if len(self.faults) < MOST_FAULTS_KEPT:
                self.faults.append(sentence)
