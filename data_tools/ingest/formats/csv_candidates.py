"""Try the dialects that a CSV file may have, and choose the one that makes the best table.

What gives every record the same number of fields, and more than one, wins; among several of those,
the one whose cells look most like single values. (Compare the pattern and type scores of van den
Burg, Nazábal and Sutton, “Wrangling messy CSV files by detecting row and type patterns”, 2019.)
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from data_tools.ingest.formats.csv_dialect import CsvDialect
from data_tools.ingest.formats.csv_fields import LINE_END, FieldReader, QuoteFault, Record
from data_tools.ingest.formats.csv_scan import Scan, Scanner
from data_tools.ingest.options import Open, ReadingOptions
from data_tools.sandbox.cell_looks import is_value
from data_tools.sandbox.header_guess import SAMPLE_ROWS, guess_header

DELIMITERS = ("\t", "|", ";", ",")
# Used by some exports, but too frequent in text to count as much.
RARE_DELIMITERS = ("\x1f", "\x01", "^", "~")
_COMPARED_RECORDS = SAMPLE_ROWS
# So that ten thousand columns take no time.
_COMPARED_CELLS = 20_000
_FEWEST_RECORDS = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """How the beginning of a file reads in one dialect."""

    dialect: CsvDialect
    scan: Scan
    """The records that hold something."""
    rows: Sequence[Sequence[str]]
    """The first records, as texts."""
    header: int
    """The index of the header among the records."""
    width: int
    """How many fields the header has."""
    agreement: float
    """The share of the records from the header on that have as many."""
    is_eligible: bool
    """It may be the best. If " begins fields, ' is no mark, but the report should tell."""
    names_are_quoted: bool
    """All of them are."""
    quotes_by_habit: bool
    """All names are quoted, or a column always, so that marks are no text."""
    quality: float
    """How much the cells look like single values, from 0 to 1."""

    @property
    def is_consistent(self) -> bool:
        """Every record has the same number of fields, and more than one."""
        return self.width > 1 and self.agreement == 1.0 and self.scan.fault is None

    def has_paired_marks(self, text: bytes) -> bool:
        """Tell whether every field of the text holds an even number of "."""
        delimiter = self.dialect.delimiter.encode()
        return all(
            field.count(b'"') % 2 == 0
            for start, end in zip(self.scan.starts.tolist(), self.scan.ends.tolist(), strict=True)
            if text.find(b'"', start, end) >= 0
            for field in text[start:end].split(delimiter)
        )

    def rank(self, *, is_hinted: bool) -> tuple[float | bool, ...]:
        """Trials that rank higher read better; `is_hinted` if the file's name says so."""
        return (
            self.is_eligible,
            self.names_are_quoted and self.dialect.quote == "'",
            self.is_consistent,
            is_hinted and self.width > 1,
            self.width > 1,
            self.scan.fault is None,
            round(self.agreement, 3),
            round(self.quality, 3),
            self.width,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """The beginning of a file, and what is known of its dialect."""

    text: bytes
    is_whole: bool
    """The text ends where the file does."""
    options: ReadingOptions
    separator: str | None
    """The delimiter that the file itself says."""
    is_named_tsv: bool

    def after(self, size: int) -> Sample:
        """Return the sample without its first `size` bytes."""
        return replace(self, text=self.text[size:])

    def default_dialect(self) -> CsvDialect:
        """Return the dialect of a file that gives no reason for another one."""
        options = self.options
        return CsvDialect(
            delimiter=options.delimiter or self.separator or ("\t" if self.is_named_tsv else ","),
            quote='"' if options.quote is None else options.quote,
            escape=options.escape or "",
            comment=options.comment,
        )

    def usual_dialects(self) -> list[CsvDialect]:
        """Return the default dialect, and then those of other delimiters."""
        default = self.default_dialect()
        return [default, *(replace(default, delimiter=other) for other in self.delimiters())]

    def delimiters(self) -> tuple[str, ...]:
        """Return the delimiters to try. What is rarer in texts comes first."""
        known = self.options.delimiter or self.separator
        return (known,) if known else DELIMITERS


def best_trial(sample: Sample) -> tuple[Trial | None, list[Trial]]:
    """Return how the sample reads best, and whatever other ways give consistent records.

    A file whose header contains no delimiter has one column. The best is None if there is no
    header in the sample.
    """
    tried = _trials(sample, sample.delimiters())
    wide = [trial for trial in tried if trial.width > 1]
    if not (sample.options.delimiter or sample.separator):
        tried += [
            trial
            for trial in _trials(sample, RARE_DELIMITERS)
            if trial.is_consistent and len(trial.scan) > 1
        ]
        wide = wide or [trial for trial in tried if trial.width > 1]
    if not wide and _is_header_broken(sample):
        return None, []
    if not wide:
        usual = sample.default_dialect().delimiter
        wide = [trial for trial in tried if trial.dialect.delimiter == usual]

    def rank(trial: Trial) -> tuple[float | bool, ...]:
        return trial.rank(is_hinted=sample.is_named_tsv and trial.dialect.delimiter == "\t")

    best = max(wide, key=rank, default=None)
    rivals = [
        trial
        for trial in tried
        if trial is not best
        and (trial.is_consistent or (best and best.width == 1 and _is_one_column(trial, best)))
    ]
    return best, rivals


def lines_are_records(trial: Trial, sample: Sample) -> bool:
    """Whether records go over several lines, each of which has as many fields without quoting.

    Then a mark that was never meant to open a field may have swallowed whole records.
    """
    if not trial.dialect.quote or trial.dialect.quote.encode() not in sample.text:
        return False
    unquoted = _trial(sample, replace(trial.dialect, quote="", escape=""))
    return (
        unquoted is not None
        and unquoted.is_consistent
        and unquoted.width == trial.width
        and len(unquoted.scan) > len(trial.scan)
    )


def _is_header_broken(sample: Sample) -> bool:
    """Tell whether a header with a delimiter is quoted wrongly, so that it was no trial."""
    return any(
        isinstance(FieldReader(dialect).read(sample.text.lstrip(), 0, is_last=True), QuoteFault)
        for dialect in sample.usual_dialects()
        if dialect.delimiter.encode() in _top(sample.text)
    )


def _is_one_column(trial: Trial, best: Trial) -> bool:
    return (
        trial.dialect.delimiter == best.dialect.delimiter
        and trial.width == 1
        and trial.agreement == 1.0
        and trial.scan.fault is None
    )


def _trials(sample: Sample, delimiters: Sequence[str]) -> list[Trial]:
    """Read the sample in each dialect that it may have; what is usual comes first."""
    usual = sample.default_dialect().delimiter
    top = _top(sample.text)
    comment, quote = sample.options.comment, sample.options.quote
    found: list[Trial] = []
    for delimiter in delimiters:
        if delimiter != usual and delimiter.encode() not in top:
            continue
        quoted = [
            _trial(
                sample, CsvDialect(delimiter=delimiter, quote=mark, escape=sign, comment=comment)
            )
            for mark, sign in _quotings(sample, delimiter)
        ]
        sound = [trial for trial in quoted if trial and trial.scan.fault is None]
        found += [trial for trial in quoted if trial]
        if delimiter == "\t" and quote is None and not sound:
            # Tabs often come without any quoting. Then marks are text, in pairs.
            unquoted = _trial(sample, CsvDialect(delimiter="\t", quote="", comment=comment))
            if unquoted and unquoted.is_consistent and unquoted.has_paired_marks(sample.text):
                found.append(unquoted)
    return found


def _top(text: bytes) -> bytes:
    """Return the lines among which the header must be."""
    ends = itertools.islice(LINE_END.finditer(text), _COMPARED_RECORDS)
    return text[: max((end.end() for end in ends), default=len(text))]


def _quotings(sample: Sample, delimiter: str) -> Iterator[tuple[str, str]]:
    """Yield each pair of quote and escape for which the text gives a reason, usual ones first."""
    text, quote, escape = sample.text, sample.options.quote, sample.options.escape
    if quote is not None:
        quotes = [quote]
    else:
        quotes = ['"']
        if begins_fields(b"'", text, delimiter):
            quotes.append("'")
        if b'"' not in text and any(
            b"\\" + sign in text for sign in (delimiter.encode(), b"\r", b"\n")
        ):
            quotes.append("")
    for mark in quotes:
        if escape is not None:
            yield mark, "" if escape == mark else escape
            continue
        if mark or quote is not None:
            yield mark, ""
        if not mark or b"\\" + mark.encode() in text:
            yield mark, "\\"


def begins_fields(mark: bytes, text: bytes, delimiter: str) -> bool:
    """Tell whether any field begins with this mark."""
    return text.startswith(mark) or any(
        before + mark in text for before in (delimiter.encode(), b"\n", b"\r")
    )


def _trial(sample: Sample, dialect: CsvDialect) -> Trial | None:
    """Read the sample in a dialect; None if it holds no record."""
    text = sample.text
    scanner = Scanner(dialect)
    scan = scanner.scan(text, is_last=sample.is_whole)
    scan = scan.without_blank_lines(text)
    if not len(scan):
        return None
    compared = max(_FEWEST_RECORDS, min(_COMPARED_RECORDS, _COMPARED_CELLS // int(scan.widths[0])))
    records = [
        record
        for start in scan.starts[:compared].tolist()
        if isinstance(record := scanner.fields.read(text, start, is_last=sample.is_whole), Record)
    ]
    rows = [record.texts() for record in records]
    is_guessed = isinstance(sample.options.header_row, Open)
    header = _header_of(text, scan, rows) if is_guessed else 0
    width = int(scan.widths[header])
    return Trial(
        dialect=dialect,
        scan=scan,
        rows=rows,
        header=header,
        width=width,
        agreement=float(np.mean(scan.widths[header:] == width)),
        is_eligible=dialect.quote != "'"
        or sample.options.quote is not None
        or not begins_fields(b'"', text, dialect.delimiter),
        names_are_quoted=all(is_quoted for _, is_quoted in records[header].fields),
        quotes_by_habit=_quotes_by_habit(records[header:]),
        quality=_quality(rows[header:], dialect),
    )


def _quotes_by_habit(records: Sequence[Record]) -> bool:
    header, *others = ([is_quoted for _, is_quoted in record.fields] for record in records)
    if all(header):
        return True
    return any(
        len(column) > 1 and all(column)
        for column in zip(*(row for row in others if len(row) == len(header)), strict=True)
    )


def _header_of(text: bytes, scan: Scan, rows: Sequence[Sequence[str]]) -> int:
    index = guess_header([[cell or None for cell in row] for row in rows])
    if index and any(len(row) < len(rows[index]) for row in rows[:index]):
        # Titles that are not padded. A file of one column may look the same, so there must be a
        # blank line after them, or numbers in a table of several columns.
        is_apart = text[scan.next_starts[index - 1] :].startswith((b"\n", b"\r"))
        below = [row for row in rows[index + 1 :] if len(row) == len(rows[index])]
        if not below:
            return 0
        if not is_apart and (len(rows[index]) < 3 or not _has_column_of_values(below)):
            return 0
    return index


def _has_column_of_values(rows: Sequence[Sequence[str]]) -> bool:
    columns = zip(*rows, strict=True)
    return any(all(is_value(cell) for cell in column if cell) and any(column) for column in columns)


def _quality(rows: Sequence[Sequence[str]], dialect: CsvDialect) -> float:
    """Return the mean over the header's cells and the others', which count as much together."""
    others = "".join(sign for sign in DELIMITERS if sign != dialect.delimiter)
    header = [
        _cell_quality(cell, others) - (0.2 if len(cell) > 1 and cell[0] == cell[-1] == "'" else 0)
        for cell in rows[0]
    ]
    cells = [_cell_quality(cell, others) for row in rows[1:] for cell in row]
    scores = [sum(part) / len(part) for part in (header, cells) if part]
    return sum(scores) / len(scores)


def _cell_quality(cell: str, other_delimiters: str) -> float:
    text = cell.strip()
    if not text:
        return 0.6
    if is_value(text):
        # A decimal comma is a reason to think of another delimiter than the comma.
        return 0.9 if "," in text else 1.0
    quality = 0.7
    if any(delimiter in text for delimiter in other_delimiters):
        quality -= 0.4
    if cell[0].isspace():
        quality -= 0.2  # a comma in a sentence is followed by a blank
    if cell.count("(") != cell.count(")"):
        quality -= 0.3
    return quality
