"""How long the server waits for clients, and how many bytes it keeps for them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from django.conf import settings

# A request line and all headers together. nginx passes on no more (docs/nginx.conf).
MOST_HEAD_BYTES = 64 << 10

# How much of an answer or a body stays in memory before it goes to a file.
MOST_BYTES_IN_MEMORY = 512 << 10
MOST_BYTES_IN_MEMORY_WHEN_CROWDED = 64 << 10
CROWDED_BYTES = 64 << 20  # what all answers together may take before memory counts as crowded

# An answer waits in files of this size; each is removed once it has been read.
SPOOL_FILE_BYTES = 64 << 20

# The most that is read from a socket, and sent to one, in a single call.
PIECE_BYTES = 64 << 10
SENT_PIECE_BYTES = 256 << 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The settings `WEB_*`, which hold for each process; docs/settings.md explains them."""

    connections: int
    light_requests: int
    header_seconds: float
    body_seconds: float
    read_seconds: float
    least_bytes_per_second: int
    answer_bytes: int
    answers_bytes: int
    answer_wait_seconds: float
    bodies_bytes: int
    keepalive_seconds: float

    @classmethod
    def from_settings(cls, *, keepalive_seconds: float) -> Self:
        return cls(
            keepalive_seconds=keepalive_seconds,
            **{name.lower(): value for name, value in settings.WEB.items()},
        )
