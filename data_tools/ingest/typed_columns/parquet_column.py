"""A column of a Parquet file: its declared type as a dataset's type, and its values as JSON."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from data_tools.columns import ColumnType
from data_tools.ingest.exceptions import BrokenText, NulCharacter
from data_tools.ingest.stored_rows import json_texts
from data_tools.ingest.typed_columns import null_tokens, text_parsers
from data_tools.ingest.typed_columns.column_report import ColumnReport
from data_tools.sandbox.parquet_types import Family, family_of


class ParquetColumn(ABC):
    """A column whose declared type has one way to be stored, unless some value does not fit it.

    Call `observe` with every batch of the column, then `conclude` once, then `json_texts` with
    every batch again.
    """

    def __init__(self, name: str) -> None:
        self.report = ColumnReport(name=name)
        self.rows = 0

    def observe(self, values: pa.Array) -> None:
        self.report.missing_count += values.null_count
        self._inspect(values)
        self.rows += len(values)

    def _inspect(self, values: pa.Array) -> None:  # noqa: B027 - most columns need nothing here
        """Note whatever the type and the report depend on."""

    def conclude(self) -> ColumnType:
        """Settle the type, complete the report and return the type."""
        self.report.type = self._final_type()
        return self.report.type

    @abstractmethod
    def _final_type(self) -> ColumnType:
        """Return the column's type, after all values were observed."""

    def _kept_as_text(self, because: str) -> ColumnType:
        self.report.notes.append(f"Kept as text: {because}.")
        return ColumnType.TEXT

    @abstractmethod
    def json_texts(self, values: pa.Array) -> pa.StringArray:
        """Return the values as JSON texts of the column's type; missing ones as null."""

    def facts(self) -> dict[str, Any]:
        return self.report.as_json()


class IntegerColumn(ParquetColumn):
    """Integers; text if an unsigned one does not fit in signed 64 bits."""

    fits = True

    def _inspect(self, values: pa.Array) -> None:
        if pa.types.is_uint64(values.type):
            largest = pc.max(values).as_py()
            self.fits = self.fits and (largest is None or largest < 2**63)

    def _final_type(self) -> ColumnType:
        if self.fits:
            return ColumnType.INTEGER
        return self._kept_as_text("some integers do not fit in 64 bits")

    def json_texts(self, values: pa.Array) -> pa.StringArray:
        texts = values.cast(pa.string())
        return texts if self.fits else json_texts.of_plain_texts(texts)


class FloatColumn(ParquetColumn):
    """Doubles (a float32 as the double that it equals); NaN and infinities are missing."""

    def _inspect(self, values: pa.Array) -> None:
        values = values.cast(pa.float64())
        nan_count = pc.is_nan(values).true_count
        infinity_count = pc.is_inf(values).true_count
        self.report.nan_count += nan_count
        self.report.infinity_count += infinity_count
        self.report.missing_count += nan_count + infinity_count
        self.report.negative_zero_count += text_parsers.count_negative_zeros(values)

    def _final_type(self) -> ColumnType:
        return ColumnType.FLOAT

    def json_texts(self, values: pa.Array) -> pa.StringArray:
        values = values.cast(pa.float64())
        is_finite = pc.is_finite(values)
        if pc.all(is_finite).as_py() is False:
            values = pc.if_else(is_finite, values, pa.scalar(None, pa.float64()))
        return json_texts.of_numbers(values)


class BooleanColumn(ParquetColumn):
    """Booleans."""

    def _final_type(self) -> ColumnType:
        return ColumnType.BOOLEAN

    def json_texts(self, values: pa.Array) -> pa.StringArray:
        return json_texts.of_booleans(values)


