"""The durations in the cells of an .ods, which calamine returns as texts from a day on.

A cell that holds the text `PT26H15M00S` looks the same to it, so the durations are looked for in
the XML.
"""

from __future__ import annotations

import re

from data_tools.sandbox.durations import parse_iso

_TIME_VALUE = re.compile(rb"""office:time-value\s*=\s*["']([-A-Z0-9.]{1,80})["']""")
_LONGEST_ATTRIBUTE = 120
_MOST_DIFFERENT = 1 << 20


class DurationScan:
    """The spellings of durations in XML that is fed piece by piece."""

    def __init__(self) -> None:
        self._seen: set[bytes] = set()
        self._rest = b""

    def feed(self, piece: bytes) -> None:
        """Scan the next piece of `content.xml`."""
        text = self._rest + piece
        if len(self._seen) < _MOST_DIFFERENT:
            self._seen.update(_TIME_VALUE.findall(text))
        self._rest = text[-_LONGEST_ATTRIBUTE:]

    def nanoseconds(self, text: str) -> int | None:
        """Return the length of the duration; None for a text that is the value of no duration."""
        is_seen = len(self._seen) >= _MOST_DIFFERENT or text.encode() in self._seen
        return parse_iso(text) if is_seen else None
