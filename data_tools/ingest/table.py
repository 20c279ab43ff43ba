"""What a file of any format offers to the ingest: columns, and batches of storable values."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Protocol

import pyarrow as pa
import pyarrow.compute as pc

from data_tools.columns import ColumnType
from data_tools.ingest.exceptions import NulCharacter


class Column(Protocol):
    """A column that sees every value twice: to settle its type, and to write the value."""

    def observe(self, values: pa.Array) -> None: ...
    def conclude(self) -> ColumnType: ...
    def json_texts(self, values: pa.Array) -> pa.StringArray: ...
    def facts(self) -> dict[str, Any]: ...


class TableFile(Protocol):
    """A file of rows that can be read any number of times."""

    @property
    def names(self) -> tuple[str, ...]: ...
    @property
    def columns(self) -> Sequence[Column]: ...
    @property
    def fraction_read(self) -> float: ...
    def batches(self) -> Iterator[pa.RecordBatch]: ...
    def facts(self) -> dict[str, Any]: ...


def refuse_nul(texts: pa.StringArray, *, column: str, rows_before: int) -> None:
    """Raise `NulCharacter` for the first text of the column that contains one."""
    index = pc.index(pc.match_substring(texts, "\0"), True).as_py()
    if index >= 0:
        raise NulCharacter(
            f"The text in row {rows_before + index + 1} of column “{column}” contains the NUL "
            "character, which the database cannot store."
        )