class DateColumn(ParquetColumn):
    """Dates; text if some are outside the years 1 to 9999."""

    fits = True

    def _inspect(self, values: pa.Array) -> None:
        self.fits = self.fits and text_parsers.within_calendar(values.cast(pa.date32()))

    def _final_type(self) -> ColumnType:
        if self.fits:
            return ColumnType.DATE
        return self._kept_as_text("some dates are outside the years 1 to 9999")

    def json_texts(self, values: pa.Array) -> pa.StringArray:
        return json_texts.of_dates(values.cast(pa.date32()))


class TimestampColumn(ParquetColumn):
    """Datetimes, in UTC if the file gives a zone; text if some are finer than a microsecond or
    outside the years 1 to 9999."""

    unit = "s"
    in_calendar = True

    def _inspect(self, values: pa.Array) -> None:
        self.in_calendar = self.in_calendar and text_parsers.within_calendar(values)
        self.unit = max(
            self.unit, text_parsers.coarsest_unit(values), key=("s", "ms", "us", "ns").index
        )

    def _final_type(self) -> ColumnType:
        if not self.in_calendar:
            return self._kept_as_text("some times are outside the years 1 to 9999")
        if self.unit == "ns":
            return self._kept_as_text("some times are finer than a microsecond")
        return ColumnType.DATETIME

    def json_texts(self, values: pa.Array) -> pa.StringArray:
        times = values.cast(pa.timestamp(self.unit, values.type.tz))
        return json_texts.of_plain_texts(json_texts.iso_datetimes(times))


class DecimalColumn(ParquetColumn):
    """Decimals: integers if their type has no fraction and all fit, else text with every digit."""

    is_integer = True

    def _inspect(self, values: pa.Array) -> None:
        if values.type.scale != 0:
            self.is_integer = False
        if self.is_integer:
            try:
                values.cast(pa.int64())
            except pa.ArrowInvalid:
                self.is_integer = False

    def _final_type(self) -> ColumnType:
        if self.is_integer:
            return ColumnType.INTEGER
        return self._kept_as_text("decimals, so that no digit is lost")

    def json_texts(self, values: pa.Array) -> pa.StringArray:
        if self.is_integer:
            return json_texts.of_numbers(values.cast(pa.int64()))
        return json_texts.of_plain_texts(values.cast(pa.string()))


class TimeOfDayColumn(ParquetColumn):
    """Times of day, as text in ISO 8601."""

    def _final_type(self) -> ColumnType:
        return self._kept_as_text("times of day")

    def json_texts(self, values: pa.Array) -> pa.StringArray:
        return json_texts.of_plain_texts(values.cast(pa.string()))


class TextColumn(ParquetColumn):
    """Texts, unchanged."""

    def _inspect(self, values: pa.Array) -> None:
        values = values.cast(pa.string())
        try:
            values.validate(full=True)
        except pa.ArrowInvalid as error:
            raise BrokenText(
                f"Column “{self.report.name}” contains bytes that are not valid UTF-8 text."
            ) from error
        index = pc.index(pc.match_substring(values, "\0"), True).as_py()
        if index >= 0:
            raise NulCharacter.in_cell(row=self.rows + index + 1, column=self.report.name)
        self.report.kept_spellings += null_tokens.count_reported_in_text(values)

    def _final_type(self) -> ColumnType:
        return ColumnType.TEXT

    def json_texts(self, values: pa.Array) -> pa.StringArray:
        return json_texts.of_texts(values.cast(pa.string()))


_COLUMNS: dict[Family, type[ParquetColumn]] = {
    Family.INTEGER: IntegerColumn,
    Family.FLOAT: FloatColumn,
    Family.BOOLEAN: BooleanColumn,
    Family.DATE: DateColumn,
    Family.TIMESTAMP: TimestampColumn,
    Family.DECIMAL: DecimalColumn,
    Family.TIME_OF_DAY: TimeOfDayColumn,
    Family.TEXT: TextColumn,
}


def column_for(type_: pa.DataType, name: str) -> ParquetColumn:
    """Return the column for a type that `data_tools.sandbox` lets through."""
    family = family_of(type_)
    assert family
    return _COLUMNS[family](name)
