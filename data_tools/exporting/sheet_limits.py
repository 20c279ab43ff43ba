"""Whether rows fit into one sheet of a workbook, found out before the file begins.

Source: Microsoft, "Excel specifications and limits".
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import pyarrow as pa
import pyarrow.compute as pc

from data_tools.columns import ColumnType
from data_tools.exporting.exceptions import ExportDoesNotFit
from session_events.events import Column

MOST_ROWS = 1_048_576  # with the header
MOST_COLUMNS = 16_384
LONGEST_TEXT = 32_767  # UTF-16 code units, of which a rare character has two

_LARGE_SHEET_BYTES = 2 << 30
_CELL_BYTES = 80  # at most, of a cell's XML without its text
_LONGEST_ESCAPE_BYTES = 7  # for one byte of a text


def require_size(row_count: int, columns: Sequence[Column]) -> None:
    """Raise unless a sheet has as many rows and columns, and its cells hold the names.

    Raises:
        ExportDoesNotFit: it has not; the message names the limit.
    """
    if row_count > MOST_ROWS - 1:
        raise _refusal("rows below its header", MOST_ROWS - 1, row_count)
    if len(columns) > MOST_COLUMNS:
        raise _refusal("columns", MOST_COLUMNS, len(columns))
    for column in columns:
        _require_short(column.name, "the name of a column", column)


def require_short_texts(slices: Iterable[Sequence[pa.Array]], columns: Sequence[Column]) -> None:
    """Raise unless every text fits into a cell.

    Raises:
        ExportDoesNotFit: one is too long; the message names it, and the limit.
    """
    texts_at = [at for at, column in enumerate(columns) if column.type == ColumnType.TEXT]
    rows_before = 0
    for arrays in slices:
        for at in texts_at:
            might_be_long = pc.greater(pc.binary_length(arrays[at]), LONGEST_TEXT)
            for row in pc.indices_nonzero(might_be_long).to_pylist():
                where = f"row {rows_before + row + 1}"
                _require_short(arrays[at][row].as_py(), where, columns[at])
        rows_before += len(arrays[0]) if arrays else 0


def is_large(row_count: int, columns: Sequence[Column], *, all_text_bytes: int) -> bool:
    """Tell whether the sheet's XML might take more than 2 GiB."""
    cells = (row_count + 1) * len(columns)
    return cells * _CELL_BYTES + all_text_bytes * _LONGEST_ESCAPE_BYTES > _LARGE_SHEET_BYTES


def _require_short(text: str, where: str, column: Column) -> None:
    length = len(text.encode("utf-16-le")) // 2
    if length > LONGEST_TEXT:
        raise ExportDoesNotFit(
            f"A cell of a sheet holds {LONGEST_TEXT:,} characters; {where} has {length:,}, in "
            f'column "{column.name[:100]}". Choose another format.',
            details={"column": column.name, "maximum": LONGEST_TEXT, "found": length},
        )


def _refusal(what: str, maximum: int, found: int) -> ExportDoesNotFit:
    return ExportDoesNotFit(
        f"A sheet has at most {maximum:,} {what}, and these are {found:,}. Choose another format, "
        "or fewer with a filter.",
        details={"maximum": maximum, "found": found},
    )
