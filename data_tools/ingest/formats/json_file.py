"""A JSON file as a stream of record batches."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, ClassVar

import pyarrow as pa

from data_tools.cells import Kind, batch_of, count_kinds
from data_tools.ingest.encoding import Encoding
from data_tools.ingest.encoding.bad_bytes import find_bad_bytes
from data_tools.ingest.exceptions import (
    BrokenJson,
    BrokenText,
    EmptyFile,
    NulCharacter,
    UnreadableEncoding,
)
from data_tools.ingest.faulty_lines import of_line
from data_tools.ingest.formats.json_detection import choose_layout
from data_tools.ingest.formats.json_reader import JsonReader
from data_tools.ingest.formats.json_records import JsonRecords
from data_tools.ingest.formats.json_values import WrittenNumber, as_json
from data_tools.ingest.formats.spooled_table import SpooledTable
from data_tools.ingest.guess import Guess
from data_tools.ingest.limits import Limits
from data_tools.ingest.options import ReadingOptions, refuse_inapplicable
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

    APPLICABLE_OPTIONS: ClassVar = frozenset(
        {
            *("encoding", "replaces_bad_bytes", "header_row", "pads_ragged"),
            *("null_values", "trims", "columns"),
        }
    )

    def __init__(
        self,
        path: Path,
        encoding: Encoding,
        options: ReadingOptions,
        *,
        record_characters: int,
        is_cut_off: bool,
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
            bad = find_bad_bytes(path, "utf-8", is_cut_off=is_cut_off)
            what = f"line {bad.line:,} is not" if bad else "is not in"
            raise UnreadableEncoding(
                f"The file holds JSON, but {what} UTF-8. Save it as UTF-8 and upload it again.",
                report=of_line(bad.line, bad.line_text) if bad else {},
            )
        refuse_inapplicable(options, applicable=self.APPLICABLE_OPTIONS, format_name="JSON")
        super().__init__()
        self._kinds: dict[int, Counter[str]] = defaultdict(Counter)

        def open_reader() -> closing[JsonReader]:
            return closing(
                JsonReader(
                    path, encoding, value_characters=record_characters, is_cut_off=is_cut_off
                )
            )

        with open_reader() as reader:
            layout = choose_layout(
                reader,
                is_lines=path.suffix.lower() in _LINES_SUFFIXES,
                is_cut_off=is_cut_off,
            )
        with open_reader() as reader:
            records = JsonRecords(
                reader,
                layout,
                header_row=options.header_row,
                pads_ragged=options.pads_ragged,
                is_cut_off=is_cut_off,
                limits=limits,
            )
            self._write_to_spool(records, lambda: advance(reader.fraction_read))
        if not records.names:
            raise EmptyFile("The file holds no records, so it has no columns.")
        for name in records.names:
            _refuse_broken_text(name, "The name of a column")
            if "\0" in name:
                raise NulCharacter("The name of a column contains the NUL character.")
        self._describe(
            records.names,
            row_count=records.number,
            facts=_facts(records, encoding),
            trims_names=options.trims,
        )
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


def _facts(records: JsonRecords, encoding: Encoding) -> dict[str, Any]:
    """Return what the ingest report says of the file."""
    layout = records.layout
    guesses: dict[str, Guess[Any]] = {
        "encoding": encoding.guess,
        "layout": Guess(value=layout.name, certainty=layout.certainty, why=layout.why),
    }
    if layout.name == "values":
        guesses["header_row"] = records.header_guess
    return {
        "format": "json",
        "layout": layout.name,
        "table_at": list(layout.path),
        "left_out": list(layout.left_out),
        "index_left_out": records.leaves_index_out,
        **encoding.facts(),
        "guesses": {name: guess.as_json() for name, guess in guesses.items()},
    }


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
        text = as_json(value)
    except RecursionError as error:
        raise BrokenJson(
            f"The file cannot be read as JSON: record {record_number:,} is nested too deeply."
        ) from error
    _refuse_broken_text(text, f"A text in record {record_number:,}")
    return Kind.NESTED + text


def _refuse_broken_text(text: str, description: str) -> None:
    """Raise `BrokenText` for half of a surrogate pair."""
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise BrokenText(
            f"{description} contains half of a surrogate pair (\\u{ord(text[error.start]):04x}), "
            "which is not a character."
        ) from error
