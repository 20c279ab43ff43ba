"""A dataset's fingerprint: SHA-256 over its columns and then each row, as lines of `json_texts`.

So equal content has the same fingerprint whichever file, or session, it came from.
"""

from __future__ import annotations

import hashlib

import orjson
import pyarrow as pa


class Fingerprint:
    """A digest under way: columns are `{"name", "type"}` in order, and rows are added in order."""

    def __init__(self, columns: list[dict[str, str]]) -> None:
        self._digest = hashlib.sha256(orjson.dumps(columns) + b"\n")

    def add(self, lines: pa.StringArray) -> None:
        """Add rows, as `json_texts.lines` writes them."""
        if len(lines):
            self._digest.update(bytes_of(lines))

    def hexdigest(self) -> str:
        return self._digest.hexdigest()


def bytes_of(texts: pa.StringArray) -> pa.Buffer:
    """Return the texts end to end, as they lie in memory. The array must not be a slice."""
    _, _, characters = texts.buffers()
    return characters
