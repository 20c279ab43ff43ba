"""A text file of any encoding as UTF-8 bytes, in bounded memory."""

from __future__ import annotations

import io
from typing import Any

import pyarrow as pa


class Utf8Stream(io.RawIOBase):
    """The file's text as UTF-8 bytes.

    Knows how much of the file it has read, whether it saw a NUL, and its last two pieces.
    """

    def __init__(self, raw: io.BufferedReader, encoding: str, size_bytes: int) -> None:
        self._raw = raw
        self._size_bytes = size_bytes or 1
        if encoding in ("utf-8", "utf-8-sig"):
            # The reader itself leaves out the mark.
            self._source: Any = raw
        else:
            self._source = pa.transcoding_input_stream(pa.PythonFile(raw), encoding, "utf-8")
        self._pieces = (b"", b"")
        self._ended = False
        self.saw_nul = False

    @property
    def fraction_read(self) -> float:
        return 1.0 if self._ended else min(1.0, self._raw.tell() / self._size_bytes)

    @property
    def tail(self) -> bytes:
        return b"".join(self._pieces)

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        piece = self._source.read(size)
        if piece:
            self.saw_nul = self.saw_nul or b"\0" in piece
            self._pieces = (self._pieces[1], piece)
        else:
            self._ended = True
        return piece
