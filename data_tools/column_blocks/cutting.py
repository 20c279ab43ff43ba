"""Rows of a revision, cut into blocks of each of its columns as they come."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import pyarrow as pa

from data_tools.column_blocks.json_values import values_of
from data_tools.columns import ColumnType

BLOCK_ROWS = 65_536
# Of all columns together: a table of thousands of columns, or of long texts, has blocks of fewer
# rows, so that those that are being cut take little memory.
MOST_CUT_BYTES = 64 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """The rows of one block number, of each column that has blocks."""

    block: int
    pieces: dict[int, list[pa.Array]]

    def columns(self) -> Iterator[tuple[int, pa.Array]]:
        """Yield the position and the values of each column, put together one after another."""
        for position, pieces in self.pieces.items():
            yield position, as_one(pieces)


@dataclass(slots=True)
class BlockCutter:
    """Cuts the rows of a revision into blocks; all columns at the same rows.

    A block ends after BLOCK_ROWS rows, or after the batch with which its values exceed
    MOST_CUT_BYTES, so nobody may conclude from a block's number which rows it holds. It touches no
    database, and may be used in another thread than what it cuts.

    `without_blocks` are the positions of columns of which some text does not follow from a value.
    Cuts made before that was seen may hold such a column.
    """

    types: Sequence[ColumnType]
    without_blocks: set[int] = field(default_factory=set, init=False)
    row_count: int = field(default=0, init=False)
    _cuts: int = field(default=0, init=False)
    _rows: int = field(default=0, init=False)
    _bytes: int = field(default=0, init=False)
    _pieces: dict[int, list[pa.Array]] = field(init=False)
    _arrow_types: dict[int, pa.DataType] = field(default_factory=dict, init=False)

    def __post_init__(self) -> None:
        self._pieces = {position: [] for position in range(len(self.types))}

    def add(self, columns: Sequence[pa.StringArray]) -> Iterator[Cut]:
        """Take the next rows as JSON texts, a column at a time; yield the blocks that they end."""
        batch_rows = len(columns[0]) if columns else 0
        done = 0
        while done < batch_rows:
            rows = min(BLOCK_ROWS - self._rows, batch_rows - done)
            self._take([texts.slice(done, rows) for texts in columns])
            done += rows
            self._rows += rows
            self.row_count += rows
            if self._rows == BLOCK_ROWS or self._bytes >= MOST_CUT_BYTES:
                yield self._cut()

    def rest(self) -> Iterator[Cut]:
        """Yield the last block, unless the rows ended with one."""
        if self._rows:
            yield self._cut()

    def _take(self, columns: Sequence[pa.StringArray]) -> None:
        for position, pieces in list(self._pieces.items()):
            values = values_of(columns[position], self.types[position])
            if values is None or not self._fits(position, values.type):
                self.without_blocks.add(position)
                del self._pieces[position]
            else:
                pieces.append(values)
                self._bytes += values.nbytes

    def _fits(self, position: int, type_: pa.DataType) -> bool:
        """Tell whether values of this type may follow those before: datetimes have several."""
        if pa.types.is_null(type_):
            return True
        return bool(self._arrow_types.setdefault(position, type_) == type_)

    def _cut(self) -> Cut:
        cut = Cut(block=self._cuts, pieces=self._pieces)
        self._pieces = {position: [] for position in self._pieces}
        self._cuts += 1
        self._rows = self._bytes = 0
        return cut


def as_one(pieces: Sequence[pa.Array]) -> pa.Array:
    """Return arrays of one type, or of nulls, as one array of that type."""
    chunked = as_chunks(pieces)
    if pa.types.is_dictionary(chunked.type):
        chunked = chunked.unify_dictionaries()
    return chunked.combine_chunks()


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
