"""Find out how a CSV file is written: its dialect, its header, and where the rows begin.

`csv.Sniffer` is no help: it took 4 s over 41 kB of quoted fields (2026-11-29, two cores), growing
with the square, and finds no answer for a file of one column.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from data_tools.ingest.exceptions import (
    BrokenQuoting,
    EmptyFile,
    NulCharacter,
    OptionNotApplicable,
    RecordTooLong,
)
from data_tools.ingest.formats import csv_sureness
from data_tools.ingest.formats.csv_blocks import broken_quoting, count_line_ends
from data_tools.ingest.formats.csv_candidates import Sample, best_trial
from data_tools.ingest.formats.csv_comments import leading_comments
from data_tools.ingest.formats.csv_dialect import CsvDialect
from data_tools.ingest.formats.csv_fields import LINE_END
from data_tools.ingest.formats.csv_quoting import QuotingInSample
from data_tools.ingest.formats.csv_scan import Findings, Scanner
from data_tools.ingest.formats.utf8_stream import Utf8Stream
from data_tools.ingest.guess import Guess
from data_tools.ingest.options import ReadingOptions

_SAMPLE_BYTES = 1 << 20
_SEPARATOR_LINE = re.compile(
    rb'"?sep=([^\r\n"\x80-\xff]|[\xc0-\xff][\x80-\xbf]{1,3})"?[,;\t|]*(?:\r\n|\r|\n|\Z)',
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class CsvLayout:
    """What must be known before the first row can be read."""

    dialect: CsvDialect
    written_names: tuple[str, ...]
    """The fields of the header, unchanged; as many empty ones if there is none."""
    header_line: int | None
    data_offset: int
    """Where the records after the header begin, in bytes of the file's text as UTF-8."""
    data_line: int
    """The number of the line in which they begin."""
    guesses: dict[str, Guess[object]]
    """How sure the delimiter, the header and comments are."""
    quoting: QuotingInSample
    findings: Findings
    """What the header and the lines before it show of the quoting, and how many were comments."""
    findings_in_sample: Findings


@dataclass(slots=True, kw_only=True)
class _Start:
    """The beginning of a file that has not been used up yet."""

    text: bytes
    offset: int = 0
    line: int = 1

    def drop(self, size: int) -> None:
        self.line += count_line_ends(self.text, size)
        self.offset += size
        self.text = self.text[size:]

    def drop_lines(self, count: int, stream: Utf8Stream) -> None:
        """Leave out lines; the stream is read on for as long as it takes."""
        last = self.line + count
        while self.line < last:
            line_end = LINE_END.search(self.text)
            if line_end is None or line_end.end() == len(self.text):
                piece = stream.read(_SAMPLE_BYTES)
                self.text += piece
                if piece:
                    continue
            if line_end is None:
                raise EmptyFile(f"The file has no line {last:,}.")
            self.drop(line_end.end())

    def fill(self, stream: Utf8Stream) -> bool:
        """Read on until there is enough to sample; return whether there is more than that."""
        while len(self.text) <= _SAMPLE_BYTES:
            piece = stream.read(_SAMPLE_BYTES)
            if not piece:
                return False
            self.text += piece
        return True


def detect_layout(
    stream: Utf8Stream, options: ReadingOptions, *, is_named_tsv: bool, is_cut_off: bool
) -> CsvLayout:
    """Return the layout of a file, from its first mebibyte after the lines that are skipped.

    What `options` say is not guessed. A file of whose delimiters the header contains none has one
    column, however many commas its rows contain.

    Raises:
        EmptyFile: there is no header, or no record if the file has no header.
        NulCharacter: the header contains one.
        RecordTooLong: the header is longer than a million characters.
        BrokenQuoting: the header is quoted wrongly.
        OptionNotApplicable: the file itself says a delimiter that cannot be read.
    """
    start = _Start(text=stream.read(_SAMPLE_BYTES))
    separator = None if options.skip_rows else _take_separator_line(start)
    skipped = options.skip_rows
    if isinstance(options.header_row, int):
        skipped += options.header_row - 1
    start.drop_lines(max(0, skipped + 1 - start.line), stream)
    is_whole = not is_cut_off and not start.fill(stream)
    sample = Sample(
        text=start.text[:_SAMPLE_BYTES],
        is_whole=is_whole,
        options=options,
        separator=separator,
        is_named_tsv=is_named_tsv,
    )
    comments = leading_comments(sample)
    if comments:
        start.drop(comments.size)
        sample = sample.after(comments.size)
    trial, rivals = best_trial(sample)
    if trial is None:
        raise _no_header(sample, start.line, is_cut_off=is_cut_off)
    header = trial.rows[trial.header]
    if any("\0" in name for name in header):
        raise NulCharacter("The header contains the NUL character. Is this a text file?")
    header_start = int(trial.scan.starts[trial.header])
    has_header = options.header_row is not None
    data_start = int(trial.scan.next_starts[trial.header]) if has_header else header_start
    top = Scanner(trial.dialect).scan(sample.text[:data_start], is_last=True)
    if comments:
        top.findings.comments += comments.count
    header_line = start.line + count_line_ends(sample.text, header_start)
    guesses = {
        "delimiter": csv_sureness.of_delimiter(trial, rivals, sample),
        "header_row": csv_sureness.of_header(
            trial,
            header_line,
            options,
            is_apart=sample.text[data_start:].startswith((b"\r", b"\n")),
        ),
    }
    if comments:
        guesses["comment"] = comments.guess
    names = tuple(name.strip() if options.trims else name for name in header)
    return CsvLayout(
        dialect=trial.dialect,
        written_names=names if has_header else ("",) * len(header),
        header_line=header_line if has_header else None,
        data_offset=start.offset + data_start,
        data_line=start.line + count_line_ends(sample.text, data_start),
        guesses=guesses,
        quoting=QuotingInSample.of(trial, rivals, sample),
        findings=top.findings,
        findings_in_sample=trial.scan.findings,
    )


def _take_separator_line(start: _Start) -> str | None:
    """Return the delimiter that the file's first line says, as Excel writes it: `sep=;`."""
    line = _SEPARATOR_LINE.match(start.text)
    if line is None:
        return None
    delimiter = line[1].decode()
    if not delimiter.isascii():
        raise OptionNotApplicable(
            f"The file's first line says that the delimiter is “{delimiter}”, but only characters "
            "of ASCII can be read as delimiters. Remove the line, or replace the delimiter."
        )
    start.drop(line.end())
    return delimiter


def _no_header(
    sample: Sample, line: int, *, is_cut_off: bool
) -> EmptyFile | RecordTooLong | BrokenQuoting:
    if not sample.text.strip():
        return EmptyFile(f"The file has no record from line {line:,} on." if line > 1 else "")
    for dialect in sample.usual_dialects():
        scan = Scanner(dialect).scan(sample.text, is_last=sample.is_whole)
        if scan.fault:
            return broken_quoting(sample.text, scan.fault, first_line=line)
    if sample.is_whole:
        return EmptyFile()
    if is_cut_off and len(sample.text) < _SAMPLE_BYTES:
        return EmptyFile("The part of the file that was read ends before its header does.")
    return RecordTooLong("The header line is longer than a million characters.")
