"""What the service decided about a file by itself, how sure it is, and why."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Generic, TypeVar

T = TypeVar("T")

CHOSEN = "The options say so."
"""Why a reading is certain that the file's owner asked for."""


class Certainty(StrEnum):
    """How sure a guess is."""

    CERTAIN = "certain"
    """The file itself says so, nothing else is possible, or its owner said so."""
    LIKELY = "likely"
    """Whatever the service looked at agrees, but a file could be written to look the same."""
    GUESS = "guess"
    """Other readings are about as good. The owner should look at the rows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Guess(Generic[T]):
    """A decision about how a file is read."""

    value: T
    certainty: Certainty
    why: str
    """A sentence for the owner."""

    def as_json(self) -> dict[str, Any]:
        return {"value": self.value, "certainty": str(self.certainty), "why": self.why}
