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
from data_tools.ingest.guess import Certainty, Guess
from data_tools.ingest.options import ColumnOptions, ReadingOptions

_LONGEST_EXAMPLE = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """One value of a column, as it was written and as it is stored; missing if `stored` is None."""

    row: int
    written: str
    stored: str | None

    def __post_init__(self) -> None:
        object.__setattr__(self, "written", shortened(self.written))
        if self.stored is not None:
            object.__setattr__(self, "stored", shortened(self.stored))


@dataclass(slots=True, kw_only=True)
class Respelled:
    """How many values are stored otherwise than they were written, and the first of them."""

    count: int = 0
    first: Example | None = None

    def add(self, count: int, first: Example) -> None:
        """Count values of which `first` is the first."""
        self.count += count
        if self.first is None or first.row < self.first.row:
            self.first = first


@dataclass(slots=True, kw_only=True)
class ColumnReport:
    """The findings about one column, under the keys that its owner reads in the ingest report.

    `missing_count` counts every missing value of the stored column. The other counts explain part
    of it (`missing_spellings` counts null tokens, then `nan_count` and `infinity_count`), or tell
    of values that are stored otherwise than they were written: `respelled` counts all of them
    whose text is another one, whatever the type; among them are those of `negative_zero_count`
    (stored as 0) and of `rounded_values` (decimals with more digits than a double keeps).
    `kept_spellings` counts the cells of a text column that look like a null token, such as NA, and
    were kept as text. Rows are counted from 1.

    `certainty` and `why` say how sure the type is and what speaks for it; `date_formats` are the
    formats that every value of a text column fits. `notes` are sentences for the owner.
    `suggested_options` are reading options with which the value that makes it a column of text
    would be a number, and the numbers of other columns stay numbers.
    """

    name: str
    type: ColumnType = ColumnType.TEXT
    certainty: Certainty = Certainty.CERTAIN
    why: str = "The file itself gives the type."
    missing_count: int = 0
    missing_spellings: Counter[str] = field(default_factory=Counter)
    kept_spellings: Counter[str] = field(default_factory=Counter)
    nan_count: int = 0
    infinity_count: int = 0
    negative_zero_count: int = 0
    rounded_values: int = 0
    respelled: Respelled = field(default_factory=Respelled)
    first_missing_spelling: Example | None = None
    first_rounded_value: Example | None = None
    date_formats: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    suggested_options: dict[str, str] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        return asdict(self) | {
            "type": str(self.type),
            "certainty": str(self.certainty),
            "missing_spellings": dict(self.missing_spellings),
            "kept_spellings": dict(self.kept_spellings),
        }


class Column(Protocol):
    """A column that sees every value twice: to settle its type, and to write the value."""

    report: ColumnReport

    @property
    def decimal(self) -> str | None:
        """The character before the fraction of its numbers, once it is concluded; None without."""

    def follow(self, options: ReadingOptions, column_options: ColumnOptions) -> None:
        """Take over the options for all columns and for this one, before any value is observed."""

    def observe(self, values: pa.Array) -> None: ...
    def conclude(self) -> None: ...
    def json_texts(self, values: pa.Array) -> pa.StringArray: ...


class TableFile(Protocol):
    """A file of rows that can be read any number of times."""

    kind: Guess[str]
    """What kind of file it is; set by whoever chose the format."""

    @property
    def names(self) -> tuple[str, ...]: ...
    @property
    def columns(self) -> Sequence[Column]: ...
    @property
    def fraction_read(self) -> float: ...
    def batches(self) -> Iterator[pa.RecordBatch]: ...
    def facts(self) -> dict[str, Any]: ...


def shortened(text: str) -> str:
    """Return the text, cut off if it is too long for a report."""
    return text if len(text) <= _LONGEST_EXAMPLE else f"{text[: _LONGEST_EXAMPLE - 1]}…"


def refuse_nul(texts: pa.StringArray, *, column: str, rows_before: int) -> None:
    """Raise `NulCharacter` for the first text of the column that contains one."""
    index = pc.index(pc.match_substring(texts, "\0"), True).as_py()
    if index >= 0:
        raise NulCharacter(
            f"The text in row {rows_before + index + 1} of column “{column}” contains the NUL "
            "character, which the database cannot store.",
            report={"column": column, "row": rows_before + index + 1},
        )
