"""A text file of any encoding as UTF-8 bytes, in bounded memory."""

from __future__ import annotations

import io
from typing import Any

import pyarrow as pa


class Utf8Stream(io.RawIOBase):
    """The file's text as UTF-8 bytes, and one more line after its end.

    Knows how much of the file it has read, and whether it saw a NUL.
    """

    def __init__(
        self, raw: io.BufferedReader, encoding: str, size_bytes: int, *, last_line: bytes
    ) -> None:
        """`last_line` comes on a line of its own, whatever the file ends with."""
        self._raw = raw
        self._size_bytes = size_bytes or 1
        if encoding in ("utf-8", "utf-8-sig"):
            # The reader itself leaves out the mark.
            self._source: Any = raw
        else:
            self._source = pa.transcoding_input_stream(pa.PythonFile(raw), encoding, "utf-8")
        self._last_line = b"\n" + last_line + b"\n"
        self._next: bytes | None = None
        self.saw_nul = False

    @property
    def fraction_read(self) -> float:
        return 1.0 if self._next == b"" else min(1.0, self._raw.tell() / self._size_bytes)

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        """The next piece. The last line comes with the last piece, not after it: the reader that
        gets it alone takes the record before it for one that is longer than a block."""
        room = max(1, size - len(self._last_line)) if size >= 0 else -1
        piece = self._source.read(room) if self._next is None else self._next
        if not piece:
            self._next = b""
            return b""
        self.saw_nul = self.saw_nul or b"\0" in piece
        self._next = self._source.read(room)
        if self._next:
            return piece
        return piece + self._last_line[piece.endswith((b"\n", b"\r")) :]
