"""Columns that come one after the other, turned into rows by way of a temporary file.

So a file of columns takes as little memory as one of records. The temporary file has no name.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

from data_tools.ingest.formats.json_values import DECODER, as_json

# Of all columns together, while rows are read: each is read through a buffer of its own.
_BUFFER_BYTES = 16 << 20
_LARGEST_BUFFER_BYTES, _SMALLEST_BUFFER_BYTES = 1 << 18, 1 << 12


class ColumnStore:
    """Columns of JSON values. Close it after use."""

    def __init__(self) -> None:
        self._file = tempfile.TemporaryFile()
        self._starts: list[int] = []
        self._end = 0

    def close(self) -> None:
        self._file.close()

    def begin(self) -> None:
        """Begin the next column."""
        self._starts.append(self._end)

    def append(self, value: Any) -> None:
        """Add a value to the column that was begun last.

        Raises:
            RecursionError: the value is nested too deeply.
        """
        line = as_json(value).encode("utf-8", "surrogatepass") + b"\n"
        self._file.write(line)
        self._end += len(line)

    def drop_last(self) -> None:
        """Forget the column that was added last."""
        self._end = self._starts.pop()
        self._file.seek(self._end)

    def rows(self) -> Iterator[list[Any]]:
        """Yield the rows, as many as the shortest column has."""
        self._file.flush()
        size = _BUFFER_BYTES // max(1, len(self._starts))
        size = min(_LARGEST_BUFFER_BYTES, max(_SMALLEST_BUFFER_BYTES, size))
        ranges = pairwise([*self._starts, self._end])
        columns = [self._values(start, end, size) for start, end in ranges]
        yield from map(list, zip(*columns, strict=False))

    def _values(self, start: int, end: int, size: int) -> Iterator[Any]:
        rest = b""
        while start < end:
            piece = os.pread(self._file.fileno(), min(size, end - start), start)
            start += len(piece)
            *lines, rest = (rest + piece).split(b"\n")
            if lines:  # all at once, which takes a quarter of the time
                yield from DECODER.decode(f"[{b','.join(lines).decode('utf-8', 'surrogatepass')}]")
