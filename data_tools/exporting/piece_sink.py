"""A file to write to, whose content is taken away piece by piece."""

from __future__ import annotations

import io


class PieceSink(io.RawIOBase):
    """A file that cannot be read or wound back; `taken` returns what was written since its last
    call."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []
        self._written_bytes = 0

    @property
    def held_bytes(self) -> int:
        return sum(map(len, self._pieces))

    def writable(self) -> bool:
        return True

    def write(self, piece: bytes) -> int:  # type: ignore[override]
        self._pieces.append(bytes(piece))
        self._written_bytes += len(piece)
        return len(piece)

    def tell(self) -> int:
        return self._written_bytes

    def taken(self) -> bytes:
        pieces, self._pieces = self._pieces, []
        return b"".join(pieces)
