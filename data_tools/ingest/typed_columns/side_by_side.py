"""Batches of many columns of floats, looked at together.

# Note [Columns side by side]
A batch of a wide table has few rows, and a column looks at them by some twenty calls of Arrow, each
of which takes longer than its few values. Most columns of a wide table are floats, and once a
column knows that it is one, a batch tells it nothing new if it is plain: each number is the
shortest form of its double, has no exponent, is not minus zero, and is not so large that a double
may not be that integer. So the batches of these columns are put together, and looked at as one; and
where floats have to be written in another form than the file's, all of them are written together.
"""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa
import pyarrow.compute as pc

from data_tools.columns import LARGEST_EXACT_INTEGER
from data_tools.ingest.stored_rows.json_texts import unquoted
from data_tools.ingest.table import Column
from data_tools.ingest.typed_columns.inferred_column import InferredColumn
from data_tools.ingest.typed_columns.text_parsers import cast_exactly


def observe(columns: Sequence[Column], batch: Sequence[pa.Array]) -> None:
    """Let each column observe its values of a batch. See Note [Columns side by side].

    Raises:
        IngestError: as `observe` of the first column that raises one.
    """
    floats = {
        at: column
        for at, column in enumerate(columns)
        if isinstance(column, InferredColumn) and column.awaits_plain_floats
    }
    are_plain = dict(zip(floats, are_plain_floats([batch[at] for at in floats]), strict=True))
    for at, (column, values) in enumerate(zip(columns, batch, strict=True)):
        if are_plain.get(at):
            floats[at].observe_plain_floats(values)
        else:
            column.observe(values)


def json_texts(columns: Sequence[Column], batch: Sequence[pa.Array]) -> list[pa.StringArray]:
    """Return the values of each column as JSON texts, null where missing.

    Raises:
        pyarrow.ArrowInvalid: the values are not those that were observed.
    """
    floats = [
        at
        for at, column in enumerate(columns)
        if isinstance(column, InferredColumn) and column.rewrites_floats
    ]
    written: dict[int, pa.StringArray] = {}
    if floats:
        together = unquoted(pa.concat_arrays([batch[at] for at in floats]).cast(pa.float64()))
        rows = len(batch[0])
        written = {at: together.slice(rows * nth, rows) for nth, at in enumerate(floats)}
    return [
        written[at] if at in written else column.json_texts(values)
        for at, (column, values) in enumerate(zip(columns, batch, strict=True))
    ]


def are_plain_floats(arrays: Sequence[pa.StringArray]) -> list[bool]:
    """Tell of each of some arrays of one length whether it has nothing but plain floats, or nulls.

    An array with a text that is no number costs looking at its neighbours several times.
    """
    if not arrays:
        return []
    together = pa.concat_arrays(arrays)
    numbers = cast_exactly(together, pa.float64())
    if numbers is None:
        if len(arrays) == 1:
            return [False]
        middle = len(arrays) // 2
        return are_plain_floats(arrays[:middle]) + are_plain_floats(arrays[middle:])
    is_shortest = pc.equal(numbers.cast(pa.string()), together)
    is_small = pc.less(pc.abs(numbers), LARGEST_EXACT_INTEGER)
    is_other = pc.or_(pc.match_substring(together, "e"), pc.equal(together, "-0"))
    is_plain = pc.and_not(pc.and_(is_shortest, is_small), is_other).fill_null(True)
    of_arrays = is_plain.to_numpy(zero_copy_only=False).reshape(len(arrays), -1)
    are_plain: list[bool] = of_arrays.all(axis=1).tolist()
    return are_plain
