"""Sessions with many operations, made through the API as a person would make them."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

from benchmarks.client import Client
from benchmarks.datasets import tables
from data_tools.models import DataSource

Request = tuple[str, dict[str, Any]]

_FILL = "session/fill-missing-values/"
_TYPE = "session/change-column-type/"
_RENAME = "session/rename-column/"
_COLUMNS = "transform/columns/"


def mixed() -> Iterator[Request]:
    """Yield operations of all kinds, in turn over all columns; there are always 20 columns."""
    floats = [f"float_{place}" for place in range(1, 13)]
    integers = [f"integer_{place}" for place in range(1, 4)]
    texts = ["few_1", "few_2", "few_3", "many"]
    for turn in itertools.count():
        place = turn % len(floats)
        name, new_name = floats[place], f"measure_{place}_{turn}"
        integer, text = integers[turn % len(integers)], texts[turn % len(texts)]
        yield _FILL, {"columns": [name], "strategy": ("mean", "median")[turn % 2]}
        yield _RENAME, {"old_name": name, "new_name": new_name}
        yield _TYPE, {"column_name": new_name, "new_type": "text"}
        yield _TYPE, {"column_name": new_name, "new_type": "float"}
        yield _FILL, {"columns": [text], "strategy": "mode"}
        yield _FILL, {"columns": [integer], "strategy": "constant", "fill_value": 0}
        yield _COLUMNS, {"operation": "duplicate", "columns": [integer]}
        yield _COLUMNS, {"operation": "drop", "columns": [f"{integer}_copy"]}
        floats[place] = new_name


def on_one_column() -> Iterator[Request]:
    """Yield operations on one column alone: renamed, and from type to type, some values lost.

    From float to text and back is undone by the service, from float to integer and back cannot be.
    What is missing is filled first: the service refuses a type that no value of the column fits.
    """
    name = "float_12"
    for turn in itertools.count():
        new_name = f"measure_{turn}"
        yield _RENAME, {"old_name": name, "new_name": new_name}
        yield _FILL, {"columns": [new_name], "strategy": "constant", "fill_value": 7}
        yield _TYPE, {"column_name": new_name, "new_type": "integer", "on_error": "null"}
        yield _TYPE, {"column_name": new_name, "new_type": "float"}
        yield _TYPE, {"column_name": new_name, "new_type": "text"}
        yield _TYPE, {"column_name": new_name, "new_type": "float"}
        name = new_name


KINDS = {"of all kinds": mixed, "on one column": on_one_column}


def copy_for(source: DataSource, *, kind: str, count: int) -> DataSource:
    """Return the copy of `source` for a session with so many operations."""
    name = f"{source.name}, {count} operations {kind}"
    return tables.repeated(source, name, row_count=source.row_count)


def stacked(client: Client, source: DataSource, *, kind: str, count: int) -> DataSource:
    """Return a copy of `source` whose session has `count` operations, applied just now."""
    copy = copy_for(source, kind=kind, count=count)
    client.open_anew(copy.pk)
    requests = KINDS[kind]()
    for _ in range(count):
        endpoint, body = next(requests)
        client.post(copy.pk, endpoint, body)
    return copy
