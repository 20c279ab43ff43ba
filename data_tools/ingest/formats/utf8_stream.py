"""A text file of any encoding as UTF-8 bytes, in bounded memory.

pyarrow's CSV reader can transcode too (`ReadOptions.encoding`); this class stays because the
reader needs one more line after the file's end, and the ingest needs to know of NUL characters.
"""

from __future__ import annotations

import io
from typing import Any

import pyarrow as pa


class Utf8Stream(io.RawIOBase):
    """The file's text and one more line; it knows how much it has read, and whether it saw NUL."""

    def __init__(
        self, raw: io.BufferedReader, encoding: str, size_bytes: int, *, last_line: bytes
    ) -> None:
        """`last_line` comes on a line of its own, whatever the file ends with."""
        self._raw = raw
        self._size_bytes = size_bytes or 1
        if encoding in ("utf-8", "utf-8-sig"):
            self._source: Any = raw  # the CSV reader skips the byte-order mark itself
        else:
            self._source = pa.transcoding_input_stream(pa.PythonFile(raw), encoding, "utf-8")
        self._last_line = b"\n" + last_line + b"\n"
        self._next_piece: bytes | None = None
        self.saw_nul = False

    @property
    def fraction_read(self) -> float:
        is_at_end = self._next_piece == b""
        return 1.0 if is_at_end else min(1.0, self._raw.tell() / self._size_bytes)

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        """Return the next piece. The last line comes with the last piece, not after it: a reader
        that gets it alone takes the record before it for one that is longer than a block."""
        room = max(1, size - len(self._last_line)) if size >= 0 else -1
        piece = self._source.read(room) if self._next_piece is None else self._next_piece
        if not piece:
            self._next_piece = b""
            return b""
        self.saw_nul = self.saw_nul or b"\0" in piece
        self._next_piece = self._source.read(room)
        if self._next_piece:
            return piece
        return piece + self._last_line[piece.endswith((b"\n", b"\r")) :]
