"""A column of a Parquet file: its declared type as a dataset's type, and its values as JSON."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from data_tools.columns import ColumnType
from data_tools.ingest.exceptions import BrokenText
from data_tools.ingest.stored_rows import json_texts
from data_tools.ingest.table import ColumnReport, refuse_nul
from data_tools.ingest.typed_columns import null_tokens, text_parsers
from data_tools.sandbox.parquet_types import Family, family_of


class ParquetColumn:
    """A column whose declared type has one way to be stored, unless some value does not fit it.

    Call `observe` with every batch of the column, then `conclude` once, then `json_texts` with
    every batch again.
    """

    type = ColumnType.TEXT
    """The type of the column unless `text_because` says otherwise."""
    text_because = ""
    """Why the column is kept as text, for its owner."""

    def __init__(self, name: str) -> None:
        self.report = ColumnReport(name=name)
        self.rows = 0

    def observe(self, values: pa.Array) -> None:
        self.report.missing_count += values.null_count
        self._inspect(values)
        self.rows += len(values)

    def _inspect(self, values: pa.Array) -> None:
        """Note whatever the type and the report depend on; most columns need nothing here."""

    def conclude(self) -> None:
        """Settle the type and complete the report."""
        self.report.type = self.type
        if self.text_because:
            self.report.type = ColumnType.TEXT
            self.report.notes.append(f"Kept as text: {self.text_because}.")

    def json_texts(self, values: pa.Array) -> pa.StringArray:
        """Return the values as JSON texts of the column's type; missing ones as null."""
        is_quoted = self.report.type in (ColumnType.TEXT, ColumnType.DATE, ColumnType.DATETIME)
        return json_texts.quoted(values) if is_quoted else json_texts.unquoted(values)


class IntegerColumn(ParquetColumn):
    """Integers; text if an unsigned one does not fit in signed 64 bits."""

    type = ColumnType.INTEGER

    def _inspect(self, values: pa.Array) -> None:
        if pa.types.is_uint64(values.type) and (pc.max(values).as_py() or 0) >= 2**63:
            self.text_because = "some integers do not fit in 64 bits"


class FloatColumn(ParquetColumn):
    """Doubles (a float32 as the double that it equals); NaN and infinities are missing."""

    type = ColumnType.FLOAT

    def _inspect(self, values: pa.Array) -> None:
        values = values.cast(pa.float64())
        nan_count = pc.is_nan(values).true_count
        infinity_count = pc.is_inf(values).true_count
        self.report.nan_count += nan_count
        self.report.infinity_count += infinity_count
        self.report.missing_count += nan_count + infinity_count
        self.report.negative_zero_count += text_parsers.count_negative_zeros(values)

    def json_texts(self, values: pa.Array) -> pa.StringArray:
        values = values.cast(pa.float64())
        is_finite = pc.is_finite(values)
        if pc.all(is_finite).as_py() is False:
            values = pc.if_else(is_finite, values, pa.scalar(None, pa.float64()))
        return super().json_texts(values)


class BooleanColumn(ParquetColumn):
    """Booleans."""

    type = ColumnType.BOOLEAN


class DateColumn(ParquetColumn):
    """Dates; text if some are outside the years 1 to 9999."""

    type = ColumnType.DATE

    def _inspect(self, values: pa.Array) -> None:
        if not text_parsers.within_calendar(values.cast(pa.date32())):
            self.text_because = "some dates are outside the years 1 to 9999"

    def json_texts(self, values: pa.Array) -> pa.StringArray:
        return super().json_texts(values.cast(pa.date32()))


class TimestampColumn(ParquetColumn):
    """Datetimes, in UTC if the file gives a zone; text if some are finer than a microsecond or
    outside the years 1 to 9999."""

    type = ColumnType.DATETIME
    unit = "s"

    def _inspect(self, values: pa.Array) -> None:
        self.unit = max(
            self.unit, text_parsers.coarsest_unit(values), key=("s", "ms", "us", "ns").index
        )
        if not text_parsers.within_calendar(values):
            self.text_because = "some times are outside the years 1 to 9999"
        elif self.unit == "ns" and not self.text_because:
            self.text_because = "some times are finer than a microsecond"

    def json_texts(self, values: pa.Array) -> pa.StringArray:
        times = values.cast(pa.timestamp(self.unit, values.type.tz))
        return super().json_texts(json_texts.iso_datetimes(times))


class DecimalColumn(ParquetColumn):
    """Decimals: integers if their type has no fraction and all fit, else text with every digit."""

    type = ColumnType.INTEGER

    def _inspect(self, values: pa.Array) -> None:
        if values.type.scale != 0 or text_parsers.cast_exactly(values, pa.int64()) is None:
            self.text_because = "decimals, so that no digit is lost"


class TimeOfDayColumn(ParquetColumn):
    """Times of day, as text in ISO 8601."""

    text_because = "times of day"


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
        refuse_nul(values, column=self.report.name, rows_before=self.rows)
        self.report.kept_spellings += null_tokens.count(values, null_tokens.REPORTED_IN_TEXT)

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
