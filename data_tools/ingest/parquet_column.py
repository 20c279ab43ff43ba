"""A column of a Parquet file: its declared type as one of ours, and its values as JSON texts."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from data_tools.columns import ColumnType
from data_tools.ingest import json_texts, null_tokens, text_parsers
from data_tools.ingest.exceptions import BrokenText, NulCharacter
from data_tools.ingest.report import ColumnReport
from data_tools.sandbox.parquet_types import Family, family_of


class ParquetColumn(ABC):
    """Call `observe` with every piece of the column, `conclude` once, `json_texts` with every
    piece again."""

    def __init__(self, name: str) -> None:
        self.report = ColumnReport(name=name)
        self.rows = 0

    def observe(self, values: pa.Array) -> None:
        self.report.missing_count += values.null_count
        self._look(values)
        self.rows += len(values)

    def conclude(self) -> ColumnType:
        self.report.type = self._type()
        return self.report.type

    def json_texts(self, values: pa.Array) -> pa.StringArray:
        return self._texts(values)

    @abstractmethod
    def _look(self, values: pa.Array) -> None:
        """Keep what the type and the report depend on."""

    @abstractmethod
    def _type(self) -> ColumnType:
        """The column's type, after all values were seen."""

    @abstractmethod
    def _texts(self, values: pa.Array) -> pa.StringArray: ...

    def facts(self) -> dict[str, Any]:
        return self.report.as_json()


class IntegerColumn(ParquetColumn):
    """Integers; text if some unsigned one is beyond 64 bits with a sign."""

    fits = True

    def _look(self, values: pa.Array) -> None:
        if pa.types.is_uint64(values.type):
            largest = pc.max(values).as_py()
            self.fits = self.fits and (largest is None or largest < 2**63)

    def _type(self) -> ColumnType:
        if self.fits:
            return ColumnType.INTEGER
        self.report.notes.append("Kept as text: some integers do not fit in 64 bits.")
        return ColumnType.TEXT

    def _texts(self, values: pa.Array) -> pa.StringArray:
        texts = values.cast(pa.string())
        return texts if self.fits else json_texts.of_plain_texts(texts)


class FloatColumn(ParquetColumn):
    """Doubles (a float32 as the double it equals); NaN and infinities are missing."""

    def _look(self, values: pa.Array) -> None:
        values = values.cast(pa.float64())
        nan = pc.is_nan(values).true_count
        infinite = pc.is_inf(values).true_count
        self.report.nan_count += nan
        self.report.infinity_count += infinite
        self.report.missing_count += nan + infinite
        self.report.negative_zero_count += text_parsers.count_negative_zeros(values)

    def _type(self) -> ColumnType:
        return ColumnType.FLOAT

    def _texts(self, values: pa.Array) -> pa.StringArray:
        values = values.cast(pa.float64())
        finite = pc.is_finite(values)
        if pc.all(finite).as_py() is False:
            values = pc.if_else(finite, values, pa.scalar(None, pa.float64()))
        return json_texts.of_numbers(values)


class BooleanColumn(ParquetColumn):
    def _look(self, values: pa.Array) -> None:
        pass

    def _type(self) -> ColumnType:
        return ColumnType.BOOLEAN

    def _texts(self, values: pa.Array) -> pa.StringArray:
        return json_texts.of_booleans(values)


class DateColumn(ParquetColumn):
    """Dates; text if some are outside the years 1 to 9999."""

    fits = True

    def _look(self, values: pa.Array) -> None:
        self.fits = self.fits and text_parsers.within_calendar(values.cast(pa.date32()))

    def _type(self) -> ColumnType:
        if self.fits:
            return ColumnType.DATE
        self.report.notes.append("Kept as text: some dates are outside the years 1 to 9999.")
        return ColumnType.TEXT

    def _texts(self, values: pa.Array) -> pa.StringArray:
        return json_texts.of_dates(values.cast(pa.date32()))


class TimestampColumn(ParquetColumn):
    """Datetimes, in UTC if the file gives a zone; text if some are finer than a microsecond or
    outside the years 1 to 9999."""

    unit = "s"
    in_calendar = True

    def _look(self, values: pa.Array) -> None:
        self.in_calendar = self.in_calendar and text_parsers.within_calendar(values)
        self.unit = max(
            self.unit, text_parsers.coarsest_unit(values), key=("s", "ms", "us", "ns").index
        )

    def _type(self) -> ColumnType:
        if not self.in_calendar:
            self.report.notes.append("Kept as text: some times are outside the years 1 to 9999.")
            return ColumnType.TEXT
        if self.unit == "ns":
            self.report.notes.append("Kept as text: some times are finer than a microsecond.")
            return ColumnType.TEXT
        return ColumnType.DATETIME

    def _texts(self, values: pa.Array) -> pa.StringArray:
        times = values.cast(pa.timestamp(self.unit, values.type.tz))
        return json_texts.of_plain_texts(json_texts.iso_datetimes(times))


class DecimalColumn(ParquetColumn):
    """Decimals: integers if all are whole by type and fit, else text with every digit."""

    is_whole = True

    def _look(self, values: pa.Array) -> None:
        if values.type.scale != 0:
            self.is_whole = False
        if self.is_whole:
            try:
                values.cast(pa.int64())
            except pa.ArrowInvalid:
                self.is_whole = False

    def _type(self) -> ColumnType:
        if self.is_whole:
            return ColumnType.INTEGER
        self.report.notes.append("Kept as text: decimals, so that no digit is lost.")
        return ColumnType.TEXT

    def _texts(self, values: pa.Array) -> pa.StringArray:
        if self.is_whole:
            return json_texts.of_numbers(values.cast(pa.int64()))
        return json_texts.of_plain_texts(values.cast(pa.string()))


class TimeOfDayColumn(ParquetColumn):
    """Times of day, as text in ISO 8601."""

    def _look(self, values: pa.Array) -> None:
        pass

    def _type(self) -> ColumnType:
        self.report.notes.append("Kept as text: times of day.")
        return ColumnType.TEXT

    def _texts(self, values: pa.Array) -> pa.StringArray:
        return json_texts.of_plain_texts(values.cast(pa.string()))


class TextColumn(ParquetColumn):
    """Texts as they are."""

    def _look(self, values: pa.Array) -> None:
        values = values.cast(pa.string())
        try:
            values.validate(full=True)
        except pa.ArrowInvalid as error:
            raise BrokenText(
                f"Column “{self.report.name}” contains bytes that are not valid UTF-8 text."
            ) from error
        index = pc.index(pc.match_substring(values, "\0"), True).as_py()
        if index >= 0:
            raise NulCharacter(
                f"The text in row {self.rows + index + 1} of column “{self.report.name}” contains "
                "the NUL character, which the database cannot store."
            )
        self.report.kept_spellings += null_tokens.count_kept(values)

    def _type(self) -> ColumnType:
        return ColumnType.TEXT

    def _texts(self, values: pa.Array) -> pa.StringArray:
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
    """The column that can hold the type's values, one of those that `data_tools.sandbox` reads."""
    family = family_of(type_)
    assert family
    return _COLUMNS[family](name)
