"""The columns that a user named, or that suit an operation; parameters for them; free names."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace

from data_tools.columns import ColumnType
from data_tools.operations.exceptions import ColumnExists, ColumnNotFound, InvalidParameter
from data_tools.operations.messages import what_holds
from data_tools.operations.parameters import ColumnName, ColumnNames, Parameter
from session_events.events import Column

COLUMN = Parameter("column", ColumnName(), "The column's name.", required=True)
COLUMNS = Parameter(
    "columns",
    ColumnNames(empty_message="At least one column must be specified"),
    "Names of the columns.",
    required=True,
)

TEXT_COLUMNS = Parameter(
    "columns",
    ColumnNames(
        column_types=(ColumnType.TEXT,), empty_message="At least one column must be specified"
    ),
    "Names of the columns.",
    required=True,
)


def column_of(types: Collection[ColumnType]) -> Parameter:
    """Return the parameter for the name of a column of one of these types."""
    return replace(COLUMN, kind=ColumnName(column_types=types))


def require_column(columns: Iterable[Column], name: str) -> Column:
    """Return the column of that name.

    Raises:
        ColumnNotFound: there is none.
    """
    for column in columns:
        if column.name == name:
            return column
    raise ColumnNotFound(f'Column "{name}" not found', details={"column": name})


def require_column_with_key(columns: Iterable[Column], key: str | None) -> Column:
    """Return the column with that key.

    Raises:
        ColumnNotFound: there is none.
    """
    for column in columns:
        if column.key == key:
            return column
    raise ColumnNotFound(f'No column has the key "{key}"', details={"key": key})


def require_columns(columns: Iterable[Column], names: Iterable[str]) -> list[Column]:
    """Return the columns of these names, in the order of the names.

    Raises:
        ColumnNotFound: names all that do not exist.
    """
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
    """Return the columns of these names; without names, every column of one of `types`.

    `of_what` says in the plural what columns of these types hold.

    Raises:
        ColumnNotFound: a name belongs to no column.
        InvalidParameter: a named column is of another type, or no column is of these types.
    """
    if names is None:
        suitable = [column for column in columns if column.type in types]
        if not suitable:
            reason = f"there is no column of {of_what}"
            raise InvalidParameter(path, reason, told=f"There is no column of {of_what}.")
        return suitable
    named = require_columns(columns, names)
    for column in named:
        if column.type not in types:
            raise InvalidParameter(
                path,
                f"must name columns of {of_what}, and one is of {column.type}",
                message=f'Column "{column.name}" is of {column.type}, not of {of_what}',
                told=f"{what_holds(column.name, column.type)}. This step needs {of_what}.",
                column=column.name,
            )
    return named


def text_columns(columns: Sequence[Column], names: Sequence[str] | None) -> list[Column]:
    """Return the named columns, or every column of text, as `suitable_columns` does."""
    return suitable_columns(columns, names, {ColumnType.TEXT}, of_what="text")


def free_name(wanted: str, taken: Collection[str]) -> str:
    """Return `wanted`, or `wanted_2`, `wanted_3` … where a column has that name."""
    name, count = wanted, 1
    while name in taken:
        count += 1
        name = f"{wanted}_{count}"
    return name


def require_free_name(name: str, columns: Iterable[Column]) -> str:
    """Return `name`, which a user gave to a new column.

    Raises:
        ColumnExists: a column has that name.
    """
    if any(column.name == name for column in columns):
        raise ColumnExists(f'Column "{name}" already exists', details={"column": name})
    return name
