"""A text file of any encoding as UTF-8 bytes, in bounded memory."""

from __future__ import annotations

import codecs
import io


class Utf8Stream:
    """The file's text without a byte-order mark; it knows how much of the file it has read."""

    def __init__(
        self,
        raw: io.BufferedReader,
        encoding: str,
        size_bytes: int,
        *,
        errors: str = "strict",
        is_cut_off: bool = False,
    ) -> None:
        """`encoding` and `errors` are names that Python's codecs know.

        In a file that `is_cut_off`, half a character at the end is left out.
        """
        self._raw = raw
        self._size_bytes = size_bytes or 1
        self._read_bytes = 0
        self._is_first_piece = True
        self._decoder: codecs.IncrementalDecoder | None = None
        if encoding not in ("utf-8", "utf-8-sig") or errors != "strict":
            self._decoder = codecs.getincrementaldecoder(encoding)(errors=errors)
        self._is_cut_off = is_cut_off
        self._is_at_end = False

    @property
    def fraction_read(self) -> float:
        # The file itself is not asked: another thread may be reading, or has closed it.
        return 1.0 if self._is_at_end else min(1.0, self._read_bytes / self._size_bytes)

    def read(self, size: int) -> bytes:
        """Return the next piece, made of about `size` bytes of the file; b"" at its end.

        Raises:
            UnicodeDecodeError: the file is not in the encoding, and `errors` is `strict`.
        """
        piece = b""
        while not piece and not self._is_at_end:
            raw = self._raw.read(size)
            self._read_bytes += len(raw)
            self._is_at_end = not raw
            if self._decoder is None:
                piece = raw
            else:
                is_final = self._is_at_end and not self._is_cut_off
                piece = self._decoder.decode(raw, is_final).encode()
            if piece and self._is_first_piece:
                while piece.startswith(codecs.BOM_UTF8):  # some files begin with two
                    piece = piece.removeprefix(codecs.BOM_UTF8)
                self._is_first_piece = False
        return piece
