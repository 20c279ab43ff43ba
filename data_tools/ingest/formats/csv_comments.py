"""Recognise comments at the top of a CSV file, where nobody said how they begin."""

from __future__ import annotations

import re
from dataclasses import dataclass

from data_tools.ingest.formats.csv_candidates import Sample, Trial, best_trial
from data_tools.ingest.formats.csv_fields import LINE_END
from data_tools.ingest.guess import Certainty, Guess
from data_tools.ingest.options import Open
from data_tools.sandbox.header_guess import looks_like_data

_COMMENT_LINE = re.compile(rb"#[^\r\n]*(?:\r\n|\r|\n)|[ \t]*(?:\r\n|\r|\n)")


@dataclass(frozen=True, slots=True, kw_only=True)
class LeadingComments:
    """The comments before the header."""

    size: int
    """How many bytes they take."""
    count: int
    guess: Guess[str]


def leading_comments(sample: Sample) -> LeadingComments | None:
    """Return the comments at the top, if the lines that begin with # do not fit the table.

    A last such line with as many fields as the table is the header if the next line holds data, or
    if a name follows the # at once.
    """
    options = sample.options
    if options.comment or not isinstance(options.header_row, Open):
        return None
    lines, size = [], 0
    while found := _COMMENT_LINE.match(sample.text, size):
        lines.append(found[0])
        size = found.end()
    while lines and not lines[-1].startswith(b"#"):
        size -= len(lines.pop())
    table, _ = best_trial(sample.after(size)) if lines else (None, [])
    if table is None or table.width == 1:
        return None
    comments = [line for line in lines if line.startswith(b"#")]
    fitting = [_width(line, table) == table.width for line in comments]
    starts_with_data = looks_like_data(table.rows[table.header])
    is_header = fitting[-1] and (starts_with_data or comments[-1][1:2].strip() != b"")
    if is_header:
        size -= len(lines[-1])
        comments.pop()
    elif all(fitting) and any(line[1:2].strip() for line in comments):
        return None
    if not comments:
        return None
    return LeadingComments(
        size=size,
        count=len(comments),
        guess=Guess(
            value="#",
            certainty=Certainty.GUESS if any(fitting) else Certainty.LIKELY,
            why=f"{_lines(len(comments))} at the top "
            f"{'begins' if len(comments) == 1 else 'begin'} with #, and "
            f"{'not all of them have' if any(fitting) else 'none has'} the {table.width} fields of "
            "the table.",
        ),
    )


def _width(line: bytes, table: Trial) -> int:
    return LINE_END.sub(b"", line).count(table.dialect.delimiter.encode()) + 1


def _lines(count: int) -> str:
    return "1 line" if count == 1 else f"{count:,} lines"
