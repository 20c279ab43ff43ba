"""A page of rows as other tools read it, from the Parquet file to JSON bytes."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import duckdb
import orjson
import pandas as pd


def pandas_page(path: Path, *, offset: int, size: int) -> bytes:
    """Return a page as the existing back end makes it: read the file, slice, convert to records.

    Its checks, its conversions cell by cell and its slower JSON are left out, in its favour.
    """
    frame = pd.read_parquet(path)
    return as_json(frame.iloc[offset : offset + size].to_dict("records"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """The rows with more than a number in a column, or all rows ordered by some columns."""

    more_than: tuple[str, float] | None = None
    sorted_by: tuple[str, ...] = ()


def pandas_selected_page(path: Path, selection: Selection, *, offset: int, size: int) -> bytes:
    """Like `pandas_page` for a filter or an order, which is computed again for each page."""
    frame = pd.read_parquet(path)
    if selection.more_than is not None:
        column, least = selection.more_than
        frame = frame[frame[column] > least]
    if selection.sorted_by:
        frame = frame.sort_values([*selection.sorted_by])
    return as_json(frame.iloc[offset : offset + size].to_dict("records"))


class DuckDB:
    """One connection, kept open, which remembers the file's metadata."""

    def __init__(self) -> None:
        self._connection = duckdb.connect()
        self._connection.execute("SET enable_object_cache = true")

    def page(self, path: Path, *, offset: int, size: int) -> bytes:
        """Return a page by position in the file, which lets DuckDB skip whole row groups."""
        cursor = self._connection.execute(
            "SELECT * EXCLUDE (file_row_number) FROM read_parquet(?, file_row_number = true)"
            " WHERE file_row_number >= ? AND file_row_number < ? ORDER BY file_row_number",
            [str(path), offset, offset + size],
        )
        return _records(cursor)

    def selected_page(self, path: Path, selection: Selection, *, offset: int, size: int) -> bytes:
        """Return a page of a filter with the count of what it finds, or of an order."""
        rows = "FROM read_parquet(?)"
        parameters: list[object] = [str(path)]
        if selection.more_than is not None:
            column, least = selection.more_than
            rows, parameters = f'{rows} WHERE "{column}" > ?', [str(path), least]
            self._connection.execute(f"SELECT count(*) {rows}", parameters).fetchone()
        keys = ", ".join(f'"{name}" NULLS LAST' for name in selection.sorted_by)
        ordered = f" ORDER BY {keys}" if keys else ""
        return _records(
            self._connection.execute(
                f"SELECT * {rows}{ordered} LIMIT ? OFFSET ?", [*parameters, size, offset]
            )
        )


def _records(cursor: duckdb.DuckDBPyConnection) -> bytes:
    names = [column[0] for column in cursor.description]
    return as_json([dict(zip(names, row, strict=True)) for row in cursor.fetchall()])


def as_json(records: list[dict[str, object]]) -> bytes:
    return orjson.dumps(records, option=orjson.OPT_SERIALIZE_NUMPY, default=str)
