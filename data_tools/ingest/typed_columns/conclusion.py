"""Which type the evidence gives a column, how sure that is, and why."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pyarrow as pa

from data_tools.columns import ColumnType
from data_tools.date_formats import DateFormat
from data_tools.ingest.guess import CHOSEN, Certainty
from data_tools.ingest.table import shortened
from data_tools.ingest.typed_columns import null_tokens
from data_tools.ingest.typed_columns.column_reading import ColumnReading
from data_tools.ingest.typed_columns.evidence import Evidence
from data_tools.ingest.typed_columns.number_notation import NumberNotation
from data_tools.ingest.typed_columns.place import Place
from data_tools.ingest.typed_columns.text_parsers import TextParser

_FEW = 3
_SINGULARS = {
    TextParser.INTEGER: "number",
    TextParser.FLOAT: "number",
    TextParser.BOOLEAN: "boolean",
    TextParser.DATE: "date",
    TextParser.LOCAL_DATETIME: "datetime without an offset",
    TextParser.ZONED_DATETIME: "datetime with an offset",
}
_LOSSES = {
    r"[+-]?0[0-9]+(\.[0-9]*)?([eE][+-]?[0-9]+)?": "As a number it would lose the zero in front.",
    r"\+[0-9]*\.?[0-9]+([eE][+-]?[0-9]+)?": "As a number it would lose the plus.",
    r"[+-]?[0-9]{1,3}(,[0-9]{3})+": "With “,” between thousands, or as the decimal mark, it would "
    "be one.",
    r"[+-]?[0-9]{1,3}(,[0-9]{3})+\.[0-9]+": "With “,” between thousands it would be one.",
    r"[+-]?[0-9]*,[0-9]+": "With “,” as the decimal mark it would be one.",
    r"[+-]?[0-9]{1,3}(\.[0-9]{3})+(,[0-9]+)?": "With “.” between thousands and “,” as the decimal "
    "mark it would be one.",
    r"[+-]?[0-9]{1,3}([ '’\u00a0\u2009\u202f][0-9]{3})+": "With what stands between its digits as "
    "the mark between thousands it would be one.",
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9:]+\.[0-9]{7,}.*": "It is finer than a microsecond, to "
    "which a datetime would cut it.",
    r"\s+[+-]?[0-9.]+\s*|[+-]?[0-9.]+\s+": "Without the blanks around it, it would be one.",
}
_NOTATIONS = (
    NumberNotation(decimal=","),
    NumberNotation(thousands=","),
    NumberNotation(thousands=".", decimal=","),
    NumberNotation(thousands="'"),
    NumberNotation(thousands="’"),
    NumberNotation(thousands=" "),
    NumberNotation(thousands=" ", decimal=","),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """The type of a column, as the parser that reads it.

    `suggested_options` are reading options with which what made it text would be a number.
    """

    parser: TextParser
    certainty: Certainty
    why: str
    notes: tuple[str, ...] = ()
    suggested_options: Mapping[str, str] = field(default_factory=dict)


def conclude(
    parser: TextParser | None,
    evidence: Evidence,
    *,
    parsers: Sequence[TextParser],
    requested_type: ColumnType | None,
    infinity_count: int,
    type_is_open: bool,
    date_formats: Sequence[DateFormat],
) -> Verdict:
    """Return the verdict on a column of which `parser` reads every value; None if it has none.

    `parsers` are those that were tried, only those of `requested_type` if the owner requested one;
    `date_formats` are those that every value fits.
    """
    if requested_type:
        requested_parser = parser or (parsers[0] if parsers else TextParser.TEXT)
        return _certain(requested_parser, CHOSEN)
    if parser is None:
        return _without_values(evidence)
    if parser is TextParser.TEXT:
        return _text(evidence, parsers, date_formats)
    if parser not in (TextParser.INTEGER, TextParser.FLOAT):
        why = _dates_or_booleans(parser, evidence)
        return _unless_few(parser, evidence, why) if type_is_open else _certain(parser, why)
    return _numbers(parser, evidence, has_infinities=infinity_count > 0, type_is_open=type_is_open)


def not_of_type(column: str, place: Place, reading: ColumnReading) -> str:
    """Return why a value refuses the file: it is not of the type that was asked for."""
    assert reading.type
    article = "an" if reading.type is ColumnType.INTEGER else "a"
    format_ = f" in the format “{reading.date_format}”" if reading.date_format else ""
    return (
        f"“{shortened(place.text)}” in row {place.row:,} of column “{shortened(column)}” is not "
        f"{article} {reading.type}{format_}, which the options ask for.{_loss(place)}"
    )


def _without_values(evidence: Evidence) -> Verdict:
    why = "The column has no values."
    if place := evidence.first:
        why = f"{_at(place)}, is infinite, and the column has no number."
    return Verdict(parser=TextParser.TEXT, certainty=Certainty.GUESS, why=why)


def _text(
    evidence: Evidence, parsers: Sequence[TextParser], date_formats: Sequence[DateFormat]
) -> Verdict:
    misfit, first = evidence.misfit, evidence.first
    if first is None:
        return _without_values(evidence)
    if date_formats:
        return _text_of_dates(evidence, date_formats)
    if not parsers:
        return _certain(TextParser.TEXT, "The file gives the values as texts.")
    if misfit is None or not misfit.fitting:
        if first.text in null_tokens.INFINITIES:
            why = f"{_at(first)}, is infinite, and not all the other values are numbers."
            return Verdict(parser=TextParser.TEXT, certainty=Certainty.LIKELY, why=why)
        kinds = list(
            dict.fromkeys(
                _SINGULARS[parser].split(" with")[0] for parser in parsers if parser.check
            )
        )
        return Verdict(
            parser=TextParser.TEXT,
            certainty=Certainty.CERTAIN,
            why=f"{_at(first)}, is not a {_listed(kinds)}.{_loss(first)}",
            suggested_options=_notation(first, parsers),
        )
    kind = _SINGULARS[misfit.parser]
    before = (
        f"the {misfit.fitting:,} values before it are"
        if misfit.fitting > 1
        else "the value before it is one"
    )
    return Verdict(
        parser=TextParser.TEXT,
        certainty=Certainty.LIKELY,
        why=f"{_at(misfit.place)}, is not a {kind}, while {before}.{_loss(misfit.place)}",
        suggested_options=_notation(misfit.place, parsers),
    )


def _text_of_dates(evidence: Evidence, date_formats: Sequence[DateFormat]) -> Verdict:
    assert evidence.first
    orders = " or ".join(dict.fromkeys(f"the {format_.order}" for format_ in date_formats))
    return Verdict(
        parser=TextParser.TEXT,
        certainty=Certainty.GUESS,
        why=f"Every value is a date with {orders}, such as “{shortened(evidence.first.text)}”. Say "
        "how these dates are written, and the column holds dates.",
    )


def _dates_or_booleans(parser: TextParser, evidence: Evidence) -> str:
    match parser:
        case TextParser.BOOLEAN:
            return f"{_all(evidence)} “true” or “false”."
        case TextParser.DATE:
            return f"{_all(evidence)} a day of the calendar as YYYY-MM-DD."
        case TextParser.LOCAL_DATETIME:
            return f"{_all(evidence)} a datetime in ISO 8601, without an offset."
        case _:
            return f"{_all(evidence)} a datetime in ISO 8601 with an offset; UTC is stored."


def _numbers(
    parser: TextParser, evidence: Evidence, *, has_infinities: bool, type_is_open: bool
) -> Verdict:
    if not evidence.shows_fraction and not has_infinities:
        if parser is TextParser.INTEGER:
            return _integers(evidence, type_is_open=type_is_open)
        # Floats without a fraction are integers beyond 64 bits, or minus zero: text keeps
        # every digit.
        assert evidence.first_no_integer
        why = f"{_at(evidence.first_no_integer)}, would not be the same as an integer of 64 bits."
        return Verdict(parser=TextParser.TEXT, certainty=Certainty.LIKELY, why=why)
    if count := evidence.inexact_integers:
        assert evidence.first_inexact
        integers = "integer" if count == 1 else "integers"
        why = (
            f"{_at(evidence.first_inexact)}, would be rounded beside numbers with a fraction or an "
            "exponent."
        )
        return Verdict(
            parser=TextParser.TEXT,
            certainty=Certainty.LIKELY,
            why=why,
            notes=(f"Kept as text: {count:,} {integers} would be rounded in a column of floats.",),
        )
    if type_is_open and not has_infinities:
        if named := evidence.clues.exponent:
            why = (
                f"{_at(named)}, is written like a name: it has an exponent, and no value has a "
                "point or a sign. Ask for the type float if these are numbers."
            )
            return Verdict(parser=TextParser.TEXT, certainty=Certainty.GUESS, why=why)
        if named := evidence.clues.version:
            why = (
                f"{_at(named)}, is written like a version: it ends in a zero, and another "
                "value, which begins alike, has fewer digits. Ask for the type float if these are "
                "numbers."
            )
            return Verdict(parser=TextParser.TEXT, certainty=Certainty.GUESS, why=why)
    return _floats(evidence, type_is_open=type_is_open)


def _integers(evidence: Evidence, *, type_is_open: bool) -> Verdict:
    why = f"{_all(evidence)} a whole number."
    if not type_is_open:
        return _certain(TextParser.INTEGER, why)
    doubt = ""
    if evidence.least is not None and evidence.least >= 0 and evidence.greatest in (0, 1):
        doubt = "All are 0 or 1, which may stand for false and true."
    elif evidence.may_be_days:
        doubt = "All could be dates as YYYYMMDD."
    if doubt:
        return Verdict(parser=TextParser.INTEGER, certainty=Certainty.LIKELY, why=f"{why} {doubt}")
    return _unless_few(TextParser.INTEGER, evidence, why)


def _floats(evidence: Evidence, *, type_is_open: bool) -> Verdict:
    why = f"{_all(evidence)} a number."
    if place := evidence.first_no_integer:
        why = f"{why} {_at(place)}, is the first that is not an integer."
    if not type_is_open:
        return _certain(TextParser.FLOAT, why)
    doubt = ""
    if evidence.clues.may_be_thousands:
        doubt = "All have three decimals: the point may be one between thousands."
    elif evidence.clues.has_padded_values:
        doubt = "They may be versions, of which a zero at the end is part."
    if doubt:
        return Verdict(parser=TextParser.FLOAT, certainty=Certainty.LIKELY, why=f"{why} {doubt}")
    return _unless_few(TextParser.FLOAT, evidence, why)


def _unless_few(parser: TextParser, evidence: Evidence, why: str) -> Verdict:
    if evidence.present >= _FEW:
        return _certain(parser, why)
    return Verdict(
        parser=parser, certainty=Certainty.LIKELY, why=f"{why} There is little to judge by."
    )


def _certain(parser: TextParser, why: str) -> Verdict:
    return Verdict(parser=parser, certainty=Certainty.CERTAIN, why=why)


def _all(evidence: Evidence) -> str:
    return f"Each of the {evidence.present:,} values is" if evidence.present > 1 else "The value is"


def _at(place: Place) -> str:
    return f"Row {place.row:,}, “{shortened(place.text)}”"


def _loss(place: Place) -> str:
    """Return a sentence on why a text that resembles a number is none; "" if it does not."""
    for pattern, sentence in _LOSSES.items():
        if len(place.text) < 100 and re.fullmatch(pattern, place.text):
            return f" {sentence}"
    return ""


def _notation(place: Place, parsers: Sequence[TextParser]) -> Mapping[str, str]:
    """Return the reading options with which a text would be a number; none if it is far from one.

    Of several notations the one with the fewest options counts. In “1,234” the comma may be either
    mark, which is for the owner to say. Texts of a file that writes numbers as such are none.
    """
    if TextParser.FLOAT not in parsers:
        return {}
    fitting = [each for each in _NOTATIONS if each.plain(pa.array([place.text])) is not None]
    fewest = min((len(each.options) for each in fitting), default=0)
    best = [each.options for each in fitting if len(each.options) == fewest]
    return best[0] if len(best) == 1 else {}


def _listed(words: list[str]) -> str:
    return " or ".join([", ".join(words[:-1]), words[-1]]) if len(words) > 1 else words[0]
