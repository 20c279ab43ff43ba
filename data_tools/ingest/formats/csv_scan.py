"""Find the records of a block of CSV text: where each begins and ends, and how many fields it has.

# Note [Parity of quotes]
If every quotation mark that follows an even number of others stands at the start of a field, and
every other one at the end of a field or before another mark, then a delimiter or a line end is data
exactly if an odd number of marks comes before it. So one pass of numpy finds the records of a block
without looking at its fields. Wherever the rule is broken, by a mark inside of a bare field or by
broken quoting, and wherever there are comments, the block is read field by field instead, which
takes some twenty times as long. Escaped marks are blotted out before the pass.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from data_tools.ingest.formats.csv_dialect import CsvDialect
from data_tools.ingest.formats.csv_fields import LINE_END, FieldReader, QuoteFault

_LF, _CR = b"\n"[0], b"\r"[0]
Positions = NDArray[np.int64]


@dataclass(slots=True, kw_only=True)
class Findings:
    """What a scan noticed of the quoting, as numbers of fields or of marks."""

    quotes: int = 0
    """Quotation marks."""
    doubled_quotes: int = 0
    """Pairs of marks that stand for one, in a quoted field."""
    bare_quotes: int = 0
    """Marks that are literal text, in fields that are not quoted."""
    spaced_quotes: int = 0
    """Quoted fields with blanks around their marks, which are left out."""
    needed_quotes: int = 0
    """Delimiters, line ends and marks inside of quoted fields, or fields that hold some."""
    possible_escapes: int = 0
    """Backslashes before a mark, a delimiter, a line end or each other."""
    comments: int = 0
    """Lines that were left out as comments."""
    records: int = 0
    carriage_returns: int = 0
    """Records that end with a carriage return alone."""

    def add(self, other: Findings) -> None:
        for name in Findings.__slots__:
            setattr(self, name, getattr(self, name) + getattr(other, name))


@dataclass(slots=True, kw_only=True)
class Scan:
    """The complete records of a block, in order."""

    starts: Positions
    ends: Positions
    """Where each ends, before its line end."""
    next_starts: Positions
    """Where the next one begins, or a comment before it."""
    widths: Positions
    """How many fields each has."""
    consumed: int
    """How much of the block is complete records, or comments."""
    canonical: dict[int, bytes] = field(default_factory=dict)
    """What to parse in place of the records that only this service reads, by their index."""
    fault: QuoteFault | None = None
    """Where the scan stopped."""
    findings: Findings = field(default_factory=Findings)

    def __len__(self) -> int:
        return len(self.starts)

    def without_blank_lines(self, block: bytes) -> Scan:
        """Return the records that hold more than blanks."""
        is_single = self.widths == 1
        is_record = ~is_single | (self.starts < self.ends)
        for index in np.flatnonzero(is_single & is_record).tolist():
            start = self.starts[index]
            if block[start] in b" \t":
                is_record[index] = bool(block[start : self.ends[index]].strip(b" \t"))
        return self if is_record.all() else self.select(np.flatnonzero(is_record))

    def select(self, chosen: Positions) -> Scan:
        """Return the records with these indices alone, which must ascend."""
        canonical = self.canonical
        if canonical:
            canonical = {
                new: self.canonical[old]
                for new, old in enumerate(chosen.tolist())
                if old in self.canonical
            }
        return Scan(
            starts=self.starts[chosen],
            ends=self.ends[chosen],
            next_starts=self.next_starts[chosen],
            widths=self.widths[chosen],
            consumed=self.consumed,
            canonical=canonical,
            fault=self.fault,
            findings=self.findings,
        )


class Scanner:
    """Finds the records of one dialect."""

    def __init__(self, dialect: CsvDialect) -> None:
        self.fields = FieldReader(dialect)
        self._delimiter = dialect.delimiter.encode()
        self._quote = dialect.quote.encode()
        self._escape = dialect.escape.encode()
        self._comment = dialect.comment.encode()
        self._comment_line = re.compile(rb"(?:\A|[\r\n])" + re.escape(self._comment))
        targets = b"".join(
            re.escape(character) for character in (self._delimiter, self._quote, b"\\") if character
        )
        self._possible_escape = re.compile(rb"\\[\r\n%b]" % targets)
        # With escapes but without a quote, records are rewritten with quotes, so that a bare mark
        # at the start of a field needs some itself.
        self._odd = self._escape and not self._quote and b'"'

    def scan(self, block: bytes, *, is_last: bool) -> Scan:
        """Return the records of a block that begins at the start of one.

        `is_last` says that nothing comes after the block, so that its end ends a record.
        """
        is_odd = (self._odd and (self._odd in block or self._escape in block)) or (
            self._comment and self._comment_line.search(block)
        )
        scan = (None if is_odd else self._scan_by_parity(block, is_last)) or (
            self._scan_by_field(block, is_last)
        )
        scan.findings.records = len(scan)
        if b"\r" in block:
            ends = scan.ends[scan.next_starts - scan.ends == 1]
            scan.findings.carriage_returns = int(
                np.count_nonzero(np.frombuffer(block, np.uint8)[ends] == _CR)
            )
        if self._quote:
            scan.findings.quotes = block.count(self._quote, 0, scan.consumed)
        if b"\\" in block:
            scan.findings.possible_escapes = len(
                self._possible_escape.findall(block, 0, scan.consumed)
            )
        return scan

    def _scan_by_parity(self, block: bytes, is_last: bool) -> Scan | None:
        """See Note [Parity of quotes]. Returns None if the rule is broken."""
        has_escapes = self._escape != b"" and self._escape in block
        if has_escapes:
            # From left to right, so that an escaped escape escapes nothing.
            blotted = block.replace(self._escape * 2, b"\0\0")
            text = np.frombuffer(blotted.replace(self._escape + self._quote, b"\0\0"), np.uint8)
        else:
            text = np.frombuffer(block, np.uint8)
        delimiter = self._delimiter[0]
        is_structure = (text == delimiter) | (text == _LF)
        has_cr = b"\r" in block
        if has_cr:
            is_structure |= text == _CR
        has_quotes = self._quote != b"" and self._quote in block
        has_only_bare_quotes = has_quotes and not has_escapes and not self._may_begin_field(text)
        if has_only_bare_quotes:
            has_quotes = False
        if has_quotes:
            is_structure |= text == self._quote[0]
        at = np.flatnonzero(is_structure)
        kinds = text[at]
        if has_cr:
            keeps = ~self._is_half_line_end(text, at, kinds, is_last)
            at, kinds = at[keeps], kinds[keeps]
        doubled = inside = 0
        marks = np.array([], np.int64)
        if has_quotes:
            is_quote = kinds == self._quote[0]
            marks = at[is_quote]
            opening, closing = marks[0::2], marks[1::2]
            if len(opening) > len(closing) and is_last:
                return None
            before = text[opening - 1]
            follows_mark = (before == self._quote[0]) & (opening > 0)
            if not np.all(
                (before == delimiter)
                | (before == _LF)
                | (before == _CR)
                | (opening == 0)
                | follows_mark
            ):
                return None
            after = text[np.minimum(closing + 1, len(text) - 1)]
            if not np.all(
                (after == delimiter) | (after == _LF) | (after == _CR) | (after == self._quote[0])
            ):
                return None
            doubled = int(np.count_nonzero(follows_mark))
            is_outside = np.cumsum(is_quote) & 1 == 0
            inside = int(np.count_nonzero(~is_outside & ~is_quote))
            at, kinds = at[is_outside & ~is_quote], kinds[is_outside & ~is_quote]
        line_ends = np.flatnonzero(kinds != delimiter)
        next_starts = at[line_ends] + 1
        widths = np.diff(line_ends, prepend=-1)
        consumed = int(next_starts[-1]) if len(next_starts) else 0
        ends = next_starts - 1
        if has_cr:
            ends = ends - ((text[ends] == _LF) & (text[ends - 1] == _CR) & (ends > 0))
        if is_last and consumed < len(block):
            last_line_end = line_ends[-1] if len(line_ends) else -1
            next_starts = np.append(next_starts, len(block))
            ends = np.append(ends, len(block))
            widths = np.append(widths, len(kinds) - last_line_end)
            consumed = len(block)
        starts = np.concatenate(([0], next_starts[:-1]))[: len(next_starts)]
        canonical: dict[int, bytes] = {}
        if has_escapes:
            if self._has_bare_escape(block, marks):
                return None
            canonical = self._without_escapes(block, starts, ends)
        return Scan(
            starts=starts,
            ends=ends,
            next_starts=next_starts,
            widths=widths,
            consumed=consumed,
            canonical=canonical,
            findings=Findings(
                doubled_quotes=doubled,
                needed_quotes=doubled + inside,
                bare_quotes=block.count(self._quote, 0, consumed) if has_only_bare_quotes else 0,
            ),
        )

    def _may_begin_field(self, text: NDArray[np.uint8]) -> bool:
        """Tell whether any mark in the text stands where a quoted field may begin."""
        at = np.flatnonzero(text == self._quote[0])
        before = text[at - 1]
        starts = np.frombuffer(self._delimiter + b"\n\r \t", np.uint8)
        return bool(at[0] == 0 or np.isin(before, starts).any())

    def _has_only_bare_marks(self, line: bytes) -> bool:
        """Tell whether no field of the line can be quoted, where there are no escapes."""
        quote = self._quote
        return not (
            self._escape
            or line.startswith((quote, b" ", b"\t"))
            or self._delimiter + quote in line
            or b" " + quote in line
            or b"\t" + quote in line
        )

    def _has_bare_escape(self, block: bytes, marks: Positions) -> bool:
        """Tell whether an escape and a mark, or two escapes, stand outside of quotes, as text."""
        text = np.frombuffer(block, np.uint8)
        at = np.flatnonzero(text == self._escape[0])
        following = text[np.minimum(at + 1, len(text) - 1)]
        at = at[(following == self._escape[0]) | (following == self._quote[0])]
        return bool(np.any(np.searchsorted(marks, at) & 1 == 0))

    def _without_escapes(
        self, block: bytes, starts: Positions, ends: Positions
    ) -> dict[int, bytes]:
        """Return the records that have escapes with doubled marks instead, by their index."""
        escape, quote = self._escape, self._quote
        canonical = {}
        for index, (start, end) in enumerate(zip(starts.tolist(), ends.tolist(), strict=True)):
            if block.find(escape, start, end) >= 0:
                parts = block[start:end].split(escape * 2)
                canonical[index] = escape.join(
                    part.replace(escape + quote, quote * 2) for part in parts
                )
        return canonical

    @staticmethod
    def _is_half_line_end(
        text: NDArray[np.uint8], at: Positions, kinds: NDArray[np.uint8], is_last: bool
    ) -> NDArray[np.bool_]:
        """Mark the carriage returns before a line feed, and one at the end that may be."""
        following = np.minimum(at + 1, len(text) - 1)
        is_half = (kinds == _CR) & (text[following] == _LF)
        if not is_last:
            is_half |= (kinds == _CR) & (at == len(text) - 1)
        return is_half

    def _scan_by_field(self, block: bytes, is_last: bool) -> Scan:
        starts: list[int] = []
        ends: list[int] = []
        next_starts: list[int] = []
        widths: list[int] = []
        canonical: dict[int, bytes] = {}
        findings = Findings()
        fault: QuoteFault | None = None
        marks = [mark for mark in (self._quote, self._escape, self._odd) if mark]
        at, size = 0, len(block)
        while at < size:
            line_end = LINE_END.search(block, at)
            end, next_start = line_end.span() if line_end else (size, size)
            is_complete = is_last or (
                line_end is not None and (next_start < size or block[end] != _CR)
            )
            if self._comment and block.startswith(self._comment, at):
                if not is_complete:
                    break
                findings.comments += 1
                at = next_start
                continue
            line = block[at:end]
            if not any(mark in line for mark in marks):
                if not is_complete:
                    break
                width = line.count(self._delimiter) + 1
            elif is_complete and self._has_only_bare_marks(line):
                width = line.count(self._delimiter) + 1
                findings.bare_quotes += line.count(self._quote)
            else:
                record = self.fields.read(block, at, is_last=is_last)
                if isinstance(record, QuoteFault):
                    fault = record
                    break
                if record is None:
                    break
                end, next_start, width = record.end, record.next_start, len(record.fields)
                findings.bare_quotes += record.bare_quotes
                findings.spaced_quotes += record.spaced_quotes
                findings.needed_quotes += record.needed_quotes
                if not record.is_canonical or self._odd:
                    canonical[len(starts)] = self.fields.canonical(record)
            starts.append(at)
            ends.append(end)
            next_starts.append(next_start)
            widths.append(width)
            at = next_start
        return Scan(
            starts=np.array(starts, np.int64),
            ends=np.array(ends, np.int64),
            next_starts=np.array(next_starts, np.int64),
            widths=np.array(widths, np.int64),
            consumed=at,
            canonical=canonical,
            fault=fault,
            findings=findings,
        )
