"""A CSV file as a stream of record batches, every column text.

# Note [Open quote]
The fast reader takes a quote that is never closed to the end of the file for a value. Only its own
rules tell whether one was open there: a quote inside a bare value opens nothing, and text may
follow a closing one. So it is asked: it gets one more record after the file's end. If that comes
back as the last row, nothing was open, and it is taken away again; otherwise a quote swallowed it.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv as arrow_csv

from data_tools.ingest.csv_layout import read_layout, unique_names
from data_tools.ingest.encoding import Encoding
from data_tools.ingest.exceptions import (
    BrokenQuoting,
    NulCharacter,
    RaggedLines,
    RecordTooLong,
)
from data_tools.ingest.inferred_column import InferredColumn
from data_tools.ingest.limits import Limits
from data_tools.ingest.renamed_columns import renamed_columns
from data_tools.ingest.utf8_stream import Utf8Stream

_NAMED_RAGGED_LINES = 5
# See Note [Open quote]
_END = "end"


class CsvFile:
    """A CSV file in any encoding; it may be read any number of times.

    Blank lines hold no record, except in a file of one column, where they are missing values.
    """

    format = "csv"

    def __init__(
        self, path: Path, encoding: Encoding, *, record_bytes: int, limits: Limits
    ) -> None:
        """`record_bytes` is the longest record that can be read; some ten times as much memory is
        taken. Raises `TooManyColumns`."""
        self._path = path
        self._encoding = encoding
        self._record_bytes = record_bytes
        self._layout = read_layout(path, encoding=encoding.name)
        limits.refuse_columns(len(self._layout.written_names))
        self.names = unique_names(self._layout.written_names)
        self.columns = [InferredColumn(name) for name in self.names]
        self._stream: Utf8Stream | None = None

    @property
    def fraction_read(self) -> float:
        """How much of the file the reading under way has read."""
        return self._stream.fraction_read if self._stream else 0.0

    def batches(self) -> Iterator[pa.RecordBatch]:
        """The file's rows in order, from its first, as batches of strings.

        Raises, once the whole file was read, `RaggedLines` or `BrokenQuoting`; at once
        `RecordTooLong` and `NulCharacter`.
        """
        ragged = 0

        def note_ragged(row: arrow_csv.InvalidRow) -> str:
            nonlocal ragged
            ragged += 1
            return "skip"

        held: pa.RecordBatch | None = None
        rows = 0
        with self._path.open("rb") as raw:
            self._stream = Utf8Stream(
                raw,
                self._encoding.name,
                self._path.stat().st_size,
                last_line=self._layout.delimiter.join([_END] * len(self.names)).encode(),
            )
            try:
                with self._open(note_ragged) as reader:
                    for batch in reader:
                        self._refuse_nul(batch, rows)
                        rows += len(batch)
                        if held is not None and len(batch):
                            yield held
                        held = batch if len(batch) else held
            except pa.ArrowInvalid as error:
                if "straddling" in str(error):
                    raise RecordTooLong(
                        f"The record after row {rows:,}, or one soon after it, is longer than "
                        f"{self._record_bytes >> 20} MiB; perhaps a quotation mark is opened and "
                        "never closed."
                    ) from error
                raise
        if ragged:
            raise self._ragged_lines(ragged)
        if held is None or set(held.slice(len(held) - 1).to_pylist()[0].values()) != {_END}:
            raise BrokenQuoting
        if len(held) > 1:
            yield held.slice(0, len(held) - 1)

    def _open(self, note_ragged: Any) -> arrow_csv.CSVStreamingReader:
        width = len(self.names)
        positions = [str(position) for position in range(width)]
        return arrow_csv.open_csv(
            self._stream,
            read_options=arrow_csv.ReadOptions(
                column_names=positions,
                skip_rows=self._layout.blank_lines_before_header,
                skip_rows_after_names=1,
                block_size=self._record_bytes,
            ),
            parse_options=arrow_csv.ParseOptions(
                delimiter=self._layout.delimiter,
                newlines_in_values=True,
                ignore_empty_lines=width > 1,
                invalid_row_handler=note_ragged,
            ),
            convert_options=arrow_csv.ConvertOptions(
                column_types=dict.fromkeys(positions, pa.string()),
                null_values=[""],
                strings_can_be_null=True,
                quoted_strings_can_be_null=False,
            ),
        )

    def _refuse_nul(self, batch: pa.RecordBatch, rows_before: int) -> None:
        assert self._stream
        if not self._stream.saw_nul:
            return
        for name, values in zip(self.names, batch.columns, strict=True):
            index = pc.index(pc.match_substring(values, "\0"), True).as_py()
            if index >= 0:
                raise NulCharacter(
                    f"The text in row {rows_before + index + 1} of column “{name}” contains the "
                    "NUL character, which the database cannot store."
                )

    def _ragged_lines(self, count: int) -> RaggedLines:
        expected = len(self.names)
        first = self._first_ragged(expected)
        named = "; ".join(f"line {line} has {found}" for line, found in first)
        lines = "line does" if count == 1 else "lines do"
        fields = "field" if expected == 1 else "fields"
        return RaggedLines(
            f"{count:,} {lines} not have the {expected} {fields} of the header: {named}"
            f"{'; …' if count > len(first) else ''}.",
            report={
                "ragged_lines": {
                    "count": count,
                    "first": [
                        {"line": line, "found": found, "expected": expected}
                        for line, found in first
                    ],
                }
            },
        )

    def _first_ragged(self, expected: int) -> list[tuple[int, int]]:
        """Line and field count of the first ragged records. The fast reader counts no lines."""
        found: list[tuple[int, int]] = []
        with self._path.open(encoding=self._encoding.name, newline="") as file:
            reader = csv.reader(file, delimiter=self._layout.delimiter)
            line = 1
            for record in reader:
                if record and len(record) != expected:
                    found.append((line, len(record)))
                    if len(found) == _NAMED_RAGGED_LINES:
                        break
                line = reader.line_num + 1
        return found

    def facts(self) -> dict[str, Any]:
        """What the report says of the file as a whole."""
        return {
            "format": self.format,
            "encoding": self._encoding.name,
            "encoding_known_by": self._encoding.known_by,
            "delimiter": self._layout.delimiter,
            "renamed_columns": renamed_columns(self._layout.written_names, self.names),
        }
