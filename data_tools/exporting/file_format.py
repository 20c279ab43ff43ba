"""The formats of an export, and a session's rows in each."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from enum import Enum

import pyarrow as pa

from data_tools.exporting import csv_texts, sheet_limits
from data_tools.exporting.arrow_rows import array_slices, plain_parts
from data_tools.exporting.csv_form import CsvForm
from data_tools.exporting.json_lines import json_lines
from data_tools.exporting.parquet_pieces import parquet_pieces
from data_tools.exporting.workbook_pieces import workbook_pieces
from data_tools.filtering import EVERYTHING, Selection
from data_tools.rows.session_rows import SessionRows
from data_tools.rows.slices import datetime_spellings, selected_rows, text_bytes
from session_events.events import Column

_Slice = list[pa.Array]


class FileFormat(Enum):
    """A format by its name in a request, which is also the file's extension."""

    CSV = "csv", "text/csv; charset=utf-8"
    PARQUET = "parquet", "application/vnd.apache.parquet"
    JSONL = "jsonl", "application/jsonl; charset=utf-8"
    XLSX = "xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

    def __init__(self, extension: str, media_type: str) -> None:
        self.extension = extension
        self.media_type = media_type

    @classmethod
    def named(cls, extension: str) -> FileFormat:
        return next(file_format for file_format in cls if file_format.extension == extension)


def pieces(
    rows: SessionRows,
    file_format: FileFormat,
    *,
    csv_form: CsvForm | None = None,
    integers_as_text: bool = False,
    selection: Selection = EVERYTHING,
) -> Iterator[bytes]:
    """Yield the file in pieces of some megabytes at most, reading the rows along the way.

    The first rows are read before this returns, so that most failures happen here. `csv_form`
    matters only to CSV, `integers_as_text` only to JSON Lines: see Note [Integers as text] in
    `json_answers`.

    Raises:
        ExportDoesNotFit: the format, or the encoding, cannot hold the rows.
        RowsGone: not all rows were there; also after some pieces.
    """
    columns = rows.columns
    match file_format:
        case FileFormat.CSV:
            form = csv_form or CsvForm()
            if not form.holds_everything:
                form.require_encodable(array_slices(rows, selection), columns)
            return form.encoded(_csv(_begun(rows, selection), columns, form))
        case FileFormat.XLSX:
            return _workbook(rows, selection)
        case FileFormat.PARQUET:
            slices = _begun(rows, selection)
            return parquet_pieces(slices, columns, datetime_spellings(rows))
        case FileFormat.JSONL:
            return json_lines(_begun(rows, selection), columns, integers_as_text=integers_as_text)


def _begun(rows: SessionRows, selection: Selection) -> Iterator[_Slice]:
    """Return the slices, of which the first was read already."""
    slices = array_slices(rows, selection)
    return itertools.chain(iter(list(itertools.islice(slices, 1))), slices)


def _csv(slices: Iterator[_Slice], columns: Sequence[Column], form: CsvForm) -> Iterator[bytes]:
    yield csv_texts.header(columns, form)
    for arrays in slices:
        yield from csv_texts.records(arrays, columns, form)
        del arrays


def _workbook(rows: SessionRows, selection: Selection) -> Iterator[bytes]:
    columns, row_count = rows.columns, selected_rows(rows, selection)
    sheet_limits.require_size(row_count, columns)
    longest, all_text_bytes = text_bytes(rows)
    if longest > sheet_limits.LONGEST_TEXT:  # perhaps in a row that is not selected
        sheet_limits.require_short_texts(plain_parts(array_slices(rows, selection)), columns)
    return workbook_pieces(
        plain_parts(_begun(rows, selection)),
        columns,
        row_count=row_count,
        is_large=sheet_limits.is_large(row_count, columns, all_text_bytes=all_text_bytes),
    )
