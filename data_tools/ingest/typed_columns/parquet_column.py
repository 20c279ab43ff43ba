"""A column of a Parquet file: its declared type as a dataset's type, and its values as JSON."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

import pyarrow as pa
import pyarrow.compute as pc

from data_tools.columns import ColumnType
from data_tools.ingest.exceptions import BrokenText, CellTooLarge, ValueNotOfType
from data_tools.ingest.guess import Certainty
from data_tools.ingest.options import ColumnOptions, ReadingOptions
from data_tools.ingest.stored_rows import json_texts
from data_tools.ingest.table import ColumnReport, Example, refuse_nul
from data_tools.ingest.typed_columns import null_tokens, text_parsers
from data_tools.sandbox.far_moments import iso_texts
from data_tools.sandbox.nested_json import plain_texts
from data_tools.sandbox.parquet_types import Family, family_of

# Texts hold none of these but tabs and line ends.
_CONTROL_CHARACTERS = r"[\x00-\x08\x0b\x0c\x0e-\x1f]"


class ParquetColumn:
    """A column whose declared type has one way to be stored, unless some value does not fit it.

    Call `observe` with every batch of the column, then `conclude` once, then `json_texts` with
    every batch again.
    """

    type = ColumnType.TEXT
    """The type of the column unless `text_because` says otherwise."""
    text_because = ""
    """Why the column is kept as text, for its owner."""
    decimal: str | None = None
    """Its numbers are not written in characters."""

    def __init__(self, name: str) -> None:
        self.report = ColumnReport(name=name)
        self.rows = 0
        self._column_options = ColumnOptions()

    def follow(self, options: ReadingOptions, column_options: ColumnOptions) -> None:
        self._column_options = column_options

    def observe(self, values: pa.Array) -> None:
        self.report.missing_count += values.null_count
        self._inspect(values)
        self.rows += len(values)

    def _inspect(self, values: pa.Array) -> None:
        """Note whatever the type and the report depend on; most columns need nothing here."""

    def conclude(self) -> None:
        """Settle the type and complete the report.

        Raises:
            ValueNotOfType: the owner asked for another type.
        """
        self.report.type = self.type
        if self.text_because:
            self.report.type = ColumnType.TEXT
            self.report.notes.append(f"Kept as text: {self.text_because}.")
        if (
            self._column_options.type not in (None, self.report.type)
            or self._column_options.date_format
        ):
            raise ValueNotOfType(
                f"Column “{self.report.name}” is {self.report.type} in the file itself. Ask for no "
                "other type and no date format, and change the type once it is loaded.",
                report={"column": self.report.name},
            )

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
        return super().json_texts(iso_texts(values.cast(pa.date32())))


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
    """Decimals: integers if their type has no fraction, text if one of these does not fit in 64
    bits; else floats, of which those with more digits than a double keeps are counted.

    The zeros at the end of `1.50` belong to the type, and are no spelling that is lost.
    """

    type = ColumnType.FLOAT

    def _inspect(self, values: pa.Array) -> None:
        if values.type.scale <= 0:
            self.type = ColumnType.INTEGER
            if text_parsers.cast_exactly(values, pa.int64()) is None:
                self.text_because = "some integers do not fit in 64 bits"
        elif values.type.precision > text_parsers.SAFE_DIGITS:
            self._count_rounded(values)

    def _count_rounded(self, values: pa.Array) -> None:
        texts = values.cast(pa.string())
        numbers = texts.cast(pa.float64())
        for row, (text, number) in enumerate(
            zip(texts.to_pylist(), numbers.to_pylist(), strict=True), start=self.rows + 1
        ):
            if text is not None and Decimal(text) != Decimal(repr(number)):
                example = Example(row=row, written=text, stored=repr(number))
                self.report.rounded_values += 1
                self.report.first_rounded_value = self.report.first_rounded_value or example
                self.report.respelled.add(1, example)

    def json_texts(self, values: pa.Array) -> pa.StringArray:
        if self.report.type is ColumnType.INTEGER:
            return super().json_texts(values.cast(pa.int64()))
        texts = values.cast(pa.string())
        # By way of the text, since Arrow's own way from a decimal to a double may round twice.
        return super().json_texts(
            texts if self.report.type is ColumnType.TEXT else texts.cast(pa.float64())
        )


class TimeOfDayColumn(ParquetColumn):
    """Times of day, as text in ISO 8601."""

    text_because = "times of day"


class DurationColumn(ParquetColumn):
    """Durations, as text: `26:15:00`."""

    text_because = "durations"

    def json_texts(self, values: pa.Array) -> pa.StringArray:
        return super().json_texts(pa.array(plain_texts(values), pa.string()))


class BinaryColumn(ParquetColumn):
    """Bytes of which the file does not say what they are: texts, if all of them are UTF-8 without
    control characters, as older programs write theirs; else hexadecimal digits."""

    cell_bytes: int
    """The largest cell that can be stored."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self._first_no_text: int | None = None
        self._first_largest: tuple[int, int] = (0, 0)

    def _inspect(self, values: pa.Array) -> None:
        sizes = pc.binary_length(values)
        size = pc.max(sizes).as_py() or 0
        if size > self._first_largest[0]:
            self._first_largest = (size, self.rows + 1 + pc.index(sizes, size).as_py())
        if self._first_no_text is None and not _are_texts(values):
            of_rows = (_are_texts(values.slice(row, 1)) for row in range(len(values)))
            self._first_no_text = self.rows + 1 + list(of_rows).index(False)
        if self._first_no_text is None:
            texts = values.cast(pa.large_string())
            self.report.kept_spellings += null_tokens.count(texts, null_tokens.REPORTED_IN_TEXT)

    def conclude(self) -> None:
        """Settle how the bytes are stored.

        Raises:
            CellTooLarge: a value has too many bytes.
            ValueNotOfType: the owner asked for another type.
        """
        if self._first_no_text is not None:
            self.report.kept_spellings.clear()
            self.text_because = (
                f"bytes, of which those in row {self._first_no_text:,} are no UTF-8 text, as "
                "hexadecimal digits"
            )
        super().conclude()
        size, row = self._first_largest
        size *= 1 if self._first_no_text is None else 2
        if size > self.cell_bytes:
            raise CellTooLarge(
                f"The cell in row {row} of column “{self.report.name[:80]}” holds {size:,} bytes; "
                f"at most {self.cell_bytes:,} can be loaded.",
                report={"column": self.report.name, "row": row},
            )
        if self._first_no_text is None:
            self.report.certainty = Certainty.LIKELY
            self.report.why = (
                "The file does not say what these bytes are; all of them are UTF-8 text."
            )

    def json_texts(self, values: pa.Array) -> pa.StringArray:
        if self._first_no_text is None:
            return json_texts.of_texts(values.cast(pa.string()))
        digits = [None if value is None else value.hex() for value in values.to_pylist()]
        return json_texts.quoted(pa.array(digits, pa.string()))


