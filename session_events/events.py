"""The vocabulary of the log: every kind of fact a session can hold.

An event is a frozen dataclass in the past tense. Its `wire_name` and `schema_version` are what the
log stores beside its payload, so neither may change once released: a changed payload is a new
schema version and an upcaster (see `upcasters`), never an edit of an old one.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import msgspec

JSON = Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column of a session as it stands after some number of operations.

    `key` names the column for the session's whole life: a rename changes `name`, never `key`.
    Base columns are ``b0``, ``b1`` … by position in the dataset's rows, added ones ``d1``, ``d2`` …
    """

    key: str
    name: str
    type: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnChange:
    """What one operation did to one column.

    `set` gives the column of that key a (possibly new) name and type, `add` puts a new column
    behind the column `after` (at the end when null), `drop` takes the column away.
    """

    action: Literal["set", "add", "drop"]
    key: str
    name: str = ""
    type: str = ""
    after: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One applied operation: all that is needed to show and to repeat it exactly.

    `parameters` is what was asked for, `fitted` what was learned from the rows (the mean that
    fills the gaps), so that a replay never looks at the rows again. `sequence` is the event that
    applied it.
    """

    sequence: int
    operation: str
    parameters: dict[str, JSON]
    fitted: dict[str, JSON]
    column_changes: tuple[ColumnChange, ...]
    rows_before: int
    rows_after: int
    cells_changed: int
    applied_at: dt.datetime
