"""How large a file may be that is read here."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadingLimits:
    """Rows and columns of the table, and bytes that the file unpacks to."""

    rows: int
    columns: int
    unpacked_bytes: int
