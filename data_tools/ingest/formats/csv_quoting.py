"""Say how sure the quotation marks and the escapes of a CSV file are, and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from data_tools.ingest.formats.csv_candidates import (
    Sample,
    Trial,
    begins_fields,
    lines_are_records,
)
from data_tools.ingest.formats.csv_dialect import CsvDialect
from data_tools.ingest.formats.csv_scan import Findings
from data_tools.ingest.guess import CHOSEN, Certainty, Guess
from data_tools.ingest.options import ReadingOptions


@dataclass(frozen=True, slots=True, kw_only=True)
class QuotingInSample:
    """What the beginning of a file tells of its quotation marks."""

    quotes_by_habit: bool
    """All names are quoted, or a column always, so that marks are no text."""
    has_other_quote: bool
    """The records are as regular with other marks."""
    has_other_escape: bool
    """The records are as regular with other escapes."""
    has_apostrophes: bool
    """Some fields begin with '."""
    lines_are_records: bool
    """Without quoting, each line is a record of as many fields, although some are not with it."""

    @classmethod
    def of(cls, trial: Trial, rivals: Sequence[Trial], sample: Sample) -> QuotingInSample:
        dialect = trial.dialect
        others = [rival.dialect for rival in rivals if rival.dialect.delimiter == dialect.delimiter]
        return cls(
            quotes_by_habit=trial.quotes_by_habit,
            has_other_quote=any(other.quote != dialect.quote for other in others),
            has_other_escape=any(other.escape != dialect.escape for other in others),
            has_apostrophes=begins_fields(b"'", sample.text, dialect.delimiter),
            lines_are_records=lines_are_records(trial, sample),
        )


def quoting_guesses(
    dialect: CsvDialect,
    options: ReadingOptions,
    findings: Findings,
    sample: QuotingInSample,
    *,
    is_whole_file: bool,
) -> dict[str, Guess[object]]:
    """Return the quote and the escape as guesses, from what was found in the file.

    `is_whole_file` says that nothing is left to be read. If some records end otherwise than others,
    the line end is a guess, too.
    """
    quote, escape = (Certainty.CERTAIN, CHOSEN), (Certainty.CERTAIN, CHOSEN)
    if options.quote is None:
        quote = _of_quote(dialect, findings, sample, is_whole_file)
    if options.escape is None:
        escape = _of_escape(dialect, findings, sample, is_whole_file)
    guesses: dict[str, Guess[object]] = {
        "quote": Guess(value=dialect.quote, certainty=quote[0], why=quote[1]),
        "escape": Guess(value=dialect.escape, certainty=escape[0], why=escape[1]),
    }
    # The last record may have no line end.
    if 0 < findings.carriage_returns < findings.records - 1:
        guesses["line_end"] = Guess(
            value="\r",
            certainty=Certainty.GUESS,
            why=f"Carriage returns alone ({findings.carriage_returns:,}) were taken for line ends, "
            "while other lines end otherwise.",
        )
    return guesses


def _of_quote(
    dialect: CsvDialect, findings: Findings, sample: QuotingInSample, is_whole_file: bool
) -> tuple[Certainty, str]:
    if not dialect.quote and not dialect.escape:
        return (
            Certainty.GUESS,
            "Marks do not begin and end whole fields, so they were taken for text.",
        )
    if sample.has_other_quote:
        return Certainty.GUESS, "Both \" and ' could be the marks around fields."
    if not findings.quotes:
        if sample.has_apostrophes:
            return Certainty.LIKELY, "Fields begin with ', but not all of them end with it."
        if is_whole_file:
            return Certainty.CERTAIN, "The file contains no quotation marks."
        return Certainty.LIKELY, "The beginning of the file contains no quotation marks."
    if sample.lines_are_records:
        return Certainty.GUESS, (
            "Quoted fields go over several lines, but without the marks each line would be a "
            "record of as many fields."
        )
    if findings.bare_quotes:
        return Certainty.GUESS, (
            f"Quotation marks inside of fields that are not quoted ({findings.bare_quotes:,}) were "
            "taken for text."
        )
    if findings.spaced_quotes:
        return Certainty.GUESS, (
            f"Blanks around the marks of quoted fields ({findings.spaced_quotes:,}) were left out."
        )
    if not sample.quotes_by_habit and not findings.needed_quotes:
        return Certainty.GUESS, (
            f"No field needs the marks {dialect.quote} around it, so they could be text."
        )
    return Certainty.LIKELY, f"Wherever {dialect.quote} stands, it begins or ends a field."


def _of_escape(
    dialect: CsvDialect, findings: Findings, sample: QuotingInSample, is_whole_file: bool
) -> tuple[Certainty, str]:
    if dialect.escape:
        if sample.has_other_escape:
            return Certainty.GUESS, "Backslashes could be text as well."
        return Certainty.LIKELY, "Without escapes, the quoted fields would be broken."
    if findings.possible_escapes:
        return Certainty.GUESS, (
            f"Backslashes before marks, delimiters or line ends ({findings.possible_escapes:,}) "
            "were taken for text."
        )
    if findings.doubled_quotes:
        return Certainty.LIKELY, "Marks inside of quoted fields are doubled."
    if is_whole_file:
        return Certainty.CERTAIN, "No mark stands inside of a quoted field."
    return Certainty.LIKELY, "At the beginning, no mark stands inside of a quoted field."
