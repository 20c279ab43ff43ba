"""The kinds of value that answers are made of, as JSON has them."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Literal, overload

from msgspec import Meta

from data_tools.columns import ColumnType

Success = Literal[True]
UUIDText = Annotated[str, Meta(extra_json_schema={"format": "uuid"})]
Time = Annotated[str, Meta(extra_json_schema={"format": "date-time"})]  # ISO 8601 in UTC
ColumnTypeName = Annotated[
    str, Meta(extra_json_schema={"enum": [kind.value for kind in ColumnType]})
]
Shape = Annotated[
    list[int], Meta(extra_json_schema={"minItems": 2, "maxItems": 2})
]  # [rows, columns]
PresentCell = str | float | bool
Cell = PresentCell | None


class Undocumented:
    """Marks a key that is sent and is not in the OpenAPI document."""


@overload
def iso(moment: dt.datetime) -> Time: ...
@overload
def iso(moment: None) -> None: ...
@overload
def iso(moment: dt.datetime | None) -> Time | None: ...
def iso(moment: dt.datetime | None) -> Time | None:
    """Return the moment in ISO 8601, in UTC; null stays null."""
    return None if moment is None else moment.astimezone(dt.UTC).isoformat()
