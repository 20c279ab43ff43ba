"""How the texts of one column are read: what the file's owner asked for, or as usual."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import pyarrow as pa
import pyarrow.compute as pc

from data_tools.columns import ColumnType
from data_tools.date_formats import DateFormat, parse_format
from data_tools.ingest.options import ColumnOptions, ReadingOptions
from data_tools.ingest.typed_columns import null_tokens, written_dates
from data_tools.ingest.typed_columns.number_notation import NumberNotation
from data_tools.ingest.typed_columns.text_parsers import TextParser

# What a cast of text to boolean takes, too; without being asked, only the words themselves.
_TRUE, _FALSE = "^(?:t|yes|1)$", "^(?:f|no|0)$"
_LOCAL = (TextParser.LOCAL_DATETIME,)
_ZONED = (TextParser.ZONED_DATETIME,)
_PARSERS: dict[ColumnType, tuple[TextParser, ...]] = {
    ColumnType.INTEGER: (TextParser.INTEGER,),
    ColumnType.FLOAT: (TextParser.FLOAT,),
    ColumnType.BOOLEAN: (TextParser.BOOLEAN,),
    ColumnType.DATE: (TextParser.DATE,),
    ColumnType.DATETIME: _LOCAL + _ZONED,
    ColumnType.TEXT: (),
}


@dataclass(frozen=True, kw_only=True)
class ColumnReading:
    """The steps from a column's texts as they were written to texts that a parser checks."""

    null_values: tuple[str, ...] | None = None
    """The texts that are missing values, whatever the column's type; None for the usual ones,
    which are none in a text column."""
    trims: bool = False
    type: ColumnType | None = None
    """The type that the owner asked for."""
    date_format: DateFormat | None = None
    notation: NumberNotation = NumberNotation()

    @classmethod
    def of(cls, options: ReadingOptions, column_options: ColumnOptions) -> Self:
        """Return how to read a column with these options.

        Raises:
            ValueError: the date format is not sound.
        """
        date_format = (
            parse_format(column_options.date_format) if column_options.date_format else None
        )
        type_ = column_options.type
        if date_format and type_ is None:
            type_ = ColumnType.DATETIME if date_format.gives_time else ColumnType.DATE
        return cls(
            null_values=options.null_values,
            trims=options.trims,
            type=type_,
            date_format=date_format,
            notation=NumberNotation(
                decimal=options.decimal,
                thousands=options.thousands,
                allows_prefixes=type_ in (ColumnType.INTEGER, ColumnType.FLOAT),
            ),
        )

    def parsers(self, inferred: tuple[TextParser, ...]) -> tuple[TextParser, ...]:
        """Return the parsers to try, which are the `inferred` ones unless a type is asked for."""
        if self.type is None:
            return inferred
        if self.type is ColumnType.DATETIME and self.date_format:
            return _ZONED if self.date_format.gives_offset else _LOCAL
        return _PARSERS[self.type]

    def nulls(self, parser: TextParser) -> tuple[str, ...]:
        """Return the texts that are missing values to this parser, beside the `null_values`."""
        usual = null_tokens.NULLS if self.null_values is None else ()
        return usual + (null_tokens.INFINITIES if parser is TextParser.FLOAT else ())

    def trimmed(self, written: pa.StringArray) -> pa.StringArray:
        """Return the texts without blanks at their ends; `written` itself if they stay."""
        return pc.utf8_trim_whitespace(written) if self.trims else written

    def plain(self, values: pa.StringArray, parser: TextParser) -> pa.StringArray | None:
        """Return the texts in the notation that the parser checks, `values` itself if it is the
        same; None if that of one is wrong."""
        match parser.column_type:
            case ColumnType.INTEGER | ColumnType.FLOAT:
                return self.notation.plain(values)
            case ColumnType.BOOLEAN if self.type:
                texts = pc.replace_substring_regex(pc.ascii_lower(values), _TRUE, "true")
                return pc.replace_substring_regex(texts, _FALSE, "false")
            case ColumnType.DATE | ColumnType.DATETIME if self.type:
                return self._plain_dates(values)
        return values

    def _plain_dates(self, values: pa.StringArray) -> pa.StringArray | None:
        texts: pa.StringArray | None = values
        if self.date_format:
            texts = written_dates.iso_datetimes(values, self.date_format)
        if texts is None:
            return None
        if self.type is ColumnType.DATE:
            return written_dates.without_midnight(texts)
        return written_dates.with_midnight(texts)
