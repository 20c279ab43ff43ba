"""A column of a text file: first watched to learn its type, then turned into JSON texts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from enum import Enum
from functools import partial
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from data_tools.columns import ColumnType
from data_tools.ingest import json_texts, null_tokens, text_parsers
from data_tools.ingest.report import ColumnReport
from data_tools.ingest.text_parsers import Findings


class Reading(Enum):
    """How a column's texts are read; the order is the order in which they are tried."""

    INTEGER = ColumnType.INTEGER, partial(text_parsers.examine_integers)
    FLOAT = ColumnType.FLOAT, partial(text_parsers.examine_floats)
    BOOLEAN = ColumnType.BOOLEAN, partial(text_parsers.examine_booleans)
    DATE = ColumnType.DATE, partial(text_parsers.examine_dates)
    LOCAL_DATETIME = ColumnType.DATETIME, partial(text_parsers.examine_datetimes, zone=None)
    ZONED_DATETIME = ColumnType.DATETIME, partial(text_parsers.examine_datetimes, zone="UTC")
    TEXT = ColumnType.TEXT, None

    def __init__(
        self, type_: ColumnType, examine: Callable[[pa.StringArray], Findings | None] | None
    ) -> None:
        self.column_type = type_
        self.examine = examine


class InferredColumn:
    """The narrowest type that holds the column's values, found by seeing all of them.

    No integer changes: a column of integers and fractions is text if a double would round one of
    the integers. Decimals of more digits than a double keeps are rounded, and counted.

    Call `observe` with every piece of the column, then `conclude` once, then `json_texts` with
    every piece again. A column is text as soon as one value does not fit the reading of the
    others; only integers widen, to floats. A column without any value is text.
    """

    def __init__(self, name: str, readings: tuple[Reading, ...] = tuple(Reading)) -> None:
        """`readings` are the only ones tried, text besides."""
        self.report = ColumnReport(name=name)
        self._readings = readings
        self._reading: Reading | None = None
        self._empty_cells = 0
        self._spellings: Counter[str] = Counter()
        self._rounded_decimals = 0
        self._inexact_integers = 0
        self._negative_zeros = 0
        self._shows_fraction = False
        self._unit = "s"

    def observe(self, values: pa.StringArray) -> None:
        self._empty_cells += values.null_count
        if self._reading is Reading.TEXT:
            self._spellings += null_tokens.count(values, infinities=False)
            return
        for reading in self._candidates():
            if self._take(reading, values):
                return
        self._reading = Reading.TEXT
        self._spellings += null_tokens.count(values, infinities=False)

    def _candidates(self) -> tuple[Reading, ...]:
        if self._reading is None:
            return tuple(reading for reading in self._readings if reading.examine)
        if self._reading is Reading.INTEGER:
            return (Reading.INTEGER, Reading.FLOAT)
        return (self._reading,)

    def _take(self, reading: Reading, values: pa.StringArray) -> bool:
        """Read the values so, if they can be, and keep what was found."""
        assert reading.examine
        findings = reading.examine(values)
        if findings is None:
            # Most columns have no spelled missing value, so they are looked for only now.
            infinities = reading is Reading.FLOAT
            rest = null_tokens.without(values, infinities=infinities)
            findings = reading.examine(rest) if rest is not values else None
            if findings is None:
                return False
            self._spellings += null_tokens.count(values, infinities=infinities)
            values = rest
        if values.null_count < len(values):
            self._reading = reading
        self._rounded_decimals += findings.rounded_decimals
        self._inexact_integers += findings.inexact_integers
        self._negative_zeros += findings.negative_zero_count
        self._shows_fraction |= findings.shows_fraction
        self._unit = max(self._unit, findings.unit, key=("s", "ms", "us").index)
        return True

    def conclude(self) -> ColumnType:
        """Settle the type and the report."""
        reading = self._settled()
        self._reading = reading
        report = self.report
        report.type = reading.column_type
        report.missing_count = self._empty_cells
        if reading is Reading.TEXT:
            report.kept_spellings = Counter(
                {
                    spelling: count
                    for spelling, count in self._spellings.items()
                    if spelling in null_tokens.KEPT
                }
            )
            return report.type
        report.missing_spellings = self._spellings
        report.missing_count += self._spellings.total()
        report.nan_count = sum(self._spellings[s] for s in null_tokens.NOT_A_NUMBER)
        report.infinity_count = self._infinities()
        if reading is Reading.FLOAT:
            report.negative_zero_count = self._negative_zeros
            report.rounded_values = self._rounded_decimals
        return report.type

    def _settled(self) -> Reading:
        if self._reading not in (Reading.INTEGER, Reading.FLOAT):
            # An infinity says that the others are floats; of other types it says nothing.
            return Reading.TEXT if self._infinities() else self._reading or Reading.TEXT
        if not self._shows_fraction and not self._infinities():
            # Floats without a fraction are integers that 64 bits do not hold, or minus zero: text
            # keeps every digit.
            return Reading.INTEGER if self._reading is Reading.INTEGER else Reading.TEXT
        if count := self._inexact_integers:
            self.report.notes.append(
                f"Kept as text: {count:,} {'integer' if count == 1 else 'integers'} beside "
                "fractions would be rounded as a float."
            )
            return Reading.TEXT
        return Reading.FLOAT

    def _infinities(self) -> int:
        return sum(self._spellings[spelling] for spelling in null_tokens.INFINITIES)

    def json_texts(self, values: pa.StringArray) -> pa.StringArray:
        """The values as JSON texts of the column's type; missing ones as null.

        Raises `pyarrow.ArrowInvalid` if the values are not those that were observed.
        """
        match self._reading:
            case Reading.INTEGER:
                return self._present(values)  # canonical, hence JSON already
            case Reading.FLOAT:
                return json_texts.of_numbers(self._present(values).cast(pa.float64()))
            case Reading.BOOLEAN:
                return pc.ascii_lower(self._present(values))
            case Reading.DATE:
                return json_texts.of_plain_texts(self._present(values))
            case Reading.LOCAL_DATETIME | Reading.ZONED_DATETIME as reading:
                zone = "UTC" if reading is Reading.ZONED_DATETIME else None
                # By way of microseconds: a written fraction of zero is no second for Arrow.
                times = self._present(values).cast(pa.timestamp("us", zone))
                times = times.cast(pa.timestamp(self._unit, zone))
                return json_texts.of_plain_texts(json_texts.iso_datetimes(times))
            case _:
                return json_texts.of_texts(values)

    def _present(self, values: pa.StringArray) -> pa.StringArray:
        if not self._spellings:
            return values
        return null_tokens.without(values, infinities=self._reading is Reading.FLOAT)

    def facts(self) -> dict[str, Any]:
        return self.report.as_json()
