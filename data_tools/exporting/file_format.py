"""The formats of an export, and a session's rows in each."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from enum import Enum

import orjson
import pyarrow as pa
import pyarrow.compute as pc

from data_tools.exporting import csv_texts
from data_tools.exporting.arrow_rows import arrays_of, json_arrays
from data_tools.exporting.parquet_pieces import parquet_pieces
from data_tools.filtering import EVERYTHING, Selection
from data_tools.ingest.stored_rows.fingerprint import bytes_of
from data_tools.rows.session_rows import SessionRows
from data_tools.rows.slices import datetime_spellings, json_slices
from session_events.events import Column

_Slice = list[pa.Array]


class FileFormat(Enum):
    """A format by its name in a request, which is also the file's extension."""

    CSV = "csv", "text/csv; charset=utf-8"
    PARQUET = "parquet", "application/vnd.apache.parquet"
    JSONL = "jsonl", "application/jsonl; charset=utf-8"

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
    escape_formulas: bool,
    selection: Selection = EVERYTHING,
) -> Iterator[bytes]:
    """Yield the file in pieces of some megabytes at most, reading the rows along the way.

    The first rows are read before this returns, so that most failures happen here.
    `escape_formulas` matters only to CSV: see Note [Formulas in CSV] in `csv_texts`.

    Raises:
        RowsGone: not all rows were there; also after some pieces.
    """
    columns = rows.columns
    slices: Iterator[_Slice] = (arrays_of(texts, columns) for texts in json_slices(rows, selection))
    slices = itertools.chain(list(itertools.islice(slices, 1)), slices)
    match file_format:
        case FileFormat.CSV:
            return _csv(slices, columns, escape_formulas)
        case FileFormat.PARQUET:
            return parquet_pieces(slices, columns, datetime_spellings(rows))
        case FileFormat.JSONL:
            return _json_lines(slices, columns)


def _csv(
    slices: Iterator[_Slice], columns: Sequence[Column], escape_formulas: bool
) -> Iterator[bytes]:
    yield csv_texts.header(columns, escape_formulas=escape_formulas)
    for arrays in slices:
        yield csv_texts.records(arrays, columns, escape_formulas=escape_formulas)


def _json_lines(slices: Iterator[_Slice], columns: Sequence[Column]) -> Iterator[bytes]:
    """Yield one object per line; its keys are the columns' names, in order."""
    keys = [f"{orjson.dumps(column.name).decode()}:" for column in columns]
    for arrays in slices:
        cells = [
            pc.binary_join_element_wise(
                key, values, "", null_handling="replace", null_replacement="null"
            )
            for key, values in zip(keys, json_arrays(arrays, columns), strict=True)
        ]
        members = pc.binary_join_element_wise(*cells, ",")
        yield bytes(bytes_of(pc.binary_join_element_wise("{", members, "}\n", "")))
