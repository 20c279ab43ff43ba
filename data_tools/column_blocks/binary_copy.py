"""Tuples in the binary form of PostgreSQL's COPY, which carries bytes as they are.

Source: PostgreSQL's documentation of COPY, "Binary Format". No field is null here.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterable, Iterator, Sequence

BEGINNING = b"PGCOPY\n\xff\r\n\0" + bytes(8)
END = b"\xff\xff"
_FIELDS = struct.Struct(">h")
_LENGTH = struct.Struct(">i")
_SENT_AT_ONCE = 2 << 20  # held twice while it is put together

Field = bytes | memoryview


def integer(number: int) -> bytes:
    """Return the field of a column of type integer."""
    return _LENGTH.pack(number)


def copies(tuples: Iterable[Sequence[Field]]) -> Iterator[bytes]:
    """Yield the tuples as input of COPY, some megabytes at a time; each piece is complete."""
    pieces: list[Field] = []
    size = 0
    for fields in tuples:
        pieces.append(_FIELDS.pack(len(fields)))
        for field in fields:
            pieces += (_LENGTH.pack(len(field)), field)
            size += len(field)
        if size >= _SENT_AT_ONCE:
            yield b"".join([BEGINNING, *pieces, END])
            pieces, size = [], 0
    if pieces:
        yield b"".join([BEGINNING, *pieces, END])


class TupleReceiver:
    """The file that COPY writes to: hands over the fields of each tuple as soon as it is there."""

    def __init__(self, receive: Callable[[list[bytes]], None]) -> None:
        self._receive = receive
        self._expects_beginning = True
        self._pending = b""

    def write(self, sent: bytes) -> int:
        self._pending += sent  # mostly a whole tuple, of which Python makes no copy
        at = 0
        if self._expects_beginning and len(self._pending) >= len(BEGINNING):
            at, self._expects_beginning = len(BEGINNING), False
        while not self._expects_beginning and (found := self._tuple_at(at)) is not None:
            fields, at = found
            self._receive(fields)
        self._pending = self._pending[at:]
        return len(sent)

    def _tuple_at(self, at: int) -> tuple[list[bytes], int] | None:
        """Return the fields of the tuple that begins there, and its end; None if it is not whole.

        None as well for the end of all tuples.
        """
        pending = self._pending
        if len(pending) < at + _FIELDS.size:
            return None
        (count,) = _FIELDS.unpack_from(pending, at)
        if count < 0:
            return None
        at += _FIELDS.size
        fields: list[bytes] = []
        for _ in range(count):
            if len(pending) < at + _LENGTH.size:
                return None
            (length,) = _LENGTH.unpack_from(pending, at)
            at += _LENGTH.size
            if len(pending) < at + length:
                return None
            fields.append(pending[at : at + length])
            at += length
        return fields, at
