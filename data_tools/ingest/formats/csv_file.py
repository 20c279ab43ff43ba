"""A CSV file as a stream of record batches, with every column as text.

# Note [Open quote]
Arrow's CSV reader takes a quote that is never closed, up to the end of the file, for a value. Only
its own rules tell whether a quote was open there: a quote inside a bare value opens nothing, and
text may follow a closing quote. So it gets one more record after the file's end. If that record
comes back as the last row, no quote was open, and the row is removed again; otherwise a quote
swallowed it.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
from pyarrow import csv as arrow_csv

from data_tools.ingest.encoding import Encoding
from data_tools.ingest.exceptions import BrokenQuoting, RaggedLines, RecordTooLong
from data_tools.ingest.formats.column_names import renamed_columns, unique_names
from data_tools.ingest.formats.csv_dialect import detect_dialect
from data_tools.ingest.formats.utf8_stream import Utf8Stream
from data_tools.ingest.limits import Limits
from data_tools.ingest.table import refuse_nul
from data_tools.ingest.typed_columns.inferred_column import InferredColumn

_MOST_REPORTED_LINES = 5
# Each field of the record that is added at the end. See Note [Open quote]
_END_FIELD = "end"


class CsvFile:
    """A CSV file in any encoding; it can be read any number of times.

    Blank lines hold no record, except in a file of one column, where they are missing values.
    """

    def __init__(
        self, path: Path, encoding: Encoding, *, record_bytes: int, limits: Limits
    ) -> None:
        """`record_bytes` is the longest record that can be read; reading takes some ten times as
        much memory.

        Raises:
            TooManyColumns: the header has more fields than `limits` allow.
            EmptyFile, NulCharacter, RecordTooLong: see `detect_dialect`.
        """
        self._path = path
        self._encoding = encoding
        self._record_bytes = record_bytes
        self._dialect = detect_dialect(path, encoding=encoding.name)
        limits.refuse_columns(len(self._dialect.written_names))
        self.names = unique_names(self._dialect.written_names)
        self.columns = [InferredColumn(name) for name in self.names]
        self._stream: Utf8Stream | None = None

    @property
    def fraction_read(self) -> float:
        """How much of the file the current pass has read."""
        return self._stream.fraction_read if self._stream else 0.0

    def batches(self) -> Iterator[pa.RecordBatch]:
        """Yield the file's rows in order, from the first, as batches of strings.

        Raises:
            RecordTooLong: a record is longer than `record_bytes`.
            NulCharacter: a text contains one.
            RaggedLines: records with too few or too many fields, after the whole file was read.
            BrokenQuoting: a quote is never closed, after the whole file was read.
        """
        ragged_count = 0

        def skip_ragged(row: arrow_csv.InvalidRow) -> str:
            nonlocal ragged_count
            ragged_count += 1
            return "skip"

        last_batch: pa.RecordBatch | None = None
        row_count = 0
        with self._path.open("rb") as raw:
            self._stream = Utf8Stream(
                raw,
                self._encoding.name,
                self._path.stat().st_size,
                last_line=self._dialect.delimiter.join([_END_FIELD] * len(self.names)).encode(),
            )
            try:
                with self._open(skip_ragged) as reader:
                    for batch in reader:
                        if self._stream.saw_nul:
                            for name, texts in zip(self.names, batch.columns, strict=True):
                                refuse_nul(texts, column=name, rows_before=row_count)
                        row_count += len(batch)
                        if not len(batch):
                            continue
                        if last_batch is not None:
                            yield last_batch
                        last_batch = batch
            except pa.ArrowInvalid as error:
                if "straddling" in str(error):
                    raise RecordTooLong(
                        f"The record after row {row_count:,}, or one shortly after it, is longer "
                        f"than {self._record_bytes >> 20} MiB. Perhaps a quotation mark is opened "
                        "and never closed."
                    ) from error
                raise
        if ragged_count:
            raise self._ragged_lines(ragged_count)
        if last_batch is None or not _ends_with_added_record(last_batch):
            raise BrokenQuoting
        if len(last_batch) > 1:
            yield last_batch.slice(0, len(last_batch) - 1)

    def _open(self, skip_ragged: Any) -> arrow_csv.CSVStreamingReader:
        width = len(self.names)
        positions = [str(position) for position in range(width)]
        return arrow_csv.open_csv(
            self._stream,
            read_options=arrow_csv.ReadOptions(
                column_names=positions,
                skip_rows=self._dialect.blank_lines_before_header,
                skip_rows_after_names=1,
                block_size=self._record_bytes,
            ),
            parse_options=arrow_csv.ParseOptions(
                delimiter=self._dialect.delimiter,
                newlines_in_values=True,
                ignore_empty_lines=width > 1,
                invalid_row_handler=skip_ragged,
            ),
            convert_options=arrow_csv.ConvertOptions(
                column_types=dict.fromkeys(positions, pa.string()),
                null_values=[""],
                strings_can_be_null=True,
                quoted_strings_can_be_null=False,
            ),
        )

    def _ragged_lines(self, count: int) -> RaggedLines:
        expected = len(self.names)
        first = self._first_ragged(expected)
        listed = "; ".join(f"line {line['line']} has {line['found']}" for line in first)
        lines = "line does" if count == 1 else "lines do"
        return RaggedLines(
            f"{count:,} {lines} not have the {expected} {'field' if expected == 1 else 'fields'} "
            f"of the header: {listed}{'; …' if count > len(first) else ''}.",
            report={"ragged_lines": {"count": count, "first": first}},
        )

    def _first_ragged(self, expected: int) -> list[dict[str, int]]:
        """Find the first ragged records in the file again: Arrow's reader counts no lines."""
        ragged: list[dict[str, int]] = []
        with self._path.open(encoding=self._encoding.name, newline="") as file:
            reader = csv.reader(file, delimiter=self._dialect.delimiter)
            line = 1
            for record in reader:
                if record and len(record) != expected:
                    ragged.append({"line": line, "found": len(record), "expected": expected})
                    if len(ragged) == _MOST_REPORTED_LINES:
                        break
                line = reader.line_num + 1
        return ragged

    def facts(self) -> dict[str, Any]:
        """Return what the ingest report says of the file as a whole."""
        return {
            "format": "csv",
            "encoding": self._encoding.name,
            "encoding_known_by": self._encoding.known_by,
            "delimiter": self._dialect.delimiter,
            "renamed_columns": renamed_columns(self._dialect.written_names, self.names),
        }


def _ends_with_added_record(batch: pa.RecordBatch) -> bool:
    """See Note [Open quote]."""
    return set(batch.slice(len(batch) - 1).to_pylist()[0].values()) == {_END_FIELD}
