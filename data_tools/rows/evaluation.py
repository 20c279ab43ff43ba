"""Cells computed in this process, out of a dataset's own columns as blocks hold them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import pyarrow as pa

from data_tools.sql.expressions import Computed, Expression, Stored, inputs_first
from data_tools.under_way.requests import require_time


def stored_inputs(outputs: Sequence[Expression]) -> list[Stored] | None:
    """Return the stored columns that expressions are computed from, each position once.

    None if some of what they do can only be done by the database.
    """
    stored: dict[int, Stored] = {}
    for node in inputs_first(outputs):
        if isinstance(node, Stored):
            stored.setdefault(node.position, node)
        elif not isinstance(node, Computed) or node.compute is None:
            return None
    return list(stored.values())


def evaluate(
    outputs: Sequence[Expression], columns: Mapping[int, pa.ChunkedArray]
) -> Iterator[list[pa.Array] | None]:
    """Yield the cells of expressions in row order: some rows at a time, an array for each.

    `columns` are the `stored_inputs` by position. Yields None, and then nothing more, if only the
    database can compute a cell after all.

    Raises:
        TookTooLong: the request's time is over.
    """
    nodes = inputs_first(outputs)
    table = pa.table({str(position): column for position, column in columns.items()})
    for batch in table.to_batches():
        require_time()
        cells: dict[int, pa.Array] = {}
        for node in nodes:
            if isinstance(node, Stored):
                cell = batch.column(str(node.position))
            else:
                assert isinstance(node, Computed)
                assert node.compute is not None
                cell = node.compute(*(cells[id(below)] for below in node.inputs))
            if cell is None:
                yield None
                return
            cells[id(node)] = cell
        yield [cells[id(output)] for output in outputs]
