"""Which columns of a dataset a session's operations need, and how many still find theirs. Pure.

Names decide, positions do not. An operation finds its columns by the names they had when it was
applied; those are traced back to the dataset's own columns through every rename and every copy
before it. An operation that looks at values needs its columns' types too. One that only moves names
does not; but a copy has the type of its source, and so an operation on the copy needs that type.

Note [Names that came with a file]
    The new file may bring a column whose name an operation gave to another. That operation could
    not be applied; or worse, a later one would take the file's column for the session's. So an
    operation that gives a name which came with the file does not fit.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from data_tools.operations.catalogue import OPERATIONS
from session_events.events import Column, Operation
from session_events.state import columns_after


@dataclass(frozen=True, slots=True, kw_only=True)
class Needs:
    """What one operation needs of the dataset: columns by name, with their type where it matters.

    `new_names` are the names that the operation gives to columns.
    """

    types: Mapping[str, str | None]
    new_names: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Fit:
    """How well a session's operations fit on other columns.

    `operations` counts those before the first that does not fit. The names are those of all
    operations: dataset columns that are `missing` or `retyped`, and `taken` ones, which the session
    gave to columns and which came with the file.
    """

    operations: int
    missing: tuple[str, ...] = ()
    retyped: tuple[str, ...] = ()
    taken: tuple[str, ...] = ()


def needed_columns(
    base_columns: tuple[Column, ...], operations: Iterable[Operation]
) -> dict[str, str | None]:
    """Return the dataset columns that operations need, in order; the type where it matters."""
    needed: dict[str, str | None] = {}
    for needs in each_needs(base_columns, operations):
        for name, column_type in needs.types.items():
            needed[name] = needed.get(name) or column_type
    return {column.name: needed[column.name] for column in base_columns if column.name in needed}


def fit(
    base_columns: tuple[Column, ...],
    operations: tuple[Operation, ...],
    new_columns: Iterable[Column],
) -> Fit:
    """Return how well `operations`, made on `base_columns`, fit on `new_columns`."""
    types = {column.name: column.type for column in new_columns}
    came_along = types.keys() - {column.name for column in base_columns}
    all_needs = each_needs(base_columns, operations)
    fitting = 0
    while fitting < len(all_needs) and _fits(all_needs[fitting], types, came_along):
        fitting += 1
    needed = needed_columns(base_columns, operations)
    return Fit(
        operations=fitting,
        missing=tuple(name for name in needed if name not in types),
        retyped=tuple(
            name
            for name, column_type in needed.items()
            if column_type and types.get(name, column_type) != column_type
        ),
        taken=tuple(sorted(came_along & {name for needs in all_needs for name in needs.new_names})),
    )


def each_needs(
    base_columns: tuple[Column, ...], operations: Iterable[Operation]
) -> tuple[Needs, ...]:
    """Return what each operation needs, in order."""
    base = {column.key: column for column in base_columns}
    origins = {key: frozenset({key}) for key in base}  # the base columns each column is made of
    columns, all_needs = base_columns, []
    for operation in operations:
        keys = {column.name: column.key for column in columns}
        declaration = OPERATIONS.get(operation.operation)
        if declaration is None:  # of a newer server: it may look at anything
            named, looks_at_values = list(keys), True
        else:
            named = declaration.columns_named(operation.parameters)
            looks_at_values = declaration.looks_at_values
        needed = {name: origins.get(keys.get(name, ""), frozenset()) for name in named}
        all_needed = frozenset[str]().union(*needed.values())
        all_needs.append(
            Needs(
                types={
                    column.name: column.type if looks_at_values else None
                    for column in base_columns
                    if column.key in all_needed
                },
                new_names=frozenset(
                    change.name
                    for change in operation.column_changes
                    if change.name and change.key != keys.get(change.name)
                ),
            )
        )
        sources = operation.fitted.get("sources", {})
        for change in operation.column_changes:
            if change.action == "add":
                origins[change.key] = origins.get(sources.get(change.key, ""), all_needed)
        columns = columns_after(columns, [operation])
    return tuple(all_needs)


def _fits(needs: Needs, types: Mapping[str, str], came_along: Iterable[str]) -> bool:
    return needs.new_names.isdisjoint(came_along) and all(
        name in types and column_type in (None, types[name])
        for name, column_type in needs.types.items()
    )
