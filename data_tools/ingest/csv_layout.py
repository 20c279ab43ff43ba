"""How a CSV file is laid out: its delimiter, its header, where the rows begin."""

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
class CsvLayout:
    """What must be known before the first row can be read."""

    delimiter: str
    written_names: tuple[str, ...]
    """The header as it is written."""
    blank_lines_before_header: int


def read_layout(path: Path, *, encoding: str) -> CsvLayout:
    """Look at the start of the file.

    The header decides: a file whose header holds none of the delimiters has one column, however
    many commas its rows hold. If it holds several, the one that most records agree on wins, then
    the one that makes more columns.

    Raises `EmptyFile` if there is no header, `RecordTooLong` if it is longer than a mebibyte.
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
    return CsvLayout(
        delimiter=best,
        written_names=tuple(header),
        blank_lines_before_header=blank_lines,
    )


def _agreement(text: str, delimiter: str) -> tuple[float, int]:
    """How well a delimiter explains the text: the part of the records that have as many fields as
    the header, and how many fields; nothing if the header does not hold it."""
    records = _records(text, delimiter, is_whole_file=False)
    header = next(records, None) or next(_records(text, delimiter, is_whole_file=True), [])
    if len(header) < 2:
        return (0.0, 0)
    lengths = [len(record) for _, record in zip(range(_COMPARED_RECORDS), records, strict=False)]
    agreeing = lengths.count(len(header))
    return ((agreeing + 1) / (len(lengths) + 1), len(header))


def _records(text: str, delimiter: str, *, is_whole_file: bool) -> Iterator[list[str]]:
    """The records of the text that are not blank; without the last one, which may be cut off,
    unless the text is the whole file. They end at a field too long to be compared."""
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


def unique_names(written: tuple[str, ...]) -> tuple[str, ...]:
    """A name for each column: as written if it can be, `column_3` for an empty third header, and
    `price_2` for the second `price`."""
    first_come = {name for name in written if name.strip()}
    taken: set[str] = set()
    counters: dict[str, int] = {}  # so that ten thousand columns of one name take no time
    names = []
    for position, name in enumerate(written, start=1):
        base = name if name.strip() else f"column_{position}"
        unique, counter = base, counters.get(base, 2)
        while unique in taken or (unique != name and unique in first_come):
            unique, counter = f"{base}_{counter}", counter + 1
        counters[base] = counter
        taken.add(unique)
        names.append(unique)
    return tuple(names)