def _are_texts(values: pa.LargeBinaryArray) -> bool:
    texts = text_parsers.cast_exactly(values, pa.large_string())
    if texts is None:
        return False
    return not pc.any(pc.match_substring_regex(texts, _CONTROL_CHARACTERS)).as_py()


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


class NestedColumn(TextColumn):
    """Lists, structs and maps, as JSON texts that `data_tools.sandbox` made of them."""

    text_because = "lists, structs or maps, as JSON"

    def __init__(self, name: str, *, nan_count: int, infinity_count: int) -> None:
        """The counts are of the floats inside that became null."""
        super().__init__(name)
        self.report.nan_count = nan_count
        self.report.infinity_count = infinity_count
        if count := nan_count + infinity_count:
            self.report.notes.append(
                f"{'1 number is' if count == 1 else f'{count:,} numbers are'} NaN or infinite "
                "inside the lists, structs or maps, and stored as null."
            )

    def _inspect(self, values: pa.Array) -> None:
        """Nothing depends on the values."""


_COLUMNS: dict[Family, type[ParquetColumn]] = {
    Family.INTEGER: IntegerColumn,
    Family.FLOAT: FloatColumn,
    Family.BOOLEAN: BooleanColumn,
    Family.DATE: DateColumn,
    Family.TIMESTAMP: TimestampColumn,
    Family.DECIMAL: DecimalColumn,
    Family.TIME_OF_DAY: TimeOfDayColumn,
    Family.DURATION: DurationColumn,
    Family.TEXT: TextColumn,
    Family.BINARY: BinaryColumn,
}


def column_for(
    type_: pa.DataType, name: str, *, nested: Mapping[str, int] | None, cell_bytes: int
) -> ParquetColumn:
    """Return the column for a type that `data_tools.sandbox` lets through.

    `nested` is what the sandbox says of a column of lists, structs or maps; `cell_bytes` is the
    largest cell that can be stored.
    """
    if nested is not None:
        return NestedColumn(name, **nested)
    family = family_of(type_)
    assert family
    column = _COLUMNS[family](name)
    if isinstance(column, BinaryColumn):
        column.cell_bytes = cell_bytes
    return column
