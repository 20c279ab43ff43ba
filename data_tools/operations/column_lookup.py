"""Finding the columns a user named, or meant, among the session's columns; names that are free."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from data_tools.columns import ColumnType
from data_tools.operations.exceptions import ColumnExists, ColumnNotFound, InvalidParameter
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


def suitable_columns(
    columns: Sequence[Column],
    names: Sequence[str] | None,
    types: Collection[ColumnType],
    *,
    of_what: str,
    path: str = "columns",
) -> list[Column]:
    """The columns named, which must be of these types; without names, every column that is.

    `of_what` says in the plural what such columns hold. Raises: ColumnNotFound, InvalidParameter.
    """
    if names is None:
        found = [column for column in columns if column.type in types]
        if not found:
            raise InvalidParameter(path, f"there is no column of {of_what}")
        return found
    named = columns_named(columns, names)
    for column in named:
        if column.type not in types:
            raise InvalidParameter(
                path,
                f"must name columns of {of_what}, and one is of {column.type}",
                message=f'Column "{column.name}" is of {column.type}, not of {of_what}',
                column=column.name,
            )
    return named


def free_name(wanted: str, taken: Collection[str]) -> str:
    """`wanted`, or where a column has that name `wanted_2`, `wanted_3` …"""
    name, count = wanted, 1
    while name in taken:
        count += 1
        name = f"{wanted}_{count}"
    return name


def require_free(name: str, columns: Iterable[Column]) -> str:
    """`name`, which a user gave to a new column. Raises: ColumnExists."""
    if any(column.name == name for column in columns):
        raise ColumnExists(f'Column "{name}" already exists', details={"column": name})
    return name
