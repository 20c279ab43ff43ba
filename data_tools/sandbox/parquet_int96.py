"""In which unit to read timestamps of 96 bits, as Spark, Hive and Impala write them.

They hold nanoseconds of any year. Arrow reads them as nanoseconds of 64 bits, in which 9999-12-31
silently becomes a day of 1816, or as microseconds, which silently cuts digits off. So the columns
are read in both units first; few files have such columns.
"""

from __future__ import annotations

from collections.abc import Iterator

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import parquet

from data_tools.sandbox.nested_json import is_list
from data_tools.sandbox.refusal import Code, Refusal

_BATCH_ROWS = 8_192
# The last microsecond that nanoseconds of 64 bits reach, either side of 1970.
_LAST_MICROSECOND = (2**63 - 1) // 1000


def has_int96(file: parquet.ParquetFile) -> bool:
    """Tell whether a column, or what is inside its lists or maps, is of such timestamps."""
    return bool(_columns(file))


def int96_unit(file: parquet.ParquetFile, microseconds: parquet.ParquetFile) -> str:
    """Return `us` or `ns`, whichever keeps every timestamp of the file.

    `microseconds` is the same file, opened to read these columns in that unit.

    Raises:
        Refusal: some are too fine for one unit, and others too far away for the other.
    """
    columns = _columns(file)
    are_fine = are_far = False
    for in_ns, in_us in zip(
        file.iter_batches(_BATCH_ROWS, columns=columns, use_threads=False),
        microseconds.iter_batches(_BATCH_ROWS, columns=columns, use_threads=False),
        strict=True,
    ):
        for nanoseconds, of_us in zip(_timestamps(in_ns), _timestamps(in_us), strict=True):
            if nanoseconds.type == of_us.type:
                continue  # of a column with the same path, in 64 bits
            whole = of_us.cast(pa.int64())
            # Both wrap around in the same way, so the difference is right for any year.
            rest = pc.subtract(nanoseconds.cast(pa.int64()), pc.multiply(whole, 1000))
            are_fine |= bool(pc.any(pc.not_equal(rest, 0)).as_py())
            far = pc.or_(pc.greater(whole, _LAST_MICROSECOND), pc.less(whole, -_LAST_MICROSECOND))
            are_far |= bool(pc.any(far).as_py())
    if are_fine and are_far:
        raise Refusal(
            Code.UNSUPPORTED_COLUMN,
            f"Some timestamps, in column “{columns[0][:80]}” or another, are finer than a "
            "microsecond, and some lie outside the years 1678 to 2261. Save them as text.",
        )
    return "ns" if are_fine else "us"


def _columns(file: parquet.ParquetFile) -> list[str]:
    """Return the paths of the columns; two may have the same one if names contain points."""
    columns = [file.schema.column(position) for position in range(len(file.schema))]
    return list(dict.fromkeys(one.path for one in columns if one.physical_type == "INT96"))


def _timestamps(values: pa.RecordBatch | pa.Array) -> Iterator[pa.Array]:
    """Yield all timestamps inside the values, one array for each column of the file."""
    if isinstance(values, pa.RecordBatch):
        parts = values.columns
    elif pa.types.is_timestamp(values.type):
        yield values
        return
    elif pa.types.is_map(values.type):
        parts = [values.keys, values.items]
    elif is_list(values.type) or pa.types.is_struct(values.type):
        inner = values.flatten()
        parts = inner if isinstance(inner, list) else [inner]
    else:
        return
    for part in parts:
        yield from _timestamps(part)
