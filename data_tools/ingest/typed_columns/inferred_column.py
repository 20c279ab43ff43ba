"""A column of texts: first observed to infer its type, then turned into JSON of that type."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from functools import partial

import orjson
import pyarrow as pa
import pyarrow.compute as pc

from data_tools.date_formats import DateFormat
from data_tools.ingest.exceptions import ValueNotOfType
from data_tools.ingest.faulty_lines import SHOWN_CHARACTERS
from data_tools.ingest.options import ColumnOptions, ReadingOptions
from data_tools.ingest.stored_rows import json_texts
from data_tools.ingest.table import ColumnReport, Example
from data_tools.ingest.typed_columns import conclusion, date_guess, null_tokens
from data_tools.ingest.typed_columns.altered_values import AlteredValues
from data_tools.ingest.typed_columns.column_reading import ColumnReading
from data_tools.ingest.typed_columns.evidence import Evidence, Misfit
from data_tools.ingest.typed_columns.identifiers import IdentifierClues
from data_tools.ingest.typed_columns.misfits import fitting_length
from data_tools.ingest.typed_columns.text_parsers import Findings, TextParser

_NUMBERS = (TextParser.INTEGER, TextParser.FLOAT)
_USUAL = ColumnReading()


class InferredColumn:
    """A column of the narrowest type that holds all its values, inferred from every one of them.

    No integer changes: a column of integers and fractions is text if a double would round one of
    the integers. Decimals with more digits than a double keeps are rounded, and counted. Numbers
    that are written like names are text: see Note [Names that look like numbers]. Whatever the
    owner asks of the column goes before all that.

    Call `observe` with every batch of the column, then `conclude` once, then `json_texts` with
    every batch again. A column is text as soon as one value cannot be parsed like the others;
    only integers widen, to floats. A column without any value is text.
    """

    is_as_written = True
    """Whether the file has these very texts, so that one that is stored otherwise is counted."""
    type_is_open = True
    """Whether the file leaves it open what its texts are, so that a number may be a name."""

    def __init__(self, name: str, parsers: tuple[TextParser, ...] = tuple(TextParser)) -> None:
        """`parsers` are the only ones tried before the column is text."""
        self.report = ColumnReport(name=name)
        self._parsers = parsers
        self._parser: TextParser | None = None
        self._reading = ColumnReading()
        self._evidence = Evidence()
        self._altered = AlteredValues()
        self._null_tokens: Counter[str] = Counter()
        self._null_values: Counter[str] = Counter()
        self._date_formats: list[DateFormat] | None = None

    def follow(self, options: ReadingOptions, column_options: ColumnOptions) -> None:
        self._reading = ColumnReading.of(options, column_options)
        self._evidence.clues = IdentifierClues(point_is_decimal=options.decimal == ".")
        self._parsers = self._reading.parsers(self._parsers)

    @property
    def awaits_plain_floats(self) -> bool:
        """Whether nothing is to be learned of a batch of plain floats but how many they are."""
        return (
            self._parser is TextParser.FLOAT
            and self._reading == _USUAL
            and self._evidence.is_of_floats_for_sure
        )

    def observe_plain_floats(self, values: pa.StringArray) -> None:
        """Observe a batch of which `side_by_side` knows that it holds nothing else."""
        self.report.missing_count += values.null_count
        self._evidence.add_plain_floats(values)

    def observe(self, values: pa.StringArray) -> None:
        """Observe a batch.

        Raises:
            ValueNotOfType: a value is not of the type that the owner asked for.
        """
        self.report.missing_count += values.null_count
        written, values = values, self._without_null_values(self._reading.trimmed(values))
        self._note_first(values)
        if not any(self._accepts(parser, written, values) for parser in self._candidates()):
            self._keep_as_text(values)
        if self._reading.trims:
            self._altered.add(
                TextParser.TEXT,
                written=written,
                values=values,
                respelled={},
                rows_before=self._evidence.rows,
            )
        self._evidence.rows += len(values)

    def _without_null_values(self, values: pa.StringArray) -> pa.StringArray:
        tokens = self._reading.null_values
        if not tokens:
            return values
        self._null_values += null_tokens.count(values, tokens)
        self._note_missing(values, tokens)
        return null_tokens.nullified(values, tokens)

    def _note_first(self, values: pa.StringArray) -> None:
        if self._evidence.first is not None or values.null_count == len(values):
            return
        usual = null_tokens.NULLS if self._reading.null_values is None else ()
        for index, text in enumerate(values.to_pylist()):
            if text is not None and text not in usual:
                self._evidence.first = self._evidence.place(values, index)
                return

    def _note_missing(self, values: pa.StringArray, tokens: tuple[str, ...]) -> None:
        if self.report.first_missing_spelling is None:
            place = self._evidence.first_where(null_tokens.mask(values, tokens), values)
            if place:
                self.report.first_missing_spelling = Example(
                    row=place.row, written=place.text, stored=None
                )

    def _candidates(self) -> tuple[TextParser, ...]:
        match self._parser:
            case None if self._infinity_count() and not self._reading.type:
                # An infinity says that the other values are numbers; beside other types it is text.
                return tuple(parser for parser in self._parsers if parser in _NUMBERS)
            case None:
                return tuple(parser for parser in self._parsers if parser.check)
            case TextParser.TEXT:
                return ()
            case TextParser.INTEGER:
                return tuple(parser for parser in self._parsers if parser in _NUMBERS)
            case parser:
                return (parser,)

    def _accepts(self, parser: TextParser, written: pa.StringArray, values: pa.StringArray) -> bool:
        """Settle on the parser if it can parse all the values, and keep what was found."""
        findings, plain = self._check(parser, values)
        if findings is None:
            # Most columns have no null token, so they are looked for only now.
            tokens = self._reading.nulls(parser)
            nullified = null_tokens.nullified(values, tokens)
            if nullified is not values:
                findings, plain = self._check(parser, nullified)
            if findings is None:
                return False
            self._null_tokens += null_tokens.count(values, tokens)
            self._note_missing(values, tokens)
            values = nullified
        if parser is TextParser.FLOAT:
            self._note_first_no_integer(values)
            self._evidence.clues.observe(plain, rows_before=self._evidence.rows)
        if values.null_count < len(values):
            self._parser = parser
        if self.is_as_written:
            self._altered.add(
                parser,
                written=written,
                values=plain,
                respelled=findings.respelled,
                rows_before=self._evidence.rows,
            )
        self._evidence.add(findings, values, plain)
        return True

    def _check(
        self, parser: TextParser, values: pa.StringArray
    ) -> tuple[Findings | None, pa.StringArray]:
        """Return the findings, none if a value does not fit, and what was checked."""
        assert parser.check
        plain = self._reading.plain(values, parser)
        return (None, values) if plain is None else (parser.check(plain), plain)

    def _fits(self, parser: TextParser, values: pa.StringArray) -> bool:
        return self._check(parser, values)[0] is not None

    def _note_first_no_integer(self, values: pa.StringArray) -> None:
        if self._evidence.first_no_integer is not None:
            return
        length = fitting_length(values, lambda part: self._fits(TextParser.INTEGER, part))
        if length < len(values):
            self._evidence.first_no_integer = self._evidence.place(values, length)

    def _keep_as_text(self, values: pa.StringArray) -> None:
        usual = null_tokens.NULLS if self._reading.null_values is None else ()
        if self._parser is not TextParser.TEXT:
            self._evidence.misfit = misfit = self._find_misfit(values)
            if misfit and self._reading.type:
                raise ValueNotOfType(
                    conclusion.not_of_type(self.report.name, misfit.place, self._reading),
                    report={
                        "column": self.report.name,
                        "row": misfit.place.row,
                        "value": misfit.place.text[:SHOWN_CHARACTERS],
                    },
                )
            if self._parser is TextParser.DATE:
                self._date_formats = [date_guess.ISO_DATE]
            elif self._evidence.present or self._reading.type:
                self._date_formats = []
            self._parser = TextParser.TEXT
        if self._date_formats != []:
            present = null_tokens.nullified(values, usual)
            if self._date_formats is None:
                self._date_formats = date_guess.first_formats(present)
            if self._date_formats:
                self._date_formats = date_guess.still_fitting(self._date_formats, present)
        self._null_tokens += null_tokens.count(values, null_tokens.NULLS)

    def _find_misfit(self, values: pa.StringArray) -> Misfit | None:
        """Return the first value that the parser of most values cannot take."""
        misfits = []
        for parser in self._candidates():
            present = null_tokens.nullified(values, self._reading.nulls(parser))
            length = fitting_length(present, partial(self._fits, parser))
            before = present.slice(0, length)
            fitting = self._evidence.present + len(before) - before.null_count
            place = self._evidence.place(present, length)
            misfits.append(Misfit(parser=parser, place=place, fitting=fitting))
        # Among equals the later one, since a parser may take what is missing before it for a value.
        return max(misfits, key=lambda misfit: (misfit.fitting, misfit.place.row), default=None)

    def conclude(self) -> None:
        """Settle the type and complete the report."""
        report, evidence = self.report, self._evidence
        verdict = conclusion.conclude(
            self._parser,
            evidence,
            parsers=self._parsers,
            requested_type=self._reading.type,
            infinity_count=self._infinity_count(),
            type_is_open=self.type_is_open,
            date_formats=self._date_formats or (),
        )
        self._parser = verdict.parser
        report.type = verdict.parser.column_type
        report.certainty, report.why = verdict.certainty, verdict.why
        report.notes += verdict.notes
        chosen = self._reading.notation.options
        if chosen.items() <= verdict.suggested_options.items():
            report.suggested_options = dict(verdict.suggested_options)
        report.missing_spellings = Counter(self._null_values)
        report.missing_count += self._null_values.total()
        if self._parser is TextParser.TEXT:
            kept = [token for token in null_tokens.REPORTED_IN_TEXT if self._null_tokens[token]]
            report.kept_spellings = Counter({token: self._null_tokens[token] for token in kept})
            report.date_formats = [str(format_) for format_ in self._date_formats or ()]
            if not self._null_values:
                report.first_missing_spelling = None
        else:
            report.missing_spellings += self._null_tokens
            report.missing_count += self._null_tokens.total()
            report.nan_count = sum(report.missing_spellings[token] for token in null_tokens.NANS)
            report.infinity_count = self._infinity_count()
        if self._parser is TextParser.FLOAT:
            report.negative_zero_count = evidence.negative_zeros
            report.rounded_values = evidence.rounded_decimals
            if rounded := evidence.first_rounded:
                report.first_rounded_value = self._example(
                    rounded.row, rounded.text, evidence.first_rounded_plain
                )
        altered = self._altered.of(self._parser, unit=evidence.unit)
        if altered.count:
            first = self._example(altered.row, altered.written, altered.value)
            report.respelled.add(altered.count, first)

    @property
    def decimal(self) -> str | None:
        """The character that is before the fraction of its numbers for sure; None without one."""
        if self._parser is not TextParser.FLOAT or self._evidence.clues.may_be_thousands:
            return None
        return self._reading.notation.decimal

    def _infinity_count(self) -> int:
        return sum(self._null_tokens[token] for token in null_tokens.INFINITIES)

    def _example(self, row: int, written: str, value: str) -> Example:
        """Return an example of which `value` is what the parser reads."""
        json = str(self._json_of_plain(pa.array([value], pa.string()))[0])
        if self._parser is TextParser.FLOAT:
            # The database keeps numbers as decimals.
            stored = f"{Decimal(json) + 0:f}"
        else:
            stored = orjson.loads(json) if json.startswith('"') else json
        return Example(row=row, written=written, stored=stored)

    @property
    def rewrites_floats(self) -> bool:
        """Whether its values are floats, without null tokens, to be written in another form."""
        return (
            self._parser is TextParser.FLOAT
            and self._reading == _USUAL
            and not self._null_tokens
            and not self._evidence.are_shortest
        )

    def json_texts(self, values: pa.StringArray) -> pa.StringArray:
        """Return the values as JSON texts of the column's type; missing ones as null.

        Raises:
            pyarrow.ArrowInvalid: the values are not those that were observed.
        """
        values = self._reading.trimmed(values)
        if self._null_values:
            values = null_tokens.nullified(values, self._reading.null_values or ())
        parser = self._parser
        if parser is None or parser is TextParser.TEXT:
            return json_texts.of_texts(values)
        if self._null_tokens:
            values = null_tokens.nullified(values, self._reading.nulls(parser))
        plain = self._reading.plain(values, parser)
        if plain is None:
            raise pa.ArrowInvalid("The values are not those that were observed.")
        return self._json_of_plain(plain)

    def _json_of_plain(self, values: pa.StringArray) -> pa.StringArray:
        parser = self._parser
        match parser:
            case TextParser.TEXT:
                return json_texts.of_texts(values)
            case TextParser.INTEGER:
                return values  # canonical, hence JSON already
            case TextParser.FLOAT if self._evidence.are_shortest:
                return values
            case TextParser.FLOAT:
                return json_texts.unquoted(values.cast(pa.float64()))
            case TextParser.BOOLEAN:
                return pc.ascii_lower(values)
            case TextParser.DATE:
                return json_texts.quoted(values)
        zone = "UTC" if parser is TextParser.ZONED_DATETIME else None
        # By way of microseconds, since Arrow rejects a written fraction, even of zero, in a
        # coarser unit.
        unit = self._evidence.unit
        times = values.cast(pa.timestamp("us", zone)).cast(pa.timestamp(unit, zone))
        return json_texts.quoted(json_texts.iso_datetimes(times))
