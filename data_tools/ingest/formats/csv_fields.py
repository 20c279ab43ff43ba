"""Read single records of a CSV file exactly, field by field.

This is the grammar; `csv_scan` finds the same records faster where nothing is unusual. A field
whose first character is a quotation mark is quoted, and its closing mark must be followed by a
delimiter or the record's end. Blanks around the marks are tolerated, and left out. Marks anywhere
else in a field are literal text. In a quoted field, the escape character keeps a mark or itself
from having a meaning. If no field is ever quoted, it does so for delimiters and line ends. Before
anything else it is text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from data_tools.ingest.formats.csv_dialect import CsvDialect

LINE_END = re.compile(rb"\r\n|\r|\n")


@dataclass(frozen=True, slots=True)
class QuoteFault:
    """A field that is quoted wrongly."""

    position: int
    """Where in the block the field begins."""
    is_open: bool
    """Its quotation mark is never closed; otherwise there is text after the closing mark."""


@dataclass(slots=True)
class Record:
    """One record, and where it stands in its block."""

    end: int = 0
    """Where its last field ends."""
    next_start: int = 0
    """Where the next record begins, behind the line end."""
    fields: list[tuple[bytes, bool]] = field(default_factory=list)
    """The text of each field, and whether it is quoted."""
    is_canonical: bool = True
    """It has no escapes and no blanks around quotation marks."""
    bare_quotes: int = 0
    """Quotation marks in fields that are not quoted."""
    spaced_quotes: int = 0
    """Quoted fields with blanks around their marks."""
    needed_quotes: int = 0
    """Quoted fields that hold a delimiter, a line end or a mark."""

    def texts(self) -> list[str]:
        """Return the fields as they are meant, with "" for missing ones."""
        return [text.decode(errors="replace") for text, _ in self.fields]


class FieldReader:
    """Reads records of one dialect."""

    def __init__(self, dialect: CsvDialect) -> None:
        delimiter = re.escape(dialect.delimiter).encode()
        quote = re.escape(dialect.quote).encode()
        escape = re.escape(dialect.escape).encode()
        self._delimiter = dialect.delimiter.encode()
        self._quote = dialect.quote.encode()
        self._escape = dialect.escape.encode()
        blanks = b"".join(re.escape(blank) for blank in (b" ", b"\t") if blank != self._delimiter)
        end = rb"(?=%b|\r|\n|\Z)" % delimiter
        in_quotes = rb"[^%b%b]++|%b%b" % (quote, escape, quote, quote)
        in_bare = rb"[^%b\r\n%b]++" % (delimiter, b"" if quote else escape)
        if escape:
            # A doubled mark keeps its meaning: exports with escapes mix both.
            in_quotes = rb"%b.|%b" % (escape, in_quotes)
        if escape and not quote:
            in_bare = rb"%b(?:\r\n|.)?|%b" % (escape, in_bare)
        self._body = re.compile(rb"(?:%b)*+" % in_quotes, re.DOTALL) if quote else None
        self._bare = re.compile(rb"(?:%b)*+" % in_bare, re.DOTALL)
        self._blanks = re.compile(rb"[%b]*+" % blanks)
        one_line = rb"[^%b\r\n]++|%b%b" % (quote, quote, quote)
        self._spaced = (
            re.compile(
                rb"[%b]++%b((?:%b)*+)%b[%b]*+%b" % (blanks, quote, one_line, quote, blanks, end)
            )
            if quote
            else None
        )
        self._quoted_escapes = (
            re.compile(rb"%b(%b|%b)|%b(%b)" % (escape, escape, quote, quote, quote), re.DOTALL)
            if escape and quote
            else None
        )
        self._bare_escapes = (
            re.compile(rb"%b(\r\n|\r|\n|%b|%b)" % (escape, escape, delimiter))
            if escape and not quote
            else None
        )
        self._written_quote = self._quote or b'"'

    def read(self, block: bytes, start: int, *, is_last: bool) -> Record | QuoteFault | None:
        """Return the record that begins at `start`; None if the block ends before it does.

        `is_last` says that nothing comes after the block, so that its end ends a record.
        """
        record = Record()
        at, size = start, len(block)
        while True:
            read = self._quoted(block, at, record, is_last=is_last)
            if read is None or isinstance(read, QuoteFault):
                return read
            at = read if read >= 0 else self._read_bare(block, at, record)
            if at == size:
                if not is_last:
                    return None
                record.end = record.next_start = size
                return record
            if block.startswith(self._delimiter, at):
                at += 1
                continue
            line_end = LINE_END.match(block, at)
            assert line_end
            if block.endswith(b"\r", at) and line_end.end() == size and not is_last:
                return None  # perhaps half of a line end
            record.end, record.next_start = at, line_end.end()
            return record

    def _quoted(
        self, block: bytes, at: int, record: Record, *, is_last: bool
    ) -> int | QuoteFault | None:
        """Read a quoted field and return where it ends; -1 if the field at `at` is bare."""
        if not self._quote:
            return -1
        if not block.startswith(self._quote, at):
            spaced = self._spaced and self._spaced.match(block, at)
            if not spaced:
                return -1
            self._add_quoted(spaced[1], record)
            record.is_canonical = False
            record.spaced_quotes += 1
            return spaced.end()
        assert self._body
        body = self._body.match(block, at + 1)
        assert body
        close, size = body.end(), len(block)
        if not block.startswith(self._quote, close):
            return QuoteFault(at, is_open=True) if is_last else None
        blanks = self._blanks.match(block, close + 1)
        assert blanks
        after = blanks.end()
        if after == size and not is_last:
            return None
        if after < size and not (
            block.startswith(self._delimiter, after) or block[after] in b"\r\n"
        ):
            return QuoteFault(at, is_open=False)
        if after > close + 1:
            record.is_canonical = False
            record.spaced_quotes += 1
        self._add_quoted(body[0], record)
        if self._escape and self._escape in body[0]:
            record.is_canonical = False
        return after

    def _add_quoted(self, body: bytes, record: Record) -> None:
        text = self._unquoted(body)
        if self._delimiter in text or self._quote in text or LINE_END.search(text):
            record.needed_quotes += 1
        record.fields.append((text, True))

    def _unquoted(self, body: bytes) -> bytes:
        if self._quoted_escapes:
            return self._quoted_escapes.sub(lambda found: found[1] or found[2], body)
        return body.replace(self._quote * 2, self._quote)

    def _read_bare(self, block: bytes, at: int, record: Record) -> int:
        bare = self._bare.match(block, at)
        assert bare
        text = bare[0]
        if self._quote:
            record.bare_quotes += text.count(self._quote)
        if self._bare_escapes and self._escape in text:
            record.is_canonical = False
            text = self._bare_escapes.sub(lambda found: found[1], text)
        record.fields.append((text, False))
        return bare.end()

    def canonical(self, record: Record) -> bytes:
        """Return the record without escapes and needless blanks, and with marks doubled."""
        return self._delimiter.join(
            self._quoted_text(text) if is_quoted or self._needs_quotes(text) else text
            for text, is_quoted in record.fields
        )

    def _needs_quotes(self, text: bytes) -> bool:
        return (
            text.startswith(self._written_quote)
            or self._delimiter in text
            or LINE_END.search(text) is not None
        )

    def _quoted_text(self, text: bytes) -> bytes:
        quote = self._written_quote
        return quote + text.replace(quote, quote * 2) + quote
