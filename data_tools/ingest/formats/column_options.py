"""Pass the options for single columns on to them: types, date formats and names."""

from __future__ import annotations

from collections.abc import Iterable

from data_tools.columns import unique_names
from data_tools.ingest.exceptions import ColumnNotFound, DuplicateColumn
from data_tools.ingest.options import ColumnOptions, ReadingOptions
from data_tools.ingest.table import TableFile, shortened

_MOST_LISTED_NAMES = 10


def follow_options(table: TableFile, options: ReadingOptions) -> None:
    """Make the table's columns follow the options, before any value is observed.

    Raises:
        ColumnNotFound: the options name a column that the table does not have.
        DuplicateColumn: two columns would have one name.
    """
    names = table.names
    if options.trims:
        names = unique_names([name.strip() for name in names])
    unknown = [name for name in options.columns if name not in set(names)]
    if unknown:
        raise ColumnNotFound(
            f"The file has no column {_listed(unknown)}, of which the options say how to read it. "
            f"Its columns are {_listed(names)}.",
            report={"columns": unknown},
        )
    taken: set[str] = set()
    for name, column in zip(names, table.columns, strict=True):
        column_options = options.columns.get(name, ColumnOptions())
        column.report.name = column_options.name or name
        column.follow(options, column_options)
        if column.report.name in taken:
            raise DuplicateColumn(
                f"With these options, two columns are called “{shortened(column.report.name)}”.",
                report={"columns": [column.report.name]},
            )
        taken.add(column.report.name)


def _listed(names: Iterable[str]) -> str:
    listed = [f"“{shortened(name)}”" for name in names]
    return ", ".join(listed[:_MOST_LISTED_NAMES]) + (
        ", …" if len(listed) > _MOST_LISTED_NAMES else ""
    )
