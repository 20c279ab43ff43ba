"""Find out how a CSV file is written: its delimiter, its header, and where the rows begin.

`csv.Sniffer` is no help: it took 4 s over 41 kB of quoted fields (2026-11-29, two cores), growing
with the square, and finds no answer for a file of one column.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from data_tools.ingest.exceptions import EmptyFile, NulCharacter, RecordTooLong

DELIMITERS = (",", ";", "\t", "|")
_SAMPLE_CHARACTERS = 1 << 20
_COMPARED_RECORDS = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class CsvDialect:
    """What must be known before the first row can be read."""

    delimiter: str
    written_names: tuple[str, ...]
    """The fields of the header, unchanged."""
    blank_lines_before_header: int


def detect_dialect(path: Path, *, encoding: str) -> CsvDialect:
    """Return the dialect of the file, from its first mebibyte.

    The header decides: a file whose header contains none of the delimiters has one column, however
    many commas its rows contain. If it contains several, the one that most records agree on wins,
    then the one that makes more columns.

    Raises:
        EmptyFile: there is no header.
        NulCharacter: the header contains one.
        RecordTooLong: the header is longer than a million characters.
    """
    with path.open(encoding=encoding, newline="") as file:
        sample = file.read(_SAMPLE_CHARACTERS)
        is_whole_file = not file.read(1)
    text = sample.lstrip("\r\n")
    blank_lines = len(list(io.StringIO(sample[: len(sample) - len(text)], newline="")))
    if not text:
        raise EmptyFile
    best = max(DELIMITERS, key=lambda delimiter: _agreement(text, delimiter))
    records = _records(text, best, is_whole_file=is_whole_file)
    header = next(records, None)
    if header is None:
        raise RecordTooLong("The header line is longer than a million characters.")
    if any("\0" in name for name in header):
        raise NulCharacter("The header contains the NUL character. Is this a text file?")
    return CsvDialect(
        delimiter=best,
        written_names=tuple(header),
        blank_lines_before_header=blank_lines,
    )


def _agreement(text: str, delimiter: str) -> tuple[float, int]:
    """Return the share of records with as many fields as the header, and the number of those
    fields; zeros if the header does not contain the delimiter."""
    records = _records(text, delimiter, is_whole_file=False)
    header = next(records, None) or next(_records(text, delimiter, is_whole_file=True), [])
    if len(header) < 2:
        return (0.0, 0)
    lengths = [len(record) for _, record in zip(range(_COMPARED_RECORDS), records, strict=False)]
    agreeing = lengths.count(len(header))
    return ((agreeing + 1) / (len(lengths) + 1), len(header))


def _records(text: str, delimiter: str, *, is_whole_file: bool) -> Iterator[list[str]]:
    """Yield the text's records that are not blank, up to a field that is too long to compare.

    The last record, which may be cut off, is yielded only if the text is the whole file.
    """
    previous: list[str] | None = None
    try:
        for record in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter):
            if previous:
                yield previous
            previous = record
    except csv.Error:
        is_whole_file = True  # what came before the long field is complete
    if is_whole_file and previous:
        yield previous
