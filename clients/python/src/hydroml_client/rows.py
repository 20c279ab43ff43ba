"""Rows as Python values, as an Arrow table and as a data frame of pandas."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas
    import pyarrow

_ENDS_WITH_OFFSET = re.compile(r"(Z|[+-]\d{2}:\d{2})$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One page of a session's rows."""

    rows: Sequence[Mapping[str, Any]]
    types: Mapping[str, str]  # of the columns, in their order
    number: int
    pages: int
    total_rows: int  # of the session
    filtered_rows: int  # that the filter finds
    version: int | None

    @classmethod
    def of(cls, answer: Mapping[str, Any]) -> Page:
        pagination = answer["pagination"]
        return cls(
            rows=answer["data"],
            types={column["name"]: column["type"] for column in answer["columns"]},
            number=pagination["page_number"],
            pages=pagination["total_pages"],
            total_rows=pagination["total_rows"],
            filtered_rows=pagination["filtered_rows"],
            version=answer["version"],
        )

    def table(self) -> pyarrow.Table:
        """Return the rows as an Arrow table, which `polars.from_arrow` takes too."""
        import pyarrow

        columns = {
            name: _arrow([row[name] for row in self.rows], type_)
            for name, type_ in self.types.items()
        }
        return pyarrow.table(columns)

    def frame(self) -> pandas.DataFrame:
        """Return the rows as a data frame."""
        return frame_of(self.table())


def frame_of(table: pyarrow.Table) -> pandas.DataFrame:
    """Return a data frame of the same types, in which integers and booleans may be missing."""
    import pandas

    return table.to_pandas(types_mapper=pandas.ArrowDtype)


def _arrow(values: list[Any], type_: str) -> pyarrow.Array:
    import pyarrow

    if type_ == "date":
        return pyarrow.array(values, pyarrow.string()).cast(pyarrow.date32())
    if type_ == "datetime":
        return _moments(values)
    types = {"integer": pyarrow.int64(), "float": pyarrow.float64(), "boolean": pyarrow.bool_()}
    return pyarrow.array(values, types.get(type_, pyarrow.string()))


def _moments(values: list[str | None]) -> pyarrow.Array:
    """Return moments, with an offset or without; the texts where only some have one."""
    import pyarrow

    with_offset = {bool(_ENDS_WITH_OFFSET.search(value)) for value in values if value is not None}
    texts = pyarrow.array(values, pyarrow.string())
    if len(with_offset) > 1:
        return texts
    return texts.cast(pyarrow.timestamp("us", tz="UTC" if True in with_offset else None))
