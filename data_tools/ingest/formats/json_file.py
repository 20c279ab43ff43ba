"""A JSON file as a stream of record batches."""

from __future__ import annotations

import codecs
import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pyarrow as pa

from data_tools.cells import Kind, batch_of, count_kinds
from data_tools.ingest.encoding import Encoding
from data_tools.ingest.exceptions import (
    BrokenJson,
    BrokenText,
    EmptyFile,
    NulCharacter,
    UnreadableEncoding,
)
from data_tools.ingest.formats.json_reader import JsonReader, WrittenNumber
from data_tools.ingest.formats.json_records import JsonRecords
from data_tools.ingest.formats.spooled_table import SpooledTable
from data_tools.ingest.limits import Limits
from data_tools.ingest.typed_columns.cell_column import CellColumn

_LINES_SUFFIXES = (".jsonl", ".ndjson")
SUFFIXES = (".json", *_LINES_SUFFIXES)
_BATCH_CELLS = 1 << 15
# A batch costs something for each column, however few rows it has.
_FEWEST_ROWS = 256
_BATCH_CHARACTERS = 4 << 20


class JsonFile(SpooledTable):
    """A file of JSON records; it can be read any number of times.

    Lists and objects inside a record are kept as their JSON text.
    """

    def __init__(
        self,
        path: Path,
        encoding: Encoding,
        *,
        record_characters: int,
        limits: Limits,
        advance: Callable[[float], None],
    ) -> None:
        """`record_characters` is the longest record that is read. `advance` is told the fraction
        of the file that was read.

        Raises:
            UnreadableEncoding: the file is not UTF-8 and has no byte-order mark.
            EmptyFile: there are no records.
            BrokenText, NulCharacter: a text or a name cannot be stored.
            BrokenJson, RecordTooLong, TooManyColumns, TooManyRows: see `JsonRecords`.
        """
        if encoding.known_by == "guess":
            raise UnreadableEncoding(
                f"The file holds JSON, but line {_first_line_not_utf8(path):,} is not UTF-8. "
                "Save it as UTF-8 and upload it again."
            )
        super().__init__()
        self._kinds: dict[int, Counter[str]] = defaultdict(Counter)
        is_lines = path.suffix.lower() in _LINES_SUFFIXES
        with closing(JsonReader(path, encoding.name, value_characters=record_characters)) as reader:
            records = JsonRecords(reader, is_lines=is_lines, limits=limits)
            self._write_to_spool(records, lambda: advance(reader.fraction_read))
        if not records.names:
            raise EmptyFile("The file holds no records, so it has no columns.")
        for name in records.names:
            _refuse_broken_text(name, "The name of a column")
            if "\0" in name:
                raise NulCharacter("The name of a column contains the NUL character.")
        facts = {
            "format": "json",
            "layout": records.layout,
            "encoding": encoding.name,
            "encoding_known_by": encoding.known_by,
            "index_left_out": records.leaves_index_out,
        }
        self._describe(records.names, row_count=records.number, facts=facts)
        self.columns = [
            CellColumn(name, self._kinds[position], texts_may_be_dates=True)
            for position, name in enumerate(self.names)
        ]

    def _write_to_spool(self, records: JsonRecords, on_batch: Callable[[], None]) -> None:
        writer: pa.RecordBatchStreamWriter | None = None
        width = 0
        for rows in _in_batches(records):
            batch = batch_of(rows, max(len(records.names), *map(len, rows)))
            for position, cells in enumerate(batch.columns):
                self._kinds[position] += count_kinds(cells)
            if writer is None or width != batch.num_columns:
                if writer is not None:
                    writer.close()
                width = batch.num_columns
                writer = pa.ipc.new_stream(self._spool, batch.schema)
            writer.write_batch(batch)
            on_batch()
        if writer is not None:
            writer.close()


def _in_batches(records: JsonRecords) -> Iterator[list[list[str | None]]]:
    """Yield rows of cells, in batches that are large enough to be fast and small in memory."""
    rows: list[list[str | None]] = []
    cells = characters = 0
    for values in records:
        row = [_cell(value, records.number) for value in values]
        rows.append(row)
        cells += len(row)
        characters += sum(map(len, filter(None, row)))
        is_large = cells >= _BATCH_CELLS and len(rows) >= _FEWEST_ROWS
        if is_large or characters >= _BATCH_CHARACTERS:
            yield rows
            rows, cells, characters = [], 0, 0
    if rows:
        yield rows


def _cell(value: Any, record_number: int) -> str | None:
    """Return the value as a cell of `data_tools.cells`."""
    match value:
        case None:
            return None
        case bool():
            return Kind.BOOLEAN + ("true" if value else "false")
        case WrittenNumber():
            return Kind.NUMBER + value
        case str():
            if not value.isascii():
                _refuse_broken_text(value, f"A text in record {record_number:,}")
            return Kind.TEXT + value
    try:
        text = _as_json(value)
    except RecursionError as error:
        raise BrokenJson(
            f"The file cannot be read as JSON: record {record_number:,} is nested too deeply."
        ) from error
    _refuse_broken_text(text, f"A text in record {record_number:,}")
    return Kind.NESTED + text


def _as_json(value: Any) -> str:
    """Return a list or an object as JSON without blanks, its numbers as they were written."""
    match value:
        case WrittenNumber():
            return str(value)
        case list():
            return f"[{','.join(map(_as_json, value))}]"
        case dict():
            pairs = (f"{_as_json(key)}:{_as_json(inner)}" for key, inner in value.items())
            return f"{{{','.join(pairs)}}}"
    return json.dumps(value, ensure_ascii=False)


def _refuse_broken_text(text: str, description: str) -> None:
    """Raise `BrokenText` for half of a surrogate pair."""
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise BrokenText(
            f"{description} contains half of a surrogate pair (\\u{ord(text[error.start]):04x}), "
            "which is not a character."
        ) from error


def _first_line_not_utf8(path: Path) -> int:
    decoder = codecs.getincrementaldecoder("utf-8")()
    line = 1
    with path.open("rb") as file:
        while piece := file.read(1 << 20):
            try:
                line += decoder.decode(piece).count("\n")
            except UnicodeDecodeError as error:
                return line + error.object[: error.start].count(b"\n")
    return line
