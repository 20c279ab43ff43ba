"""Finding the columns a user named among the session's columns."""

from __future__ import annotations

from collections.abc import Iterable

from data_tools.operations.exceptions import ColumnNotFound
from session_events.events import Column


def column_named(columns: Iterable[Column], name: str) -> Column:
    """Raises: ColumnNotFound."""
    for column in columns:
        if column.name == name:
            return column
    raise ColumnNotFound(f'Column "{name}" not found', details={"column": name})


def columns_named(columns: Iterable[Column], names: Iterable[str]) -> list[Column]:
    """The columns in the order named. Raises: ColumnNotFound, naming all that are not there."""
    by_name = {column.name: column for column in columns}
    wanted = list(names)
    if unknown := [name for name in wanted if name not in by_name]:
        raise ColumnNotFound(f"Columns not found: {unknown}", details={"columns": unknown})
    return [by_name[name] for name in wanted]
