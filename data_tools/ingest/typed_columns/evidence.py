"""What the values of a column have shown about its type, whatever batches they came in."""

from __future__ import annotations

from dataclasses import dataclass, field

import pyarrow as pa
import pyarrow.compute as pc

from data_tools.ingest.typed_columns.identifiers import IdentifierClues
from data_tools.ingest.typed_columns.place import Place
from data_tools.ingest.typed_columns.text_parsers import UNITS, Findings, TextParser


@dataclass(frozen=True, slots=True, kw_only=True)
class Misfit:
    """The first value that the likeliest parser cannot take."""

    parser: TextParser
    place: Place
    fitting: int
    """How many values come before it, all of which fit."""


@dataclass(slots=True, kw_only=True)
class Evidence:
    """Findings about the values so far. Places are those of the first such value."""

    rows: int = 0
    present: int = 0
    """Values that are not missing, as long as the column is not text."""
    first: Place | None = None
    misfit: Misfit | None = None
    first_no_integer: Place | None = None
    first_inexact: Place | None = None
    first_rounded: Place | None = None
    first_rounded_plain: str = ""
    """The same value in the notation of programs."""
    inexact_integers: int = 0
    rounded_decimals: int = 0
    negative_zeros: int = 0
    shows_fraction: bool = False
    are_shortest: bool = True
    """Whether every value was written as the shortest form of its double."""
    unit: str = "s"
    least: int | None = None
    greatest: int | None = None
    may_be_days: bool = True
    """Whether every integer could be a date written as YYYYMMDD."""
    clues: IdentifierClues = field(default_factory=IdentifierClues)

    @property
    def is_of_floats_for_sure(self) -> bool:
        """Whether plain floats that are still to come add nothing but their number.

        See Note [Columns side by side].
        """
        has_first_ones = self.first is not None and self.first_no_integer is not None
        return has_first_ones and self.shows_fraction and self.clues.is_settled

    def add_plain_floats(self, values: pa.StringArray) -> None:
        """Take over the next values of a column that `is_of_floats_for_sure`."""
        self.present += len(values) - values.null_count
        self.rows += len(values)

    def add(self, findings: Findings, values: pa.StringArray, plain: pa.StringArray) -> None:
        """Take over what a check found in the next values, which it saw as `plain`."""
        if self.first_inexact is None and findings.first_inexact >= 0:
            self.first_inexact = self.place(values, findings.first_inexact)
        if self.first_rounded is None and findings.first_rounded >= 0:
            self.first_rounded = self.place(values, findings.first_rounded)
            self.first_rounded_plain = plain[findings.first_rounded].as_py()
        self.present += len(values) - values.null_count
        self.inexact_integers += findings.inexact_integers
        self.rounded_decimals += findings.rounded_decimals
        self.negative_zeros += findings.negative_zero_count
        self.shows_fraction |= findings.shows_fraction
        self.are_shortest &= findings.are_shortest
        self.unit = max(self.unit, findings.unit, key=UNITS.index)
        if findings.extremes:
            self._add_integers(*findings.extremes, may_be_days=findings.may_be_days)

    def _add_integers(self, least: int, greatest: int, *, may_be_days: bool) -> None:
        self.least = least if self.least is None else min(self.least, least)
        self.greatest = greatest if self.greatest is None else max(self.greatest, greatest)
        self.may_be_days &= may_be_days
        self.clues.observe_integers(least)

    def place(self, values: pa.StringArray, index: int) -> Place:
        """Return the place of a value of the next batch."""
        return Place(row=self.rows + index + 1, text=values[index].as_py())

    def first_where(self, mask: pa.BooleanArray, values: pa.StringArray) -> Place | None:
        """Return the place of the first value of the next batch that the mask has true."""
        index = pc.index(mask, True).as_py()
        return self.place(values, index) if index >= 0 else None
