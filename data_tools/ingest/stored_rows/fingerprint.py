"""A dataset's fingerprint: SHA-256 over its columns and then each row, as lines of `json_texts`.

So equal content has the same fingerprint whichever file, or session, it came from.
"""

from __future__ import annotations

import hashlib

import orjson
import pyarrow as pa


class Fingerprint:
    """A digest under way: columns are `{"name", "type"}` in order, and rows are added in order.

    `row_count` and `text_bytes` say how many rows were added, and how long they are as JSON.
    """

    def __init__(self, columns: list[dict[str, str]]) -> None:
        self._digest = hashlib.sha256(orjson.dumps(columns) + b"\n")
        self.row_count = self.text_bytes = 0

    def add(self, lines: pa.StringArray) -> None:
        """Add rows, as `json_texts.lines` writes them."""
        if len(lines):
            written = bytes_of(lines)
            self._digest.update(written)
            self.row_count += len(lines)
            self.text_bytes += written.size - len(lines)  # without the line ends

    def hexdigest(self) -> str:
        return self._digest.hexdigest()


def bytes_of(texts: pa.StringArray) -> pa.Buffer:
    """Return the texts end to end, as they lie in memory. The array must not be a slice."""
    _, _, characters = texts.buffers()
    return characters
