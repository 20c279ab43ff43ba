"""A column of texts: first observed to infer its type, then turned into JSON of that type."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from enum import Enum
from functools import partial

import pyarrow as pa
import pyarrow.compute as pc

from data_tools.columns import ColumnType
from data_tools.ingest.stored_rows import json_texts
from data_tools.ingest.table import ColumnReport
from data_tools.ingest.typed_columns import null_tokens, text_parsers
from data_tools.ingest.typed_columns.text_parsers import Findings


class TextParser(Enum):
    """A way to parse a column's texts; the order is the order in which they are tried."""

    INTEGER = ColumnType.INTEGER, text_parsers.check_integers
    FLOAT = ColumnType.FLOAT, text_parsers.check_floats
    BOOLEAN = ColumnType.BOOLEAN, text_parsers.check_booleans
    DATE = ColumnType.DATE, text_parsers.check_dates
    LOCAL_DATETIME = ColumnType.DATETIME, partial(text_parsers.check_datetimes, zone=None)
    ZONED_DATETIME = ColumnType.DATETIME, partial(text_parsers.check_datetimes, zone="UTC")
    TEXT = ColumnType.TEXT, None

    def __init__(
        self, type_: ColumnType, check: Callable[[pa.StringArray], Findings | None] | None
    ) -> None:
        self.column_type = type_
        self.check = check

    @property
    def nulls(self) -> tuple[str, ...]:
        """The texts that it takes for a missing value."""
        return null_tokens.NULLS + (null_tokens.INFINITIES if self is TextParser.FLOAT else ())


class InferredColumn:
    """A column of the narrowest type that holds all its values, inferred from every one of them.

    No integer changes: a column of integers and fractions is text if a double would round one of
    the integers. Decimals with more digits than a double keeps are rounded, and counted.

    Call `observe` with every batch of the column, then `conclude` once, then `json_texts` with
    every batch again. A column is text as soon as one value cannot be parsed like the others;
    only integers widen, to floats. A column without any value is text.
    """

    def __init__(self, name: str, parsers: tuple[TextParser, ...] = tuple(TextParser)) -> None:
        """`parsers` are the only ones tried before the column is text."""
        self.report = ColumnReport(name=name)
        self._parsers = parsers
        self._parser: TextParser | None = None
        self._null_tokens: Counter[str] = Counter()
        self._rounded_decimals = 0
        self._inexact_integers = 0
        self._negative_zeros = 0
        self._shows_fraction = False
        self._unit = "s"

    def observe(self, values: pa.StringArray) -> None:
        self.report.missing_count += values.null_count
        if any(self._accepts(parser, values) for parser in self._candidates()):
            return
        self._parser = TextParser.TEXT
        self._null_tokens += null_tokens.count(values, null_tokens.NULLS)

    def _candidates(self) -> tuple[TextParser, ...]:
        match self._parser:
            case None:
                return tuple(parser for parser in self._parsers if parser.check)
            case TextParser.TEXT:
                return ()
            case TextParser.INTEGER:
                return (TextParser.INTEGER, TextParser.FLOAT)
            case parser:
                return (parser,)

    def _accepts(self, parser: TextParser, values: pa.StringArray) -> bool:
        """Settle on the parser if it can parse all the values, and keep what was found."""
        assert parser.check
        findings = parser.check(values)
        if findings is None:
            # Most columns have no null token, so they are looked for only now.
            nullified = null_tokens.nullified(values, parser.nulls)
            findings = parser.check(nullified) if nullified is not values else None
            if findings is None:
                return False
            self._null_tokens += null_tokens.count(values, parser.nulls)
            values = nullified
        if values.null_count < len(values):
            self._parser = parser
        self._rounded_decimals += findings.rounded_decimals
        self._inexact_integers += findings.inexact_integers
        self._negative_zeros += findings.negative_zero_count
        self._shows_fraction |= findings.shows_fraction
        self._unit = max(self._unit, findings.unit, key=("s", "ms", "us").index)
        return True

    def conclude(self) -> None:
        """Settle the type and complete the report."""
        self._parser = self._final_parser()
        report = self.report
        report.type = self._parser.column_type
        if self._parser is TextParser.TEXT:
            kept = [token for token in null_tokens.REPORTED_IN_TEXT if self._null_tokens[token]]
            report.kept_spellings = Counter({token: self._null_tokens[token] for token in kept})
            return
        report.missing_spellings = self._null_tokens
        report.missing_count += self._null_tokens.total()
        report.nan_count = sum(self._null_tokens[token] for token in null_tokens.NANS)
        report.infinity_count = self._infinity_count()
        if self._parser is TextParser.FLOAT:
            report.negative_zero_count = self._negative_zeros
            report.rounded_values = self._rounded_decimals

    def _final_parser(self) -> TextParser:
        if self._parser not in (TextParser.INTEGER, TextParser.FLOAT):
            # An infinity says that the other values are floats; beside other types it is text.
            return TextParser.TEXT if self._infinity_count() else self._parser or TextParser.TEXT
        if not self._shows_fraction and not self._infinity_count():
            # Floats without a fraction are integers beyond 64 bits, or minus zero: text keeps
            # every digit.
            return self._parser if self._parser is TextParser.INTEGER else TextParser.TEXT
        if count := self._inexact_integers:
            self.report.notes.append(
                f"Kept as text: {count:,} {'integer' if count == 1 else 'integers'} would be "
                "rounded in a column of floats."
            )
            return TextParser.TEXT
        return TextParser.FLOAT

    def _infinity_count(self) -> int:
        return sum(self._null_tokens[token] for token in null_tokens.INFINITIES)

    def json_texts(self, values: pa.StringArray) -> pa.StringArray:
        """Return the values as JSON texts of the column's type; missing ones as null.

        Raises:
            pyarrow.ArrowInvalid: the values are not those that were observed.
        """
        parser = self._parser
        if parser is None or parser is TextParser.TEXT:
            return json_texts.of_texts(values)
        if self._null_tokens:
            values = null_tokens.nullified(values, parser.nulls)
        match parser:
            case TextParser.INTEGER:
                return values  # canonical, hence JSON already
            case TextParser.FLOAT:
                return json_texts.unquoted(values.cast(pa.float64()))
            case TextParser.BOOLEAN:
                return pc.ascii_lower(values)
            case TextParser.DATE:
                return json_texts.quoted(values)
        zone = "UTC" if parser is TextParser.ZONED_DATETIME else None
        # By way of microseconds, since Arrow rejects a written fraction, even of zero, in a
        # coarser unit.
        times = values.cast(pa.timestamp("us", zone)).cast(pa.timestamp(self._unit, zone))
        return json_texts.quoted(json_texts.iso_datetimes(times))
