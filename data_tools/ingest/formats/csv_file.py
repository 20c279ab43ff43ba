"""A CSV file as a stream of record batches, with every column as text.

The records are found by `csv_scan`, which knows lines and the number of fields; Arrow's reader
gets those that fit, and makes arrays of their fields. By itself it would take broken quoting for
text, count no lines, and read past the end of a field that is never closed.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from pyarrow import csv as arrow_csv

from data_tools.columns import unique_names
from data_tools.ingest.encoding import Encoding
from data_tools.ingest.exceptions import OptionNotApplicable, RaggedLines
from data_tools.ingest.faulty_lines import of_line, utf8_line_around
from data_tools.ingest.formats.column_names import renamed_columns
from data_tools.ingest.formats.csv_blocks import RecordBlock, RecordBlocks
from data_tools.ingest.formats.csv_dialect import CsvDialect, character_name
from data_tools.ingest.formats.csv_layout import detect_layout
from data_tools.ingest.formats.csv_quoting import quoting_guesses
from data_tools.ingest.formats.csv_rewriting import text_of_records
from data_tools.ingest.formats.csv_scan import Scanner
from data_tools.ingest.formats.utf8_stream import Utf8Stream
from data_tools.ingest.limits import Limits
from data_tools.ingest.options import ReadingOptions, refuse_inapplicable
from data_tools.ingest.table import refuse_nul
from data_tools.ingest.typed_columns.inferred_column import InferredColumn

_MOST_REPORTED_LINES = 5
_MOST_COLUMNS_PARSED = 500
_SIGNS_OF_COMMENTS = ("#", "//", "%", "--", ";")


@dataclass(slots=True)
class _LinesOfOtherWidth:
    """The records with another number of fields than the header."""

    expected: int
    count: int = 0
    first: list[dict[str, int]] = field(default_factory=list)
    comment: str = ""
    """A sign of comments with which one of the first begins."""
    first_text: str = ""
    """The line in which the first of them begins."""

    def add(self, block: RecordBlock, is_other: np.ndarray[Any, np.dtype[np.bool_]]) -> None:
        indices = np.flatnonzero(is_other)
        self.count += len(indices)
        for index in indices[: _MOST_REPORTED_LINES - len(self.first)].tolist():
            start = int(block.scan.starts[index])
            self.first_text = self.first_text or utf8_line_around(block.text, start)
            self.comment = self.comment or _sign_of_comment(block.text[start : start + 2])
            self.first.append(
                {
                    "line": block.line_of(start),
                    "found": int(block.scan.widths[index]),
                    "expected": self.expected,
                }
            )

    def as_json(self) -> dict[str, Any]:
        return {"count": self.count, "first": self.first}


def _sign_of_comment(text: bytes) -> str:
    return next((sign for sign in _SIGNS_OF_COMMENTS if text.startswith(sign.encode())), "")


class CsvFile:
    """A CSV file in any encoding; it can be read any number of times.

    Blank lines hold no record, except in a file of one column, where they are missing values.
    """

    APPLICABLE_OPTIONS = frozenset(
        {"encoding", "delimiter", "quote", "escape", "comment", "header_row", "skip_rows"}
        | {"skip_footer", "pads_ragged", "replaces_bad_bytes", "null_values", "decimal"}
        | {"thousands", "trims", "columns"}
    )

    def __init__(
        self,
        path: Path,
        encoding: Encoding,
        options: ReadingOptions,
        *,
        record_bytes: int,
        is_cut_off: bool,
        limits: Limits,
    ) -> None:
        """`record_bytes` is the longest record that can be read; reading takes some ten times as
        much memory.

        Raises:
            OptionNotApplicable: an option is for other formats, or not of ASCII.
            TooManyColumns: there are more columns than `limits` allow.
            EmptyFile, NulCharacter, RecordTooLong: see `detect_layout`.
        """
        refuse_inapplicable(options, applicable=self.APPLICABLE_OPTIONS, format_name="a CSV file")
        for name in ("delimiter", "quote", "escape"):
            if not (getattr(options, name) or "").isascii():
                raise OptionNotApplicable(
                    f"The option “{name}” takes a character of ASCII only.",
                    report={"options": [name]},
                )
        self._path = path
        self._encoding = encoding
        self._options = options
        self._is_cut_off = is_cut_off
        self._stream: Utf8Stream | None = None
        with self._open() as stream:
            layout = detect_layout(
                stream,
                options,
                is_named_tsv=path.suffix.lower() in (".tsv", ".tab"),
                is_cut_off=is_cut_off,
            )
        if options.comment and options.comment[0] in (
            layout.dialect.quote,
            layout.dialect.delimiter,
        ):
            raise OptionNotApplicable(
                "The option “comment” begins with the file's delimiter or quotation mark.",
                report={"options": ["comment"]},
            )
        self._layout = layout
        self._findings = replace(layout.findings)
        self._was_read = False
        width = len(layout.written_names)
        limits.refuse_columns(width)
        self._blocks = RecordBlocks(
            scanner=Scanner(layout.dialect),
            offset=layout.data_offset,
            first_line=layout.data_line,
            keeps_blank_lines=width == 1,
            footer=options.skip_footer,
            record_bytes=record_bytes,
            is_cut_off=is_cut_off,
            width=width,
        )
        self._other_widths = _LinesOfOtherWidth(width)
        if options.pads_ragged:
            width = max(width, self._widest_record(limits))
        self.names = unique_names(
            [*layout.written_names, *[""] * (width - len(layout.written_names))]
        )
        self.columns = [InferredColumn(name) for name in self.names]

    @contextmanager
    def _open(self) -> Iterator[Utf8Stream]:
        with self._path.open("rb") as raw:
            self._stream = Utf8Stream(
                raw,
                self._encoding.name,
                self._path.stat().st_size,
                errors=self._encoding.errors,
                is_cut_off=self._is_cut_off,
            )
            yield self._stream

    def _widest_record(self, limits: Limits) -> int:
        width = 0
        with self._open() as stream:
            for block in self._blocks.read(stream):
                width = max(width, int(block.scan.widths.max(initial=0)))
                limits.refuse_columns(width)
        return width

    @property
    def fraction_read(self) -> float:
        """How much of the file the current pass has read."""
        return self._stream.fraction_read if self._stream else 0.0

    def batches(self) -> Iterator[pa.RecordBatch]:
        """Yield the file's rows in order, from the first, as batches of strings.

        Raises:
            RecordTooLong: a record is longer than `record_bytes`.
            BrokenQuoting: a field is quoted wrongly.
            NulCharacter: a text contains one.
            RaggedLines: records with too few or too many fields, after the whole file was read.
        """
        width = len(self.names)
        findings = replace(self._layout.findings)
        others = _LinesOfOtherWidth(len(self._layout.written_names))
        row_count = 0
        with self._open() as stream:
            for block in self._blocks.read(stream):
                scan = block.scan
                findings.add(scan.findings)
                is_other = scan.widths != others.expected
                if is_other.any():
                    others.add(block, is_other)
                    if not self._options.pads_ragged:
                        scan = scan.select(np.flatnonzero(~is_other))
                if not len(scan):
                    continue
                batch = self._parsed(
                    text_of_records(block.text, scan, width, self._layout.dialect.delimiter)
                )
                assert len(batch) == len(scan), "Arrow found other records than the scan did"
                if b"\0" in block.text:
                    for name, texts in zip(self.names, batch.columns, strict=True):
                        refuse_nul(texts, column=name, rows_before=row_count)
                row_count += len(batch)
                yield batch
        if others.count and not self._options.pads_ragged:
            raise self._ragged_lines(others)
        self._findings, self._other_widths, self._was_read = findings, others, True

    def _parsed(self, text: bytes) -> pa.RecordBatch:
        width, dialect = len(self.names), self._layout.dialect
        quote = dialect.quote or ('"' if dialect.escape else "")
        positions = [str(position) for position in range(width)]
        if width > _MOST_COLUMNS_PARSED and (not quote or quote.encode() not in text):
            return pa.RecordBatch.from_arrays(self._parsed_as_one_column(text), positions)
        table = arrow_csv.read_csv(
            pa.BufferReader(text),
            read_options=arrow_csv.ReadOptions(column_names=positions, block_size=len(text) + 1),
            parse_options=arrow_csv.ParseOptions(
                delimiter=dialect.delimiter,
                quote_char=quote or False,
                newlines_in_values=True,
                ignore_empty_lines=width > 1,
            ),
            convert_options=_as_texts(positions),
        )
        [batch] = table.combine_chunks().to_batches()
        return batch

    def _parsed_as_one_column(self, text: bytes) -> list[pa.StringArray]:
        """Return the columns of records without a quoted field.

        Arrow needs 10 kB for each column that it reads, and as much time as for a hundred fields.
        """
        width, delimiter = len(self.names), self._layout.dialect.delimiter
        if b"\r" in text:  # before the line end that is to be put in place of a delimiter
            text = text.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        table = arrow_csv.read_csv(
            pa.BufferReader(text.replace(delimiter.encode(), b"\n")),
            read_options=arrow_csv.ReadOptions(column_names=["0"], block_size=len(text) + 1),
            parse_options=arrow_csv.ParseOptions(
                delimiter=delimiter, quote_char=False, ignore_empty_lines=False
            ),
            convert_options=_as_texts(["0"]),
        )
        by_row = np.arange(table.num_rows).reshape(-1, width)
        fields = table["0"].combine_chunks().take(pa.array(by_row.T.ravel()))
        return [fields.slice(len(by_row) * at, len(by_row)) for at in range(width)]

    def _ragged_lines(self, others: _LinesOfOtherWidth) -> RaggedLines:
        fields = "1 field" if others.expected == 1 else f"{others.expected} fields"
        listed = "; ".join(f"line {line['line']} has {line['found']}" for line in others.first)
        more = "; …" if others.count > len(others.first) else ""
        lines = "line does" if others.count == 1 else "lines do"
        owner = "of the header" if self._layout.header_line else "of the first record"
        advice = ""
        header = next(iter(self._layout.written_names), "")
        comment = others.comment or (_sign_of_comment(header[:2].encode()) if header else "")
        if comment and comment != self._layout.dialect.delimiter:
            advice = (
                f" Lines that begin with {comment} may be comments, which a reading option can "
                "leave out."
            )
        elif others.expected == 1 and self._options.delimiter is None:
            advice = " If the file has one column, name a delimiter that it does not contain."
        return RaggedLines(
            f"{others.count:,} {lines} not have the {fields} {owner}: {listed}{more}. "
            f"The delimiter is the {character_name(self._layout.dialect.delimiter)}.{advice}",
            report={
                "ragged_lines": others.as_json(),
                **of_line(others.first[0]["line"], others.first_text),
            },
        )

    def facts(self) -> dict[str, Any]:
        """Return what the ingest report says of the file as a whole."""
        layout, others = self._layout, self._other_widths
        dialect: CsvDialect = layout.dialect
        written = len(layout.written_names)
        guesses = (
            {"encoding": self._encoding.guess}
            | layout.guesses
            | quoting_guesses(
                dialect,
                self._options,
                self._findings if self._was_read else layout.findings_in_sample,
                layout.quoting,
                is_whole_file=self._was_read and not self._is_cut_off,
            )
        )
        facts: dict[str, Any] = {
            "format": "csv",
            **self._encoding.facts(),
            "delimiter": dialect.delimiter,
            "quote": dialect.quote,
            "escape": dialect.escape,
            "header_row": layout.header_line,
            "renamed_columns": (
                renamed_columns(layout.written_names, self.names[:written])
                if layout.header_line
                else []
            ),
            "guesses": {name: guess.as_json() for name, guess in guesses.items()},
        }
        if self._findings.spaced_quotes:
            facts["blanks_left_out_around_quotes"] = self._findings.spaced_quotes
        if self._findings.comments:
            facts["comment_lines"] = self._findings.comments
        if others.count:
            facts["padded_lines"] = others.as_json()
        if added := self.names[written:]:
            facts["added_columns"] = list(added)
        return facts


def _as_texts(columns: list[str]) -> arrow_csv.ConvertOptions:
    """Return that all fields are texts, and missing where nothing is written."""
    return arrow_csv.ConvertOptions(
        column_types=dict.fromkeys(columns, pa.string()),
        null_values=[""],
        strings_can_be_null=True,
        quoted_strings_can_be_null=False,
    )
