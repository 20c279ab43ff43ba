"""What a file of any format offers to the ingest: batches of storable values, and columns that
report what the ingest noticed in them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Protocol

import pyarrow as pa
import pyarrow.compute as pc

from data_tools.columns import ColumnType
from data_tools.ingest.exceptions import NulCharacter


@dataclass(slots=True, kw_only=True)
class ColumnReport:
    """The findings about one column, under the keys that its owner reads in the ingest report.

    `missing_count` counts every missing value of the stored column. The other counts explain part
    of it (`missing_spellings` counts null tokens, then `nan_count` and `infinity_count`), or tell
    of values that are stored differently than they were written (`negative_zero_count`: stored as
    0; `rounded_values`: decimals with more digits than a double keeps). `kept_spellings` counts
    the cells of a text column that look like a null token, such as NA, and were kept as text.
    `notes` are sentences for the owner.
    """

    name: str
    type: ColumnType = ColumnType.TEXT
    missing_count: int = 0
    missing_spellings: Counter[str] = field(default_factory=Counter)
    kept_spellings: Counter[str] = field(default_factory=Counter)
    nan_count: int = 0
    infinity_count: int = 0
    negative_zero_count: int = 0
    rounded_values: int = 0
    notes: list[str] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        return asdict(self) | {
            "type": str(self.type),
            "missing_spellings": dict(self.missing_spellings),
            "kept_spellings": dict(self.kept_spellings),
        }


class Column(Protocol):
    """A column that sees every value twice: to settle its type, and to write the value."""

    report: ColumnReport

    def observe(self, values: pa.Array) -> None: ...
    def conclude(self) -> None: ...
    def json_texts(self, values: pa.Array) -> pa.StringArray: ...


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
