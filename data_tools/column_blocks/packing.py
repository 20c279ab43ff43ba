"""Blocks of a column's values as bytes, each complete in itself.

A block is an Arrow IPC stream of one column and one batch, neither compressed nor padded beyond
Arrow's own form. A block of missing values alone is of Arrow's null type, whatever its column is.
The texts of a block are codes into a dictionary of its own, in code-point order and without a text
that is not in the block: so codes of one block compare as their texts do.
"""

from __future__ import annotations

import functools

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

_NAME = "v"
_NUMBERS, _NUMBER_BYTES = (pa.float64(), pa.int64()), 8


def packed(values: pa.Array) -> bytes:
    """Return the values of a block, of one of the types of `json_values.values_of`, as bytes."""
    if values.null_count == len(values):
        values = pa.nulls(len(values))
    elif pa.types.is_dictionary(values.type):
        values = with_sorted_dictionary(values)
    elif not values.null_count and values.type in _NUMBERS:
        before, after = _around(values.type, len(values))
        # A tenth of the time of a stream: a wide table has tens of thousands of small blocks.
        return b"".join([before, _bytes_of_numbers(values), after])
    return _stream(values)


@functools.lru_cache(maxsize=64)
def _around(type_: pa.DataType, rows: int) -> tuple[bytes, bytes]:
    """Return the bytes of a block before and after those of its numbers, of which none is null."""
    numbers = pa.array(np.full(rows, 1), type_)
    content = bytes(_bytes_of_numbers(numbers))
    block = _stream(numbers)
    first = block.rindex(content)
    return block[:first], block[first + len(content) :]


def _bytes_of_numbers(values: pa.Array) -> memoryview:
    _, numbers = values.buffers()
    first = values.offset * _NUMBER_BYTES
    return memoryview(numbers)[first : first + len(values) * _NUMBER_BYTES]


def _stream(values: pa.Array) -> bytes:
    sink = pa.BufferOutputStream()
    batch = pa.RecordBatch.from_arrays([values], [_NAME])
    with pa.ipc.new_stream(sink, batch.schema) as stream:
        stream.write_batch(batch)
    block: bytes = sink.getvalue().to_pybytes()
    return block


def unpacked(block: bytes) -> pa.Array:
    """Return the values of a block, which lie in the bytes themselves.

    Raises:
        pyarrow.ArrowInvalid: these are not the bytes of a block.
    """
    with pa.ipc.open_stream(pa.py_buffer(block)) as stream:
        [batch] = stream
    return batch.column(_NAME)


def with_sorted_dictionary(values: pa.DictionaryArray) -> pa.DictionaryArray:
    """Return the same values with a dictionary in order, of those that are there.

    Texts are in code-point order.
    """
    used = pc.unique(values.indices).drop_null()
    distinct = values.dictionary.take(used)
    order = pc.array_sort_indices(distinct)
    codes = np.zeros(len(values.dictionary), np.int32)
    codes[used.take(order)] = np.arange(len(order), dtype=np.int32)
    in_order = distinct.take(order)
    return pa.DictionaryArray.from_arrays(pa.array(codes).take(values.indices), in_order)
