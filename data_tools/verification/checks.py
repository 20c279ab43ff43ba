"""What a check examined and what it found."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

# A check of a server that lost everything should not take all memory to say so.
_MOST_SENTENCES = 1_000


@dataclass(slots=True, kw_only=True)
class Check:
    """A check under way. `faults` are counted, and the first thousand of them kept as sentences.

    `notes` say what somebody may want to know and what is no fault. `advance` is called with how
    much more was examined.
    """

    examined: int = 0
    faults: int = 0
    sentences: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    advance: Callable[[int], object] = lambda examined: None

    def examine(self, count: int = 1) -> None:
        self.examined += count
        self.advance(count)

    def fault(self, sentence: str) -> None:
        self.faults += 1
        if len(self.sentences) < _MOST_SENTENCES:
            self.sentences.append(sentence)

    def note(self, sentence: str) -> None:
        if len(self.notes) < _MOST_SENTENCES:
            self.notes.append(sentence)
