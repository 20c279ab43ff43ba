"""Read the records of a CSV file block by block, with the lines in which they begin."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from data_tools.ingest.exceptions import BrokenQuoting, RecordTooLong
from data_tools.ingest.faulty_lines import of_line, utf8_line_around
from data_tools.ingest.formats.csv_fields import QuoteFault
from data_tools.ingest.formats.csv_scan import Scan, Scanner
from data_tools.ingest.formats.utf8_stream import Utf8Stream

_LEAST_READ_BYTES, _MOST_READ_BYTES = 1 << 20, 2 << 20
_READ_BYTES_OF_A_COLUMN = 1_000  # a hundred values or more
_SHOWN_BYTES = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordBlock:
    """Some of a file's records, in order."""

    text: bytes
    scan: Scan
    first_line: int
    """The number, in the file, of the text's first line."""

    def line_of(self, position: int) -> int:
        """Return the number of the line that holds this position of the text."""
        return self.first_line + count_line_ends(self.text, position)


def count_line_ends(text: bytes, end: int) -> int:
    """Count the line ends before a position. A carriage return and a line feed are one."""
    count = text.count(b"\n", 0, end)
    if b"\r" in text:
        count += text.count(b"\r", 0, end) - text.count(b"\r\n", 0, end)
    return count


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordBlocks:
    """How the records after the header are read."""

    scanner: Scanner
    offset: int
    """Where the first of them begins, in bytes of UTF-8."""
    first_line: int
    """The number of the line in which it begins."""
    keeps_blank_lines: bool
    """An empty line is a record, as in a file of one column."""
    footer: int
    """So many records at the end are left out."""
    record_bytes: int
    """The longest record that is read."""
    is_cut_off: bool
    """What comes after the last complete line is left out."""
    width: int
    """How many fields a record has, or should have: of wide records more is read at once."""

    def read(self, stream: Utf8Stream) -> Iterator[RecordBlock]:
        """Yield the records of a stream that is at the file's beginning.

        Some blocks have no record.

        Raises:
            BrokenQuoting: a mark is never closed, or text follows one that closes a field.
            RecordTooLong: a record is longer than `record_bytes`.
        """
        text = _skip(stream, self.offset)
        wanted_bytes = max(_LEAST_READ_BYTES, self.width * _READ_BYTES_OF_A_COLUMN)
        read_bytes = min(wanted_bytes, _MOST_READ_BYTES)
        first_line = self.first_line
        is_last = False
        while not is_last:
            piece = stream.read(read_bytes)
            is_last = not piece
            text += piece
            scan = self.scanner.scan(text, is_last=is_last and not self.is_cut_off)
            records, end = self._without_footer(text, scan, is_last=is_last)
            block = RecordBlock(text=text, scan=records, first_line=first_line)
            if end:
                yield block
            if scan.fault:
                raise broken_quoting(text, scan.fault, first_line=first_line)
            if len(text) - scan.consumed > self.record_bytes:
                raise self._too_long(block, scan.consumed)
            first_line = block.line_of(end)
            text = text[end:]

    def _without_footer(self, text: bytes, scan: Scan, *, is_last: bool) -> tuple[Scan, int]:
        """Return the records that are surely no footer, and where the text after them begins."""
        records = scan if self.keeps_blank_lines else scan.without_blank_lines(text)
        if not self.footer or self.is_cut_off or not len(records):
            return records, scan.consumed
        kept_back = min(self.footer, len(records))
        end = int(records.starts[-kept_back])
        # Scanned again, so that nothing that was found is of the records that are kept back.
        records = self.scanner.scan(text[:end], is_last=True)
        if not self.keeps_blank_lines:
            records = records.without_blank_lines(text)
        return records, scan.consumed if is_last else end

    def _too_long(self, block: RecordBlock, start: int) -> RecordTooLong:
        line = block.line_of(start)
        return RecordTooLong(
            f"The record that begins on line {line:,} is longer than "
            f"{self.record_bytes >> 20} MiB. Perhaps a quotation mark is opened in it and never "
            "closed.",
            report=of_line(line, utf8_line_around(block.text, start)),
        )


def _skip(stream: Utf8Stream, size: int) -> bytes:
    """Read past the first `size` bytes, and return what was read after them."""
    while size:
        piece = stream.read(_LEAST_READ_BYTES)
        if not piece:
            break
        if len(piece) > size:
            return piece[size:]
        size -= len(piece)
    return b""


def broken_quoting(text: bytes, fault: QuoteFault, *, first_line: int) -> BrokenQuoting:
    """Say what is wrong with a field of the text, and in which line of the file it begins."""
    line = first_line + count_line_ends(text, fault.position)
    [shown, *_] = text[fault.position : fault.position + _SHOWN_BYTES].splitlines()
    start = shown.decode(errors="ignore")
    report = of_line(line, utf8_line_around(text, fault.position))
    if fault.is_open:
        return BrokenQuoting(
            f"The quotation mark that opens a field on line {line:,} ({start} …) is never closed, "
            "so the file's rows cannot be told apart.",
            report=report,
        )
    return BrokenQuoting(
        f"The field that begins on line {line:,} ({start} …) has text after its closing quotation "
        "mark. Marks inside of a quoted field have to be doubled.",
        report=report,
    )
