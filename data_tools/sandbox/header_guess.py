"""Guess which row of a table holds the names of its columns.

It is part of the sandbox, which reads workbooks and may import nothing of the ingest. CSV files are
read by the same rule. JSON, whose texts and numbers differ, has a rule of its own: see
`ingest.formats.json_records`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from data_tools.sandbox.cell_looks import is_number_or_moment

Row = Sequence[str | None]

_YEAR = re.compile(r"(1[89]|2[01])\d\d")
SAMPLE_ROWS = 100
"""How many rows at the top of a table are worth passing to `guess_header`."""


def guess_header(rows: Sequence[Row]) -> int:
    """Return the index of the row with the names: 0, or that of the row below a table's title.

    `rows` are the first rows of the table, empty ones among them; an empty cell is None or blank.
    Rows with at most one filled cell are a title if the next row fills all columns of a wider
    table, and looks like names. A table of two columns has to show in its rows, too, that those
    are names: a column of numbers, dates or times below a word.
    """
    index = next((index for index, row in enumerate(rows) if len(_filled(row)) > 1), 0)
    if index == 0:
        return 0
    table = [_filled(row) for row in rows[index:]]
    names, *below = table
    columns = range(min(map(min, filter(None, table))), max(map(max, filter(None, table))) + 1)
    is_full = len(names) == len(columns)
    if not is_full or looks_like_data(rows[index]) or len(set(names.values())) < len(names):
        return 0
    if len(columns) == 2 and not any(_is_of_data(position, below) for position in columns):
        return 0
    return index


def looks_like_data(row: Row) -> bool:
    """Tell whether a row holds a date, a time or a number other than a year, as names seldom do."""
    return any(
        is_number_or_moment(cell) and not _YEAR.fullmatch(cell) for cell in _filled(row).values()
    )


def _filled(row: Row) -> dict[int, str]:
    """Return the cells that are not empty, by position."""
    return {position: cell.strip() for position, cell in enumerate(row) if cell and cell.strip()}


def _is_of_data(position: int, rows: Sequence[dict[int, str]]) -> bool:
    cells = [row[position] for row in rows if position in row]
    return bool(cells) and all(map(is_number_or_moment, cells))
