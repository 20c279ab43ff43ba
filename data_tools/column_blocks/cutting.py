"""Rows of a revision, cut into blocks as they come."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import pyarrow as pa

BLOCK_ROWS = 65_536
# Of all columns together: a table of thousands of columns, or of long texts, has blocks of fewer
# rows. While a cut is written, long texts take three to four times as much memory.
MOST_CUT_BYTES = 32 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """The rows of one block number, as batches of columns of JSON texts."""

    block: int
    batches: list[pa.RecordBatch]

    @property
    def row_count(self) -> int:
        return sum(batch.num_rows for batch in self.batches)

    def texts_of(self, columns: Iterable[int]) -> pa.StringArray:
        """Return the texts of the columns in these places, those of one after those of another."""
        return pa.concat_arrays([batch.column(at) for at in columns for batch in self.batches])


class BlockCutter:
    """Cuts the rows of a revision into blocks; all columns at the same rows.

    A block ends after BLOCK_ROWS rows, or after the batch with which its texts exceed
    MOST_CUT_BYTES, so nobody may conclude from a block's number which rows it holds. It looks at no
    text, and touches no database: another thread may use it than the one that takes the cuts.
    """

    def __init__(self, width: int) -> None:
        self.row_count = 0
        self._schema = pa.schema([(str(at), pa.string()) for at in range(width)])
        # Not as arrays: with the object around it, one of few rows takes several times its bytes.
        self._batches: list[pa.RecordBatch] = []
        self._cuts = self._rows = self._bytes = 0

    def add(self, columns: Sequence[pa.StringArray]) -> Iterator[Cut]:
        """Take the next rows as JSON texts, a column at a time; yield the blocks that they end."""
        if not columns:
            return
        batch = pa.RecordBatch.from_arrays(list(columns), schema=self._schema)
        done = 0
        while done < len(batch):
            part = batch.slice(done, BLOCK_ROWS - self._rows)
            self._batches.append(part)
            self._bytes += part.nbytes
            done += len(part)
            self._rows += len(part)
            self.row_count += len(part)
            if self._rows == BLOCK_ROWS or self._bytes >= MOST_CUT_BYTES:
                yield self._cut()

    def rest(self) -> Iterator[Cut]:
        """Yield the last block, unless the rows ended with one."""
        if self._rows:
            yield self._cut()

    def _cut(self) -> Cut:
        cut = Cut(block=self._cuts, batches=self._batches)
        self._batches = []
        self._cuts += 1
        self._rows = self._bytes = 0
        return cut


def as_chunks(pieces: Sequence[pa.Array]) -> pa.ChunkedArray:
    """Return arrays of one type, or of nulls, as chunks of that type.

    Raises:
        pyarrow.ArrowInvalid: they are of several types.
    """
    types = {piece.type for piece in pieces if not pa.types.is_null(piece.type)}
    if len(types) > 1:
        raise pa.ArrowInvalid("blocks of one column are of several types")
    type_ = types.pop() if types else pa.null()
    return pa.chunked_array([of_type(piece, type_) for piece in pieces], type_)


def of_type(values: pa.Array, type_: pa.DataType) -> pa.Array:
    """Return values of this type, or nulls, as values of this type."""
    return pa.nulls(len(values), type_) if pa.types.is_null(values.type) else values
