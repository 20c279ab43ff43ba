"""Read something a piece at a time, the next one while the last is being worked on."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

_Piece = TypeVar("_Piece")


def one_ahead(pieces: Iterator[_Piece]) -> Iterator[_Piece]:
    """Yield the pieces, none of which is None, making the next one in another thread meanwhile.

    An error of theirs is raised where its piece would have come.
    """
    with ThreadPoolExecutor(max_workers=1, thread_name_prefix="ingest") as worker:
        next_piece = worker.submit(next, pieces, None)
        while (piece := next_piece.result()) is not None:
            next_piece = worker.submit(next, pieces, None)
            yield piece
